"""engine of mpnb."""
