"""The doors: shop pages, staff desk, command line. They parse, open the transaction, and answer."""
