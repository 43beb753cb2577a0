"""The staff side under /meja: what each role sees and does."""
