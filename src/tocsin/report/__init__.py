"""Figures, tables and the one-file HTML report, from stored runs; it never runs anything."""
