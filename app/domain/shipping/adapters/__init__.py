"""Rate tables in CSV and XLSX turned into plain rows."""
