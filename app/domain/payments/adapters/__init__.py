"""Vendors of payment behind the port ``CardGateway``; each knows nothing of the database."""
