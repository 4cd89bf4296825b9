"""Who owns a contract: `team:<name>` and plain e-mail addresses, all else left out."""

import re
from typing import Any

from migration_assets.contracts import nodes

_MAIL = re.compile(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+\.[A-Za-z]{2,}")


def owners(team: Any) -> tuple[str, ...]:
    """The team by its name, and those of its members who have a mail address and have not left."""
    found: list[str] = []
    listed = nodes.node({"members": team}) if isinstance(team, list) else nodes.node(team)
    name = nodes.text(listed, "name").strip()
    if name:
        found.append(f"team:{name}")
    for _, member in nodes.children(listed, (), "members"):
        if "dateOut" in member:
            continue
        for said in (nodes.text(member, "username"), nodes.text(member, "name")):
            if _MAIL.fullmatch(said.strip()):
                found.append(said.strip())
            elif said.startswith("team:") and len(said) > len("team:"):
                found.append(said)
    return tuple(dict.fromkeys(found))
