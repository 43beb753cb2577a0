"""The till of a gallery: counter sales from the same stock as the shop, receipts, undo."""
