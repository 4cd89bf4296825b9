"""The `migrate` command."""
