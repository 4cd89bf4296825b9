"""The page about exactness has a section for each family, and its totals are theirs."""

import re

from migration_assets_tests.exactness import postgres_types
from migration_assets_tests.exactness.case import Case, Cell, Family
from migration_assets_tests.exactness.document import HEAD, PAGE, section, totals
from migration_assets_tests.exactness.matrix import Judge, Results
from migration_assets_tests.exactness.test_mysql import FAMILIES as MYSQL
from migration_assets_tests.exactness.test_postgres import FAMILIES as POSTGRES
from migration_assets_tests.exactness.test_sqlite import FAMILIES as SQLITE
from migration_assets_tests.exactness.world import Row


def test_the_page_has_a_section_for_each_family_and_their_totals() -> None:
    page = PAGE.read_text("utf-8")
    assert page.startswith(HEAD)
    parts = re.split(r"(?m)^(?=## )", page)[1:]
    titles = {part.partition("\n")[0].removeprefix("## ") for part in parts}
    others = (
        postgres_types.GENERAL,
        postgres_types.ACROSS,
        postgres_types.EXTENDED,
        postgres_types.EXTENDED_BESIDE,
    )
    assert titles == {"Totals", *(family.title for family in (*POSTGRES, *MYSQL, *SQLITE, *others))}
    assert parts[0].rstrip() == totals(parts[1:]).rstrip()


def judged(cell: Cell, printed: str | None, aside: str | None = None) -> str:
    """The verdict on a cell that the target prints so, or that was set aside with these words."""
    case = Case("text", "text", (cell,))
    target = {} if printed is None else {1: (printed, None)}
    filled = None if printed is None else 1
    return Judge(case, {}, target).found(Row(1, 0, cell), aside, filled).verdict


def test_the_judge_sees_what_was_changed_lost_or_set_aside_without_need() -> None:
    arrives, refused = Cell("x", arrives="x"), Cell("x", refused="too long")
    assert judged(arrives, "x") == "exact"
    assert judged(arrives, "y") == "fault"
    assert judged(arrives, None) == "fault"
    assert judged(arrives, None, "is too long") == "fault"
    assert judged(arrives, "x", "is too long") == "fault"
    assert judged(refused, None, "is too long") == "refused"
    assert judged(refused, None, "is no date") == "fault"
    assert judged(refused, "x") == "fault"


def test_the_judge_holds_the_target_to_the_sources_own_bytes() -> None:
    cell = Cell("x")
    judge = Judge(Case("text", "text", (cell,)), {1: ("x", "aa")}, {1: ("x", "bb")})
    assert judge.found(Row(1, 0, cell), None, 1).verdict == "fault"


def test_a_table_that_should_be_refused_and_is_loaded_is_a_fault() -> None:
    case = Case("text", "inet", (Cell("x"),), refusal="checksum")
    assert Results(case).faults
    assert Results(case, refusal="did not pass checksum").faults == []
    assert Results(Case("text", "text", ()), refusal="did not pass checksum").faults


def test_a_section_counts_every_value_once() -> None:
    family = Family("f", "PostgreSQL, a test", "About it.", ())
    case = Case("text", "inet", (Cell("x"), Cell("y")), refusal="checksum")
    assert "2 values of 1 columns: 0 exact, 0 set aside, 2 refused" in section(
        family, [Results(case, [], "checksum")]
    )
