"""What an S3 server can do to a copy on a bad day, done by chance; then both sides are read."""
