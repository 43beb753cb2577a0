"""Picture libraries behind the port."""
