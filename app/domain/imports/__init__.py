"""Lists brought in and out by the thousand: receipts, counts, prices; dry run first."""
