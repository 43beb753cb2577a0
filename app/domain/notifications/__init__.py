"""Letters to buyers about their orders: which, when, in which words, sent once."""
