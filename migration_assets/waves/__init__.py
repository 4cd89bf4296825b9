"""Waves: which contracts and partitions move together, when, and after which others."""
