"""cli of mpnb."""
