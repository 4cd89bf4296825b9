"""The way of a row: extract → transform → load → verify → rollback."""
