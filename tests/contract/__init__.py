"""What every mechanism promises."""
