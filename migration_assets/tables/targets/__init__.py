"""Where a row ends: the target's tables, made or compared before the load and finished after it."""
