"""Tables of till."""
