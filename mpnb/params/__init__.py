"""params of mpnb."""
