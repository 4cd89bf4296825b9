"""What was done, kept in the target, in the same transaction as the rows."""
