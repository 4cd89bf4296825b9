"""A repository of Cloudsmith as the target of a bucket: each object becomes a package.

address → client (one budget of calls for all) → sending → settling → moving; `target.py` joins them.
"""

from migration_assets.buckets.cloudsmith.target import Cloudsmith, target_of

__all__ = ["Cloudsmith", "target_of"]
