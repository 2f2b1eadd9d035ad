"""Units: one function or one kernel at a time."""
