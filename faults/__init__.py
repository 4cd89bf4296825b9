"""The fault suite: moves rows while everything around it dies, and reads both databases itself."""
