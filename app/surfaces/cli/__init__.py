"""Command line: one group for each package; a command parses, opens a unit of work, prints."""
