from collections.abc import Iterator

import pytest

from migration_assets.buckets.places import Capabilities
from migration_assets_tests.buckets.s3.pair import Pair, pair_of


@pytest.fixture(scope="session")
def found(s3_server: str) -> Capabilities:
    """What a probe finds behind the proxies; it is the same for all buckets there."""
    with pair_of(s3_server) as made:
        return made.make().target().capabilities()


@pytest.fixture
def pair(s3_server: str, found: Capabilities) -> Iterator[Pair]:
    with pair_of(s3_server) as made:
        made.known = found
        yield made.make()
