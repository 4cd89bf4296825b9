"""Estimate: how many rows and bytes there are, and how long they take, by a sample taken through."""
