"""What is on offer: products, their variants, categories, published versions and the listing."""
