"""gh-ost's cases: character sets, zero dates, enums in keys, unsigned numbers, generated columns.

A case's table is filled by an event, once a second for a minute. Here the event's body runs once, so
that the rows are known; like the event it ends at its first error.
"""

import re
from pathlib import Path

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.draft import Wish, contract_name
from migration_assets_tests.real.results import Verdicts

_BODY = re.compile(r"\n  do\nbegin\n(.*?\nend) ;;", re.DOTALL)
_COMPLAINT = re.compile(r"^ERROR \d+ \(\w+\) at line (\d+)", re.MULTILINE)

#: cases whose event cannot reach its end on a strict server
STOPPED = {
    "bigint-change-nullable",
    "datetime-submillis",
    "enum-pk",
    "fail-no-shared-uk",
    "panic-on-warnings-duplicate-values-for-unique-index",
    "timestamp-to-datetime",
    "trigger-advanced-features",
    "tz-datetime-ts",
}


def filled(maria: MariaDB, cases: list[Path]) -> dict[str, set[str]]:
    """A database for each case, all by one script; which parts of which cases the server complained of."""
    script, lines = [], []
    maria.make(*(case.name for case in cases))
    for case in cases:
        body = _BODY.search(data.text(case / "create.sql"))
        mode = case / "sql_mode"
        value = f"'{data.text(mode).strip()}'" if mode.exists() else "@@GLOBAL.sql_mode"
        parts = {
            "tables": f"delimiter ;\nUSE `{case.name}`;\nSET SESSION sql_mode = {value}, "
            f"time_zone = @@GLOBAL.time_zone;\n{data.text(case / 'create.sql')}\n",
            # the same numbers of chance in each run
            "rows": "delimiter ;;\nSET SESSION rand_seed1 = 7, rand_seed2 = 8 ;;\n"
            + (f"begin not atomic\n{body[1]} ;;\n" if body else ""),
        }
        for part, text in parts.items():
            script.append(text)
            lines += [(case.name, part)] * text.count("\n")
    said = data.into_mariadb(maria.url, "".join(script), force=True)
    complaints: dict[str, set[str]] = {"tables": set(), "rows": set()}
    for line in _COMPLAINT.findall(said):
        name, part = lines[int(line) - 1]
        complaints[part].add(name)
    return complaints


def moved(maria: MariaDB, new_world: NewWorld, names: list[str], wish: Wish) -> Verdicts:
    """What comes of each case: the rows of all its tables, or the first words said of one."""
    world = new_world(maria.url)
    found = {name: catalogs.of_mysql(f"{maria.url}/{name}", name) for name in names}
    for name, catalog in found.items():
        wishes = dict.fromkeys(catalog.tables, wish)
        world.draft(catalog, wishes, database=name, schema=name, prefix=f"{name}_")
    came = world.move()
    verdicts: dict[str, int | str] = {}
    for name, catalog in found.items():
        of_tables = [
            came[contract_name(f"{name}_{table}")].verdict(
                comparing.of_mysql(
                    maria.url,
                    name,
                    table,
                    world.target,
                    (name, table),
                    zero_as_null="zero_dates" in wish.migration,
                )
            )
            for table in catalog.tables
        ]
        told = [verdict for verdict in of_tables if isinstance(verdict, str)]
        numbers = [verdict for verdict in of_tables if isinstance(verdict, int)]
        verdicts[name] = (
            told[0] if told else sum(numbers) if numbers else "no table: the script only drops one"
        )
    return verdicts


def test_each_case_is_exact_or_refused_for_a_reason(maria: MariaDB, new_world: NewWorld) -> None:
    cases = sorted(path for path in data.folder("ghost_localtests_a").iterdir() if path.is_dir())
    complaints = filled(maria, cases)
    assert complaints == {"tables": set(), "rows": STOPPED}
    assert moved(maria, new_world, [case.name for case in cases], Wish()) == results.GHOST.tables
    for result in results.of_policy("ghost_localtests_a"):
        as_null = Wish({"zero_dates": "as_null"})
        assert moved(maria, new_world, list(result.tables), as_null) == result.tables
