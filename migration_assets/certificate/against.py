"""Against: a certificate and the databases as they are now, partition by partition, down to the row."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import psycopg2

from migration_assets.certificate import bucket_against
from migration_assets.certificate.reading import Certificate
from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import MigrationError
from migration_assets.ledger import postgres as ledger
from migration_assets.planning.keys import partitions
from migration_assets.planning.meaning import meaning
from migration_assets.planning.partitions import Partition
from migration_assets.staging.root import staging_of
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.stores.trying import in_words, tried
from migration_assets.tables import read_back
from migration_assets.tables.disagreement import differing_rows
from migration_assets.tables.kept import kept
from migration_assets.tables.replace import rows_of
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.proof import Proof
from migration_assets.tables.verify.settling import QUIET
from migration_assets.tables.verify.target_side import TargetSide

#: `target`: only that is read; `both`: also what the contract makes of the source now
Sides = Literal["target", "both"]
Entry = Mapping[str, Any]
#: rows that are named of one partition at most
NAMED = 1000


@dataclass(frozen=True)
class Now:
    """Fingerprints of the target and, where the source was read, of what the contract makes of it."""

    found: str
    expected: str | None
    meaning: str


@dataclass(frozen=True)
class Standing:
    """One partition of the certificate, now."""

    contract: str
    partition: str
    #: empty where it is as certified
    what: str = ""
    #: the rows that are not as certified, by key
    rows: tuple[RowKey, ...] = ()
    unnamed: int = 0
    #: 2 where it could not be asked
    exit_code: int = 0

    @property
    def holds(self) -> bool:
        return not self.what


def judged(entry: Entry, now: Now) -> str:
    """
    target          contract(source)       contract     then
    as certified    as certified, or not   -            "" (it holds)
                    asked
    as certified    other                  the same     the source changed
    as certified    other                  another      the contract is another one
    other           as certified, or not   -            the target changed
                    asked
    other           other                  -            both changed
    """
    was = entry["fingerprints"]
    target, source = now.found != was["found"], now.expected not in (None, was["expected"])
    if target and source:
        alike = ", alike" if now.found == now.expected else ""
        return f"Target and source are not what was certified{alike}: {_numbers(was['found'], now.found)}."
    if target:
        return f"The target's rows are not those that were certified: {_numbers(was['found'], now.found)}."
    if source and now.meaning != entry["proof"]["meaning"]:
        return "The target is as certified; the contract is another one, and would make other rows."
    if source:
        return "The target is as certified; the source's rows are others now."
    return ""


def _numbers(was: str, now: str) -> str:
    before, after = was.partition(":")[0], now.partition(":")[0]
    return f"{before} rows, other values" if before == after else f"{before} then, {after} now"


def standings(
    certificate: Certificate,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    sides: Sides,
    quiet: float = QUIET,
    file: Path | None = None,
) -> Iterator[Standing]:
    """Of each entry, in its order; what cannot be asked is said, and keeps no other from being asked.

    `file` is the certificate's: the objects of buckets are beside it."""
    for name, group in groupby(certificate.entries, lambda entry: str(entry["contract"])):
        entries = {str(entry["partition"]): entry for entry in group}
        contract = contracts.get(name)
        kind = "tables" if "objects" not in next(iter(entries.values()))["fingerprints"] else "buckets"
        if contract is None or contract.kind != kind:
            why = f"There is no contract {name} any more, so nobody knows what it was about."
            yield from (Standing(name, key, why, exit_code=1) for key in entries)
            continue
        try:
            if contract.bucket is not None and file is not None:
                yield from _of_bucket(contract, file, entries, environment, sides)
            else:
                yield from _of_contract(contract, entries, environment, sides, quiet)
        except MigrationError as error:
            yield Standing(name, "", in_words(error), exit_code=error.exit_code)


