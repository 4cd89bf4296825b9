"""A Cloudsmith on this machine: what its official client and command line ask for, over HTTP, in memory.

What a request may hold is asked of the official client's own models, so that nothing of them is written here.
"""

from migration_assets_tests.buckets.cloudsmith.standin.server import StandIn, serving

__all__ = ["StandIn", "serving"]
