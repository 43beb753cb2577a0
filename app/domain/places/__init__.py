"""Provinces down to villages with their postcodes, by the official codes of the home ministry."""
