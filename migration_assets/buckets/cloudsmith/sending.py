"""One object, or several that belong together, into a package that waits to be synchronised."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from migration_assets.buckets.cloudsmith import clearing, making
from migration_assets.buckets.cloudsmith.asking import Uploaded
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.in_parts import abort
from migration_assets.buckets.cloudsmith.listing import Listed, one
from migration_assets.buckets.cloudsmith.reading import Etags, Reader
from migration_assets.buckets.cloudsmith.settling import Sent
from migration_assets.buckets.cloudsmith.together import PART, Together
from migration_assets.buckets.cloudsmith.uploading import Uploads
from migration_assets.buckets.model import Attributes, Decision, There
from migration_assets.buckets.places import Source
from migration_assets.errors import MigrationError, ProofFailed, TargetChanged

#: content types that say nothing
_NOTHING = frozenset({"", "binary/octet-stream", "application/octet-stream"})
#: bytes of a file's name that are sent
_LONGEST_NAME = 255


@dataclass
class Sender:
    """Sends objects of one source; safe to use from several threads."""

    client: Client
    uploads: Uploads
    source: Source
    etags: Etags = field(init=False)

    def __post_init__(self) -> None:
        self.etags = Etags(self.source)

    def send(self, group: Together) -> Sent:
        """One package; any error of the tree, and then nothing new is in the repository."""
        main, *others = group
        if PART in main.package:
            raise ProofFailed(
                "It is a part of a package whose own file is not moved with it.",
                advice="Say another `format` for it in the contract's `package`, or move the jar again, too.",
            )
        uploaded = [
            self.uploads.upload(Reader(self.source, each.found, self.etags), filename_of(each))
            for each in group
        ]
        format = main.format or "generic"
        data = {**_fields(main), "package_file": uploaded[0].identifier}
        data |= {each.package[PART]: up.identifier for each, up in zip(others, uploaded[1:], strict=True)}
        kept = self._made_room(format, [each.before for each in group if each.before])
        try:
            made, surely = making.make(
                self.client, format, data, main.target, uploaded[0].read.size, besides=kept
            )
        except MigrationError:
            for each in uploaded:
                if each.doubtful:
                    abort(self.client, each.identifier)
            if kept:
                clearing.restore(self.client, [kept])
            raise
        first, *rest = (_sent(each, up, made, kept, surely) for each, up in zip(group, uploaded, strict=True))
        return replace(first, others=tuple(rest))

    def _made_room(self, format: str, before: list[There]) -> str:
        """The slug of what is in the recycle bin now; TargetChanged where it is another package."""
        if not before:
            return ""
        slug = before[0].version
        there = one(self.client, slug)
        if there is None and clearing.binned(self.client, [slug]):
            # by a run that died before it made the new one
            return slug
        if (
            there is None
            or there.format != format
            or any(each.version != slug or each not in there.theres for each in before)
        ):
            raise TargetChanged(
                "The package that was to be overwritten is not what it was when this was decided.",
                advice="Run `migrate run` again.",
            )
        if clearing.delete(self.client, [slug]):
            raise TargetChanged(
                "The package that was to be overwritten could not be deleted.",
                advice="Look whether the key may delete packages.",
            )
        return slug


def _sent(decision: Decision, uploaded: Uploaded, made: Listed, kept: str, surely: bool) -> Sent:
    attributes = decision.attributes or uploaded.read.attributes
    return Sent(
        decision,
        made.slug,
        uploaded.read.size,
        uploaded.read.digests,
        uploaded.sent,
        time.monotonic(),
        uploaded.tried_after,
        dropped(attributes, _fields(decision)),
        kept,
        surely,
        made.uploaded,
    )


def _fields(decision: Decision) -> dict[str, str]:
    """What the format asks for, but the file itself; a generic package's path is the decision's."""
    fields = {name: value for name, value in decision.package.items() if value and name != PART}
    if (decision.format or "generic") == "generic":
        fields["filepath"] = decision.target
    return fields


def filename_of(decision: Decision) -> str:
    """The last part of the key; of a package, of its path."""
    name = decision.target.rstrip("/").rpartition("/")[2].encode()
    # its end says what it is
    return name[-_LONGEST_NAME:].decode("utf-8", "ignore") or "file"


def dropped(attributes: Attributes, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Names of what a package cannot hold."""
    found = [
        name
        for name, value in attributes.headers.items()
        if value and not (name == "content-type" and (value in _NOTHING or "content_type" in fields))
    ]
    found += [f"x-amz-meta-{name}" for name in attributes.metadata]
    found += [f"tag {name}" for name, _ in attributes.tags]
    found += [f"lock {name}" for name in attributes.lock]
    if attributes.storage_class not in ("", "STANDARD"):
        found.append("storage class")
    return tuple(found)
