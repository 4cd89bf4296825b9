"""A catalog in, contracts out: what a person would have written, or has only to correct."""
