"""A second engine for tests: plain loops over event dicts, written from the rules, slow on purpose."""
