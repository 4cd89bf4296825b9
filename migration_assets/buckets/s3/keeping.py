"""Where what is overwritten is kept."""

import hashlib

from migration_assets.buckets.model import There

#: below the target's prefix; nothing else is ever kept there
RESERVED = ".migration-assets/"
VERSION = "version:"


def kept_at(reserved: str, there: There) -> str:
    """The key of the copy: any key's is short enough."""
    name = hashlib.sha256(there.key.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{reserved}kept/{name[:40]}-{there.etag}"
