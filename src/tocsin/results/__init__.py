"""Finished runs and where they are kept; opens without any kernel."""
