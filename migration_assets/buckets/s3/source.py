"""S3 as the source: listed, read at one version, never written."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from migration_assets.buckets.model import Attributes, Found
from migration_assets.buckets.places import Capabilities
from migration_assets.buckets.s3.answer import Answer
from migration_assets.buckets.s3.attributes import attributes_of, tag_count, tags_of
from migration_assets.buckets.s3.flow import Waits
from migration_assets.buckets.s3.grants import grants_of
from migration_assets.buckets.s3.keeping import RESERVED
from migration_assets.buckets.s3.layout import layout
from migration_assets.buckets.s3.listing import listed
from migration_assets.buckets.s3.probe.capabilities import source_capabilities
from migration_assets.buckets.s3.store import Conflict, Missing, Store
from migration_assets.errors import Passing, SourceChanged


@dataclass
class S3Opened:
    """An object that is being read, at one version."""

    found: Found
    attributes: Attributes
    _answer: Answer

    @property
    def length(self) -> int:
        return self._answer.length or 0

    @property
    def headers(self) -> dict[str, str]:
        return self._answer.headers

    def pieces(self, size: int) -> Iterator[bytes]:
        yield from self._answer.pieces(size)  # type: ignore[misc]  # bytes, or what can be written likewise


class S3Source:
    def __init__(
        self, store: Store, prefix: str, known: Capabilities | None = None, *, acl: bool = False
    ) -> None:
        self.store, self.prefix = store, prefix
        self._acl = acl
        self._known = known
        self._tells_parts = True

    @property
    def shown(self) -> str:
        return self.store.shown

    def capabilities(self) -> Capabilities:
        if self._known is None:
            self._known = source_capabilities(self.store, self.prefix)
        return self._known

    def listed(
        self, lower: str | None = None, upper: str | None = None, *, versions: bool = False
    ) -> Iterator[Found]:
        """All but what lies under the reserved prefix: a target's of an earlier migration."""
        reserved = self.prefix + RESERVED
        for each in listed(self.store, self.prefix, lower, upper, versions=versions):
            if not each.key.startswith(reserved):
                yield each

    def attributes(self, found: Found) -> Attributes:
        """By HEAD, tags and layout too."""
        waits = Waits()
        while True:
            try:
                answer = self._ask("HEAD", found, {})
                break
            except Passing as error:
                waits.wait(error)
        parts = layout(self.store, found, self._tells_parts)
        # a store that does not tell is not asked for every object
        self._tells_parts = self._tells_parts and parts is not None
        return self._with_acl(
            found, replace(attributes_of(answer.headers), tags=self._tags(found, answer), parts=parts or ())
        )

    @contextmanager
    def open(self, found: Found, first: int = 0, last: int | None = None) -> Generator[S3Opened]:
        """One request; with the first byte its attributes, tags too."""
        ranged = first > 0 or (last is not None and last < found.size - 1)
        end = found.size - 1 if last is None else last
        headers = {"range": f"bytes={first}-{end}"} if ranged else {}
        self.store.throttle(0, end - first + 1)
        answer = self._ask("GET", found, headers)
        try:
            self._judge(answer, end - first + 1 if ranged else found.size, first if ranged else None)
            attributes = attributes_of(answer.headers) if first == 0 else Attributes()
            if first == 0 and tag_count(answer.headers):
                attributes = replace(attributes, tags=self._tags(found, answer))
            if first == 0:
                attributes = self._with_acl(found, attributes)
            yield S3Opened(found, attributes, answer)
        finally:
            answer.close()

    def _ask(self, method: str, found: Found, headers: dict[str, str]) -> Answer:
        asked = {"x-amz-checksum-mode": "ENABLED", "accept-encoding": "identity", **headers}
        query = [("versionId", found.version)] if found.version else []
        if not found.version and found.etag:
            asked["if-match"] = f'"{found.etag}"'
        try:
            answer = self.store.ask(method, found.key, query, asked)
        except (Conflict, Missing):
            raise _changed(self.shown) from None
        etag = answer.headers.get("etag", "").strip('"')
        if found.etag and etag and etag != found.etag:
            # not every server looks at If-Match
            answer.close()
            raise _changed(self.shown)
        return answer

    def _judge(self, answer: Answer, length: int, first: int | None) -> None:
        """Not every server looks at a range; some say 200 of a part."""
        if answer.length is not None and answer.length != length:
            raise _changed(self.shown)
        if first is not None and not answer.headers.get("content-range", "").startswith(f"bytes {first}-"):
            raise Passing(
                f"{self.shown} gave another part of the object than was asked for.",
                advice="Run the same command again.",
                cause="storage",
            )

    def _with_acl(self, found: Found, attributes: Attributes) -> Attributes:
        if not self._acl:
            return attributes
        return replace(attributes, acl=grants_of(self.store, found.key, found.version)[0])

    def _tags(self, found: Found, answer: Answer) -> tuple[tuple[str, str], ...]:
        return tags_of(self.store, found.key, found.version) if tag_count(answer.headers) else ()


def _changed(shown: str) -> SourceChanged:
    return SourceChanged(
        f"An object of {shown} is not what its inventory says any more.", advice="Run the same command again."
    )
