"""Search: find goods and UPT by Indonesian words; the index is disposable, the database is right."""
