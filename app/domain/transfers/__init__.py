"""Goods on the way: to another UPT and to fairs, in both ledgers, settled to the last piece."""
