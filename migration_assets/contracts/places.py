"""Where a bucket or a repository is, as its server says it: `s3://bucket/prefix`, `cloudsmith://owner/name`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from migration_assets.contracts.bucket_model import End, Store
from migration_assets.contracts.findings import Note, cut
from migration_assets.contracts.model import Server
from migration_assets.contracts.yaml_text import Path
from migration_assets.errors import ConnectionRefused

EXAMPLES: Mapping[Store, str] = {"s3": "s3://bucket/prefix", "cloudsmith": "cloudsmith://owner/repository"}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", re.IGNORECASE)
_SLUG = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Place:
    """A bucket, or a repository of an owner, and what all keys in it begin with."""

    store: Store
    #: names the environment's variables: `LEGACY` of `LEGACY_URL`, `LEGACY_ACCESS_KEY_ID`, …
    name: str
    #: the bucket, or `owner/repository`
    container: str
    #: of whole keys: the location's (with a slash at its end) and then the contract's, as it is written
    prefix: str = ""
    #: of the server, where the environment (`<NAME>_ENDPOINT_URL`) says nothing else; may be empty
    endpoint: str = ""

    @property
    def owner(self) -> str:
        return self.container.partition("/")[0]

    @property
    def repository(self) -> str:
        return self.container.partition("/")[2]

    def whole(self, key: str) -> str:
        """The key as the store has it, of what stands behind the prefix."""
        return self.prefix + key

    def behind(self, key: str) -> str:
        """What of a whole key stands behind the prefix."""
        return key[len(self.prefix) :] if key.startswith(self.prefix) else key

    def environment(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """With the contract's endpoint, where the environment names none for this side."""
        variable = f"{self.name}_ENDPOINT_URL"
        if not self.endpoint or environment.get(variable):
            return environment
        return {**environment, variable: self.endpoint}

    def __str__(self) -> str:
        scheme = "s3" if self.store == "s3" else "cloudsmith"
        return joined(f"{scheme}://{self.container}", self.prefix)


def place(end: End, environment: Mapping[str, str]) -> Place:
    """Where the side is: `<NAME>_URL`, or else what the contract's server says.

    ConnectionRefused for what names no such place."""
    server = end.server
    said = environment.get(server.variable, "").strip()
    found = read(end.store, said or server.location)
    if found is None:
        what = f"{server.variable} names no place of the kind {end.store}."
        if not said:
            what = f"There is no place for {server.name}: {server.variable} is not set."
        raise ConnectionRefused(
            what,
            advice=f"Write it as `{EXAMPLES[end.store]}`; keys and endpoint have variables of their own.",
        )
    container, prefix = found
    name = server.variable.removesuffix("_URL")
    return Place(end.store, name, container, prefix + end.prefix, server.endpoint)


def read(store: Store, location: str) -> tuple[str, str] | None:
    """Container and prefix of a location; None where it is none. A prefix ends in a slash."""
    scheme, _, rest = location.partition("://")
    if scheme != store:
        return None
    first, _, rest = rest.partition("/")
    if store == "s3":
        return (first, rest if not rest or rest.endswith("/") else f"{rest}/") if _is_bucket(first) else None
    repository = rest.rstrip("/")
    if not _SLUG.fullmatch(first) or not _SLUG.fullmatch(repository):
        return None
    return f"{first}/{repository}", ""


def store_of(server: Server, path: Path, note: Note) -> Store:
    """Of what kind the server's place is; notes what is none."""
    store: Store = "s3"
    if server.type == "custom":
        store = "cloudsmith"
    elif server.type != "s3":
        right = "Say `s3`, or `custom` with `location: cloudsmith://owner/repository`."
        note((*path, "type"), f"a `{cut(server.type)}` holds no objects", right)
        return store
    if server.location and read(store, server.location) is None:
        # what stands there may be a key of access, and is not repeated
        note((*path, "location"), "it is no place of objects", f"Write it as `{EXAMPLES[store]}`.")
    elif store == "cloudsmith" and not server.location:
        note((*path, "location"), "it is missing", f"Write it as `{EXAMPLES[store]}`.")
    return store


def joined(location: str, prefix: str) -> str:
    return f"{location.rstrip('/')}/{prefix}" if prefix else location


def _is_bucket(name: str) -> bool:
    return bool(_BUCKET.fullmatch(name))
