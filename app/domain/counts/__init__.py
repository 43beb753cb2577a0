"""The stock count (opname): sheets, blind counting, differences approved by a second person."""
