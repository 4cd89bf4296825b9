"""What people said of waves that move buckets: beside the records of buckets, in the staging place.

`_waves/decisions/decisions/<wave>.<what it moves>.<word>.<number>`; no contract has such a name.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from migration_assets.errors import StagingRefused
from migration_assets.ledger.decisions import Decision
from migration_assets.staging.place import Place, slug
from migration_assets.staging.root import staging_of

_SET = "decisions"


def keep(environment: Mapping[str, str], said: Decision) -> Decision:
    """What was said first under its number stands."""
    place, path = _place(environment), _path(said)
    if place.text(path) is None:
        place.put(path, json.dumps({**vars(said), "at": said.at.isoformat()}))
    return _read(place, path)


def kept(environment: Mapping[str, str]) -> list[Decision]:
    """All of them; StagingRefused where one is damaged."""
    place = _place(environment)
    return [_read(place, path) for path in place.files(_SET)]


def _place(environment: Mapping[str, str]) -> Place:
    return staging_of(environment).root.place("_waves", _SET)


def _path(said: Decision) -> str:
    return f"{_SET}/{slug(said.wave)}.{slug(said.digest)}.{said.word}.{said.number:06d}"


def _read(place: Place, path: str) -> Decision:
    try:
        found: dict[str, Any] = json.loads(place.text(path) or "")
        found["at"] = datetime.fromisoformat(found["at"])
        return Decision(**found)
    except (ValueError, KeyError, TypeError):
        raise StagingRefused(
            f"The decision {path} of the staging is damaged: nobody knows what was said of its wave.",
            advice="Put the file back from a copy, or remove it and say it again with `migrate wave`.",
        ) from None
