"""Filling a local store: raw exports, tables and profiles in, a store's columns out."""

from mpnb.engine.duckdb.load.job import load
from mpnb.engine.duckdb.load.report import BadLine, LoadError, LoadReport, Problem

__all__ = ["BadLine", "LoadError", "LoadReport", "Problem", "load"]
