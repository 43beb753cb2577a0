"""Karyabina: the shop, catalogue and stock record of correctional workshops in Indonesia."""