def _of_bucket(
    contract: Contract, file: Path, entries: Mapping[str, Entry], environment: Mapping[str, str], sides: Sides
) -> Iterator[Standing]:
    both = sides == "both"
    for key, now in bucket_against.of_entries(contract, file, entries, environment, both=both):
        code = int(bool(now.what))
        yield Standing(contract.name, key, now.what, now.rows, now.unnamed, exit_code=code)


def _of_contract(
    contract: Contract,
    entries: Mapping[str, Entry],
    environment: Mapping[str, str],
    sides: Sides,
    quiet: float,
) -> Iterator[Standing]:
    there = {partition.key: partition for partition in partitions(contract)}
    for key in entries.keys() - there.keys():
        yield Standing(contract.name, key, "The contract has no such partition any more.", exit_code=1)
    asked = [there[key] for key in entries if key in there]
    proofs = _proofs(contract, asked, environment, quiet) if sides == "both" else {}
    found = {key: str(proof.compared.target) for key, proof in proofs.items()} or _found(
        contract, asked, environment
    )
    for partition in asked:
        entry, proof = entries[partition.key], proofs.get(partition.key)
        now = Now(
            found[partition.key], str(proof.compared.source) if proof else None, meaning(contract, partition)
        )
        what = judged(entry, now)
        if not what:
            yield Standing(contract.name, partition.key)
            continue
        rows, unnamed = _rows(contract, partition, entry, now, proof, environment)
        yield Standing(contract.name, partition.key, what, rows, unnamed, exit_code=1)


def _proofs(
    contract: Contract, asked: Sequence[Partition], environment: Mapping[str, str], quiet: float
) -> dict[str, Proof]:
    wish = Asked(tuple(asked), quiet=quiet, most=NAMED, method="client")
    done, _ = tried(lambda: {proof.partition: proof for proof in compare(contract, environment, wish)})
    return done


def _found(contract: Contract, asked: Sequence[Partition], environment: Mapping[str, str]) -> dict[str, str]:
    def read() -> dict[str, str]:
        with tempfile.TemporaryFile() as file, closing(TargetSide(contract, (), environment, file)) as side:
            return {partition.key: str(side.read(partition).fingerprint) for partition in asked}

    return tried(read)[0]


def _rows(
    contract: Contract,
    partition: Partition,
    entry: Entry,
    now: Now,
    proof: Proof | None,
    environment: Mapping[str, str],
) -> tuple[tuple[RowKey, ...], int]:
    """Which rows: against the source while that is as certified, else against the files of the certified
    load while they are kept; what differs between the two sides now, where neither is."""
    was = entry["fingerprints"]
    named = [RowKey(each.key, each.reason) for each in proof.findings] if proof else []
    if proof and (now.expected == was["expected"] or now.found == was["found"]) and named:
        return tuple(named), proof.unnamed
    as_loaded = was["loaded"] == was["found"] != now.found and contract.load_mode == "replace"
    generation = entry["load"]["generation"]
    if as_loaded and (staged := _staged_rows(contract, partition, generation, environment)):
        return staged, 0
    return tuple(named), proof.unnamed if proof else 0


def _staged_rows(
    contract: Contract, partition: Partition, generation: int, environment: Mapping[str, str]
) -> tuple[RowKey, ...]:
    """The first rows of the target that are not those of the generation; none where its files are gone."""
    url = url_of(contract.target, environment)
    folder = staging_of(environment).partition(contract.name, partition.key)
    try:
        with (
            closing(connect(contract.target, url, read_only=True)) as connection,
            connection.cursor() as cursor,
        ):
            history = ledger.history(cursor, contract.name, partition.key, ledger.ALL)
            loaded = [each for each in history if each.generation == generation]
            if not loaded:
                return ()
            rows = kept(cursor, contract, folder, loaded[0])
            there = partial(read_back.lines, cursor, contract, rows_of(contract, partition))
            return differing_rows(contract, rows.lines, there)
    except psycopg2.Error as error:
        raise classify(error) from None
    except MigrationError:
        return ()
