"""entity of mpnb."""
