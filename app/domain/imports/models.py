"""Tables of imports."""
