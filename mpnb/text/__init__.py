"""text of mpnb."""
