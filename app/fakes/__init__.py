"""Stand-ins for vendors, spoken to over HTTP: for the demo and for tests, never in production."""
