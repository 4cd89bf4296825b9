"""A repository of Cloudsmith, as a bucket's engine asks for it."""

import time
from collections.abc import Iterable, Iterator, Mapping

from migration_assets.buckets.cloudsmith import clearing
from migration_assets.buckets.cloudsmith.address import address_of
from migration_assets.buckets.cloudsmith.budget import Budget, budget_of
from migration_assets.buckets.cloudsmith.client import Client, Throttle
from migration_assets.buckets.cloudsmith.listing import Listed, newest, pages
from migration_assets.buckets.cloudsmith.moving import Move
from migration_assets.buckets.cloudsmith.probing import capabilities
from migration_assets.buckets.cloudsmith.sending import Sender
from migration_assets.buckets.cloudsmith.undoing import undo
from migration_assets.buckets.cloudsmith.uploading import Uploads
from migration_assets.buckets.model import Decision, Moved, There, Undone
from migration_assets.buckets.places import Capabilities, Pace, Source

#: seconds that packages of a run that ended are given to be synchronised before they count as not there
SETTLE, FIRST_LOOK = 60.0, 2.0


class Cloudsmith:
    """Implements `Target`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._uploads = Uploads(client)
        #: by path, packages that failed before this run began
        self._failed: dict[str, set[str]] = {}

    @property
    def shown(self) -> str:
        return str(self._client.address)

    @property
    def budget(self) -> Budget:
        """What calls were made, and how long they waited."""
        return self._client.budget

    def capabilities(self) -> Capabilities:
        """ConnectionRefused where there is no such repository."""
        return capabilities(self._client)

    def there(self, lower: str | None = None, upper: str | None = None) -> Iterator[There]:
        """Synchronised packages by path; those that a run left on their way are waited for a minute."""
        by_path: dict[str, There] = {}
        flying: dict[str, Listed] = {}
        for each in self._between(lower, upper):
            if each.flying:
                flying[each.slug] = each
            elif each.done:
                # of several of one path (only other formats' can be) the newest counts, which comes first
                for there in each.theres:
                    by_path.setdefault(there.key, there)
        waited, gap = 0.0, FIRST_LOOK
        while flying and waited < SETTLE:
            time.sleep(gap)
            waited, gap = waited + gap, 2 * gap
            now = newest(self._client, flying, min(each.uploaded for each in flying.values()))
            by_path |= {there.key: there for each in now.values() if each.done for there in each.theres}
            flying = {slug: each for slug, each in flying.items() if slug not in now or now[slug].flying}
        for path in sorted(by_path):
            yield by_path[path]

    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]:
        sender = Sender(self._client, self._uploads, source)
        leftovers: set[str] = set()
        yield from Move(self._client, sender, pace.workers).run(self._noting(decisions, leftovers))
        clearing.delete(self._client, leftovers)

    def _noting(self, decisions: Iterable[Decision], leftovers: set[str]) -> Iterator[Decision]:
        for each in decisions:
            leftovers |= self._failed.pop(each.target, set())
            yield each

    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]:
        yield from undo(self._client, moved)

    def tidy(self, lower: str | None = None, upper: str | None = None) -> int:
        """Notes packages that were made with this key and failed to be synchronised: of those that are to be
        moved now, they are the leftovers of dead runs, and deleted; others may be somebody's."""
        failed = {each.slug: each for each in self._between(lower, upper) if each.failed}
        for each in failed.values():
            if self._client.me and each.uploader == self._client.me:
                self._failed.setdefault(each.path, set()).add(each.slug)
        return sum(map(len, self._failed.values()))

    def _between(self, lower: str | None, upper: str | None) -> Iterator[Listed]:
        """Paths of other formats are no keys: they are in every range."""
        for page in pages(self._client):
            for each in page:
                inside = (lower is None or lower <= each.path) and (upper is None or each.path < upper)
                if inside or each.format != "generic":
                    yield each


def _unlimited(calls: int, size: int) -> None:
    """No limit but Cloudsmith's own."""


def target_of(
    url: str, environment: Mapping[str, str], name: str, *, throttle: Throttle = _unlimited
) -> Cloudsmith:
    """`cloudsmith://owner/repository`, with `<NAME>_API_KEY` and `<NAME>_ENDPOINT_URL` of the environment.

    ConnectionRefused where these do not lead anywhere; nothing is asked there yet.
    """
    address = address_of(url, environment, name)
    return Cloudsmith(Client(address, budget_of(address, environment), throttle))
