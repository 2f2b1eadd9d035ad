"""Scenarios: what a person writes, resolved into what the machine runs."""
