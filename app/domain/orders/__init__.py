"""Orders: one group per purchase, one child order per UPT, and the states they move through."""
