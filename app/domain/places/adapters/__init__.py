"""The place data that ships with the lokal package."""
