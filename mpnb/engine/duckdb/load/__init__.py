"""Filling a local store: raw exports, tables and profiles in, a store's columns out."""
