"""The public shop: pages that anybody may open, and the buyer's own."""
