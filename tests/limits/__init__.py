"""Published models as limits of the person kernel: its coefficients set by hand, nothing of it replaced."""
