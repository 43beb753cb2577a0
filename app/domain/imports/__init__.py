"""Lists of goods in and out: receipts, counts and prices by the thousand, looked at before they act."""
