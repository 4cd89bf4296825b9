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
        found = {each.slug: each for each in self._between(lower, upper)}
        flying = {slug for slug, each in found.items() if each.flying}
        waited, gap = 0.0, FIRST_LOOK
        while flying and waited < SETTLE:
            time.sleep(gap)
            waited, gap = waited + gap, 2 * gap
            found |= newest(self._client, flying, min(found[slug].uploaded for slug in flying))
            flying = {slug for slug in flying if found[slug].flying}
        # of several of one path (only other formats' can be) the newest counts
        done = (each for each in reversed(found.values()) if each.done)
        by_path = {there.key: there for each in done for there in each.theres}
        for path in sorted(by_path):
            yield by_path[path]

    def move(self, decisions: Iterable[Decision], source: Source, pace: Pace) -> Iterator[Moved]:
        sender = Sender(self._client, self._uploads, source)
        yield from Move(self._client, sender, pace.workers).run(decisions)

    def undo(self, moved: Iterable[Moved]) -> Iterator[Undone]:
        yield from undo(self._client, moved)

    def tidy(self, lower: str | None = None, upper: str | None = None) -> int:
        """Deletes packages that were made with this key and failed to be synchronised."""
        failed = [each for each in self._between(lower, upper) if each.failed]
        if not failed:
            return 0
        mine = [each.slug for each in failed if self._client.me and each.uploader == self._client.me]
        return len(mine) - len(clearing.delete(self._client, mine))

    def _between(self, lower: str | None, upper: str | None) -> Iterator[Listed]:
        """Paths of other formats are no keys: they are in every range."""
        seen: set[str] = set()
        for page in pages(self._client):
            for each in page:
                inside = (lower is None or lower <= each.path) and (upper is None or each.path < upper)
                if (inside or each.format != "generic") and each.slug not in seen:
                    seen.add(each.slug)
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
