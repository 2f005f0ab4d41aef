"""magic of mpnb."""
