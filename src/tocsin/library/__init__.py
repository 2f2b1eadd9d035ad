"""Shipped scenarios and data, each with its source; read through importlib.resources."""
