"""What a store really does, found out with one canary; a source is only read."""
