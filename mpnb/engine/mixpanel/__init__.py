"""mixpanel of mpnb."""
