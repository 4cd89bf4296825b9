"""A shop to try everything on: an old database, made on this machine, and its contracts."""
