"""chart of mpnb."""
