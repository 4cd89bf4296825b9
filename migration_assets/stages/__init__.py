"""The three stages that a partition goes through, whatever is moved."""
