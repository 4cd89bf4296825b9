"""Chinook as its authors publish it for two engines: the rows in which the scripts differ are named."""

from collections.abc import Callable

from migration_assets.contracts.model import Column, Contract, Server, TableName
from migration_assets.planning.partitions import WHOLE, AllRows, Partition
from migration_assets.tables.sources import mysql, postgres
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.proof import outcomes
from migration_assets_tests.real import data
from migration_assets_tests.real.conftest import MariaDB

LEGACY, CLOUD = Server("legacy", "mysql"), Server("cloud", "postgres")
TABLES = {
    "Album": "album",
    "Artist": "artist",
    "Customer": "customer",
    "Employee": "employee",
    "Genre": "genre",
    "Invoice": "invoice",
    "InvoiceLine": "invoice_line",
    "MediaType": "media_type",
    "Playlist": "playlist",
    "PlaylistTrack": "playlist_track",
    "Track": "track",
}
DIFFERENT = {"Customer": 1, "Invoice": 7, "Track": 4}


def contract(old: str, new: str, name: str) -> Contract:
    """Column by column in the order of both scripts."""
    with mysql.snapshot(LEGACY, old) as here, postgres.snapshot(CLOUD, new) as there:
        ours = mysql.describe(here, TableName(None, name))
        theirs = postgres.describe(there, TableName("public", TABLES[name]))
    pairs = dict(zip((c.name for c in ours.columns), theirs.columns, strict=True))
    return Contract(
        name=name,
        version="1.0.0",
        digest="0" * 64,
        file=f"{name}.odcs.yaml",
        source=LEGACY,
        target=CLOUD,
        source_table=TableName(None, name),
        target_table=theirs.name,
        columns=tuple(Column(one.name, one.declared, sources=(key,)) for key, one in pairs.items()),
        primary_key=tuple(pairs[key].name for key in ours.primary_key),
    )


def test_the_twelve_rows_in_which_the_scripts_differ_are_named(
    maria: MariaDB, new_database: Callable[[str], str]
) -> None:
    folder = data.folder("chinook")
    old = maria.load("Chinook", data.text(folder / "Chinook_MySql.sql"))
    new = new_database("chinook")
    data.into_postgres(new, data.text(folder / "Chinook_PostgreSql.sql").partition("\\c chinook;")[2])
    environment = {"LEGACY_URL": old, "CLOUD_URL": new}
    found: dict[str, list[str]] = {}
    for name in TABLES:
        asked = Asked((Partition(WHOLE, AllRows()),), quiet=0.05)
        (proof,) = compare(contract(old, new, name), environment, asked)
        count, checksum = outcomes(proof)
        assert count.passed
        assert checksum.passed == (name not in DIFFERENT)
        assert all(each.kind == "changed" and len(each.columns) == 1 for each in proof.findings)
        found[name] = sorted(each.key for each in proof.findings)
    assert {name: len(keys) for name, keys in found.items() if keys} == DIFFERENT
    assert sum(map(len, found.values())) == 12
    for name, keys in found.items():
        assert all(key.startswith(f"{TABLES[name]}_id=") for key in keys)
    print(f"\nChinook, MySQL's script against PostgreSQL's: { {n: k for n, k in found.items() if k} }")
