"""Goods on the way: to another UPT and to fairs, settled to the last piece in the ledger."""
