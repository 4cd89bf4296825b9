"""Waves that come as messages of a queue: each has one effect, and what cannot be read is not lost."""

from migration_assets.waves.messages.deliver import QUEUE, Delivered, delivered

__all__ = ["QUEUE", "Delivered", "delivered"]
