"""Comparisons with recorded facts: parameters, errors, answers, worked cases, reference numbers."""
