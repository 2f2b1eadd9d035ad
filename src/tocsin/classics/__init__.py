"""The field's anchor models, each in a file with its source, and the ladder that reproduces them."""
