"""Where a partition waits between stages."""
