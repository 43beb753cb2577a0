"""Reference and demo data, and the loaders that put them into the tables."""
