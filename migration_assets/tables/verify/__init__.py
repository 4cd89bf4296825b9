"""Verify: whether the target is what the contract makes of the source, now."""
