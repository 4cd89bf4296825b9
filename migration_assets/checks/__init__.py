"""What must hold, as data, before anything runs it."""
