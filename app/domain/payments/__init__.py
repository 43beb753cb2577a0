"""Money for orders: rows that only grow, and everything else derived from them."""
