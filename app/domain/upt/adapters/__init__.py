"""Register files in CSV and XLSX turned into plain rows."""
