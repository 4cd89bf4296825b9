"""What will be done, in which order."""
