"""One package for each business capability; each has the same rooms (see docs/architecture.md)."""
