"""What is moved in the trials: five tables, their contracts' plans, and what their rows have to become.

The rows that should arrive are said here a second time, by queries of the suite's own, which know
nothing of the engine: each side prints its rows as text, and the texts have to be the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CONTRACTS = Path(__file__).parent / "contracts"
#: every person whose number this divides may be missing or bad, so nobody visits as one of them
UNSTEADY = 17
#: a good day, as the old database writes days
GOOD = "d8 ~ '^[0-9]{8}$'"


@dataclass(frozen=True)
class Subject:
    """One contract, with the suite's own idea of it."""

    contract: str
    kind: Literal["postgres", "mariadb"]
    old_table: str
    new_table: str
    key: str
    #: of the source's table, in the order of `content`
    columns: str
    #: the rows as they should arrive and as they are there, each value as text, the key first
    old: Sequence[str]
    new: Sequence[str]
    #: by partition: the condition for its rows in the source, and in the target
    partitions: Mapping[str, tuple[str, str]]
    #: of the source's rows, those that the contract lets in; all without it
    good: str = "true"
    #: the column that refers to `people`, where one does; its place among the values
    refers: int | None = None
    #: lower bounds of key ranges, for the plan beside the contract
    bounds: Sequence[int] = ()
    rows: int = 0

    def plan(self) -> str | None:
        if not self.bounds:
            return None
        return json.dumps(
            {
                "contract": self.contract,
                "by": "key",
                "column": "id",
                "planned_at": "2026-01-01T00:00:00Z",
                "rows": self.rows,
                "type": "integer",
                "width": 4,
                "bounds": list(self.bounds),
            }
        )


def _ranges(column: str, bounds: Sequence[int]) -> dict[str, tuple[str, str]]:
    """The conditions of key ranges, in the source by its own name of the column; `rest` is none of them."""
    found: dict[str, tuple[str, str]] = {}
    for at, lower in enumerate(bounds):
        upper = [f" AND {{}} < {bounds[at + 1]}"] if at + 1 < len(bounds) else [""]
        said = f"{{}} >= {lower}{upper[0]}"
        found[f"{at + 1:04d}"] = (said.replace("{}", column), said.replace("{}", "id"))
    return found


PEOPLE = Subject(
    "people",
    "postgres",
    "old.pers",
    "new.people",
    "id",
    "no, nm, d8, cents, flag, region, changed, photo, secret",
    old=(
        "no::text",
        "rtrim(nm, ' ')",
        "CASE WHEN d8 ~ '^[0-9]{8}$' THEN to_date(d8, 'YYYYMMDD')::text END",
        "(cents * 0.01)::numeric(12,2)::text",
        "CASE flag WHEN 'Y' THEN 'true' WHEN 'N' THEN 'false' END",
        "region",
        "changed::text",
        "photo::text",
        "secret",
    ),
    new=(
        *("id::text", "name", "born::text", "balance::text", "active::text", "region", "changed::text"),
        *("photo::text", "secret"),
    ),
    partitions=_ranges("no", (1, 201, 401)),
    good=GOOD,
    bounds=(1, 201, 401),
    rows=200,
)
VISITS = Subject(
    "visits",
    "postgres",
    "old.vis",
    "new.visits",
    "id",
    "vno, pno, place, note, amount",
    old=("vno::text", "pno::text", "place", "note", "amount::text"),
    new=("id::text", "person_id::text", "place", "note", "amount::text"),
    partitions={place: (f"place = '{place}'", f"place = '{place}'") for place in ("north", "south", "west")},
    refers=1,
)
_NASTY = (
    *("id::text", "label", "exact::text", "approx::text", "moment::text", "day::text", "raw::text"),
    *("doc::text", "tags::text", "ident::text", "span::text", "secret"),
)
READINGS = Subject(
    "readings",
    "postgres",
    "old.readings",
    "new.readings",
    "id",
    "id, label, exact, approx, moment, day, raw, doc, tags, ident, span, secret",
    old=_NASTY,
    new=_NASTY,
    partitions=_ranges("id", (1, 301)),
    bounds=(1, 301),
    rows=300,
)
#: by its plan a table of large partitions, which are moved side by side in processes of their own
LOTS = Subject(
    "lots",
    "postgres",
    "old.lots",
    "new.lots",
    "id",
    "id, label, secret",
    old=("id::text", "label", "secret"),
    new=("id::text", "label", "secret"),
    partitions=_ranges("id", (1, 151, 301, 451)),
    bounds=(1, 151, 301, 451),
    rows=200_000,
)
STOCK = Subject(
    "stock",
    "mariadb",
    "stock.stock",
    "new.stock",
    "id",
    "id, label, qty, moment, raw, secret",
    old=(
        *("CAST(id AS CHAR)", "label", "CAST(qty AS CHAR)", "DATE_FORMAT(moment, '%Y-%m-%d %H:%i:%s.%f')"),
        *("LOWER(HEX(raw))", "secret"),
    ),
    new=(
        *("id::text", "label", "qty::text", "to_char(moment, 'YYYY-MM-DD HH24:MI:SS.US')"),
        *("encode(raw, 'hex')", "secret"),
    ),
    partitions=_ranges("id", (1, 301)),
    bounds=(1, 301),
    rows=300,
)
#: parents first
SUBJECTS: Mapping[str, Subject] = {one.contract: one for one in (PEOPLE, VISITS, READINGS, LOTS, STOCK)}

OLD_TABLES = (
    "CREATE SCHEMA old",
    "CREATE TABLE old.pers (no int PRIMARY KEY, nm text, d8 char(8), cents bigint, flag char(1), region text,"
    " changed timestamptz, photo bytea, secret text)",
    "CREATE TABLE old.vis (vno bigint PRIMARY KEY, pno int, place text, note text, amount numeric)",
    "CREATE TABLE old.readings (id bigint PRIMARY KEY, label text, exact numeric, approx double precision,"
    " moment timestamptz, day date, raw bytea, doc jsonb, tags text[], ident uuid, span interval,"
    " secret text)",
    "CREATE TABLE old.lots (id int PRIMARY KEY, label text, secret text)",
)
STOCK_TABLE = (
    "CREATE TABLE stock (id int PRIMARY KEY, label varchar(200), qty decimal(12,3), moment datetime(6),"
    " raw blob, secret varchar(120))"
)


def write_contracts(folder: Path, subjects: Sequence[Subject]) -> None:
    """The contracts of these, and the plans beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for subject in subjects:
        name = subject.contract
        (folder / f"{name}.odcs.yaml").write_text((CONTRACTS / f"{name}.odcs.yaml").read_text())
        if plan := subject.plan():
            (folder / f"{name}.partitions.json").write_text(plan)
