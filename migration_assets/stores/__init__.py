"""How databases are reached."""
