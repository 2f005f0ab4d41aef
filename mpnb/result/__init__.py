"""result of mpnb."""
