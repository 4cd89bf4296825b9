"""Faults of one contract by itself that no schema can tell."""

import re
from collections.abc import Iterator

from migration_assets.contracts import options, partitioning, scheduling
from migration_assets.contracts.conditions import unknown_columns
from migration_assets.contracts.findings import Note, cut, meant
from migration_assets.contracts.model import Contract
from migration_assets.contracts.odcs import Draft
from migration_assets.contracts.yaml_text import Path

#: bytes; PostgreSQL cuts a longer name without a word
IDENTIFIER_LIMIT = 63
_HOOK = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def judge(draft: Draft, note: Note) -> None:
    """Notes everything in which the contract contradicts itself, or PostgreSQL."""
    contract, path = draft.contract, draft.migration
    if contract.bucket is not None:
        # the rest of it was judged while it was read
        scheduling.judge(contract, path, note)
        return
    _ends(contract, path, note)
    _names(draft, note)
    _columns(draft, note)
    partitioning.judge(contract, (*path, "partitions"), note)
    scheduling.judge(contract, path, note)
    if contract.load_mode == "upsert" and not contract.primary_key:
        note((*path, "load", "mode"), "upsert needs a primary key", "Say `primaryKey: true` on its columns.")
    if contract.hook is not None and not _HOOK.fullmatch(contract.hook):
        note(
            (*path, "transform"), f"`{cut(contract.hook)}` is no function", "Write `package.module:function`."
        )
    for name, condition in contract.checks.items():
        _condition(contract, condition, (*path, "checks", name), note)


def _ends(contract: Contract, path: Path, note: Note) -> None:
    if contract.source.variable == contract.target.variable:
        what = f"source and target are the same server, {contract.target.name}"
        note((*path, "target"), what, "Give each an entry of its own in `servers`, with names that differ.")


def _names(draft: Draft, note: Note) -> None:
    for name, path, in_target in _all_names(draft):
        if any(sign in name for sign in "\0\n\r"):
            note(path, "a name has a line break or a NUL in it", "Write it without.")
        if in_target and len(name.encode("utf-8", "surrogatepass")) > IDENTIFIER_LIMIT:
            what = f"`{cut(name)}` is longer than {IDENTIFIER_LIMIT} bytes, and PostgreSQL would cut it"
            note(
                path, what, "Give it a shorter `physicalName`." if path[:1] == ("schema",) else "Shorten it."
            )


def _all_names(draft: Draft) -> Iterator[tuple[str, Path, bool]]:
    """Each name, where it stands, and whether it is one in the target."""
    contract = draft.contract
    for name in (contract.target_table.schema, contract.target_table.name):
        yield name or "", draft.table, True
    for name in (contract.source_table.schema, contract.source_table.name):
        yield name or "", (*draft.migration, "from", "table"), False
    for column, path in zip(contract.columns, draft.columns, strict=True):
        yield column.name, path, True
        for source in column.sources:
            yield source, (*path, "transformSourceObjects"), False
    for name in contract.checks:
        yield name, (*draft.migration, "checks", name), True


def _columns(draft: Draft, note: Note) -> None:
    contract, seen = draft.contract, set[str]()
    for column, path in zip(contract.columns, draft.columns, strict=True):
        if column.name in seen:
            note(
                path, f"there are two columns `{cut(column.name)}`", "Give each a `physicalName` of its own."
            )
        seen.add(column.name)
        if column.expression is None and len(column.sources) > 1 and contract.hook is None:
            what = f"`{cut(column.name)}` is made from {len(column.sources)} columns, and nothing says how"
            note((*path, "transformSourceObjects"), what, "Say `transformLogic`.")
        options.judge(column, path, note)
        if column.check is not None:
            _condition(contract, column.check, path, note)


def _condition(contract: Contract, condition: str, path: Path, note: Note) -> None:
    known = [column.name for column in contract.columns]
    for name in unknown_columns(condition, known):
        note(path, f"the check names `{cut(name)}`, which is no column of the table", meant(name, known))
