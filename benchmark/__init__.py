"""How fast rows move, beside the limit and beside what a user would take instead."""
