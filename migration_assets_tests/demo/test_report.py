from rich.console import Console

from migration_assets.control.records import Failure, Tally
from migration_assets.control.verdict import ContractVerdict, Verdict
from migration_assets.demo.report import document, in_a_word, proof, table

HELD = {name: Tally(True, 2, 0) for name in ("count", "checksum", "referential")}


def moved(**differences: object) -> ContractVerdict:
    facts: dict[str, object] = {
        "contract": "orders",
        "partitions": 2,
        "loaded": 2,
        "rows": 75_000,
        "quarantined": 0,
        "seconds": 4.25,
        "failures": (),
        "checks": HELD,
    }
    return ContractVerdict(**{**facts, **differences})  # type: ignore[arg-type]


RED = moved(
    loaded=1,
    rows=40_000,
    failures=(Failure("orders", "0002", "loaded", "An orphan."),),
    checks={**HELD, "referential": Tally(True, 1, 1)},
)


def shown(*contracts: ContractVerdict) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(table(Verdict("run", "backfill", 9.0, contracts)))
    return console.export_text()


def test_a_line_has_all_that_was_promised() -> None:
    lines = shown(moved()).splitlines()

    assert lines[0].split() == [
        *("contract", "partitions", "rows", "seconds", "count", "checksum", "referential", "verdict"),
    ]
    assert lines[1].split() == ["orders", "2/2", "75,000", "4.2", "holds", "holds", "holds", "verified"]


def test_a_check_that_does_not_hold_says_for_how_many_partitions_it_does() -> None:
    assert proof(RED, "referential") == "1 of 2"
    assert "NOT verified" in shown(moved(), RED)


def test_a_check_that_was_never_made_does_not_hold() -> None:
    never = moved(checks={**HELD, "checksum": Tally(True, 0, 0)})

    assert proof(never, "checksum") == "0 of 2"
    assert in_a_word(never) == "NOT verified"


def test_warnings_and_quarantine_are_told_beside_the_verdict() -> None:
    warned = moved(quarantined=1_200, checks={**HELD, "few": Tally(False, 1, 1)})

    assert in_a_word(warned) == "verified; 1 warning; 1,200 rows in quarantine"


def test_the_document_has_the_reasons() -> None:
    told = document(Verdict("run", "backfill", 9.0, (moved(), RED)))

    assert told["verified"] is False
    assert [each["verified"] for each in told["contracts"]] == [True, False]  # type: ignore[union-attr]
    assert told["contracts"][1]["failures"] == [  # type: ignore[index]
        {"partition": "0002", "stage": "loaded", "reason": "An orphan."}
    ]
