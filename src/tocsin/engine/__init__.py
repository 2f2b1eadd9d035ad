"""The step: a printable plan, the tick loop, records, and the mean-field twin."""
