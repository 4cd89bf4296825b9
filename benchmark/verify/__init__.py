"""How fast two tables are compared: beside reading both of them at once, and beside reladiff."""
