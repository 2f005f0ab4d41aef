"""duckdb of mpnb."""
