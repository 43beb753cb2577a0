"""What heads, regional and national staff look at: figures over the ledgers, never a write to them."""
