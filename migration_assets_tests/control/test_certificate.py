"""What a certificate is about."""

from pathlib import Path

import pytest

from migration_assets.control.certificate_subject import Subject, subject_of
from migration_assets.errors import PlanRefused, WaveRefused
from migration_assets_tests.control.shop import CONTRACTS


def subject(folder: Path, *names: str) -> Subject:
    return subject_of(CONTRACTS, names, {"MIGRATION_WAVES": str(folder)})


def partitions(found: Subject) -> dict[str, tuple[str, ...]]:
    return {step.contract.name: step.partitions for step in found.steps}


def test_a_wave_stands_for_the_partitions_that_it_moves(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(
        "name: first\nversion: 2\ncontracts: [customers, orders]\npartitions: {from: b, to: c}\n"
    )
    (tmp_path / "second.yaml").write_text("name: second\nversion: 1\ncontracts: [orders]\n")
    found = subject(tmp_path, "first")
    assert partitions(found) == {"customers": ("all",), "orders": ("b", "c")}
    assert (found.name, found.wave.version if found.wave else 0) == ("first", 2)
    found = subject(tmp_path, "first", "countries")
    assert partitions(found) == {"countries": ("all",), "customers": ("all",), "orders": ("b", "c")}
    assert (found.name, found.wave) == ("first+countries", None)
    assert partitions(subject(tmp_path, "first", "second"))["orders"] == ("a", "b", "c", "d", "rest")
    assert partitions(subject(tmp_path, "first", "orders"))["orders"] == ("a", "b", "c", "d", "rest")


def test_a_wave_with_a_fault_is_no_subject(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(
        "name: first\nversion: 2\ncontracts: [orders]\npartitions: {from: nowhere}\n"
    )
    with pytest.raises(WaveRefused, match="nowhere"):
        subject(tmp_path, "first")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused, match=r"There is no contract 'custmers'\. Did you mean customers"):
        subject(tmp_path, "custmers")
    (tmp_path / "none.yaml").write_text("name: none\nversion: 1\ntags: [nobody]\n")
    with pytest.raises((PlanRefused, WaveRefused)):
        subject(tmp_path, "none")
