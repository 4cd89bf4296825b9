"""Pre-flight: what stands in the way of a migration, found before it begins; both sides are only read."""
