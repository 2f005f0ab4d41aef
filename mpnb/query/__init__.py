"""query of mpnb."""
