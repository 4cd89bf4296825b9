from collections.abc import Iterator

import pytest

from migration_assets.buckets.places import Capabilities
from migration_assets_tests.buckets.s3.pair import Pair, pair_of


@pytest.fixture(scope="session")
def known(s3_server: str) -> Capabilities:
    """What a probe finds behind the proxies; it is the same for all buckets there."""
    with pair_of(s3_server) as made:
        return made.make().target().capabilities()


@pytest.fixture
def pair(s3_server: str, known: Capabilities) -> Iterator[Pair]:
    with pair_of(s3_server) as made:
        made.known = known
        yield made.make()
