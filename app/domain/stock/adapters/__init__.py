"""The signing key and the open file of heads."""
