"""How fast objects move between two S3 servers of this machine, beside what a user would take instead."""
