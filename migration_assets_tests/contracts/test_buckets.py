from datetime import datetime
from pathlib import Path

import pytest

from migration_assets.contracts.bucket_model import (
    Bucket,
    ByDate,
    ByObjects,
    ByPrefix,
    Encryption,
    OnePartition,
    Package,
    PackageRule,
    Ranges,
)
from migration_assets.contracts.loader import load
from migration_assets.contracts.model import ByKey, ByTime, ByValue, Contract, Whole
from migration_assets.errors import ContractFaults, Fault
from migration_assets_tests.contracts.bucket_example import ARTIFACTS, PACKAGES, SMALLEST

OWN = "customProperties[0].value"
LONG = "t" * 129


def read(folder: Path, text: str) -> Contract:
    (folder / "bucket.odcs.yaml").write_text(text)
    (contract,) = load(folder).values()
    return contract


def bucket(folder: Path, text: str) -> Bucket:
    found = read(folder, text).bucket
    assert found is not None
    return found


def faults(folder: Path, text: str, *changes: tuple[str, str]) -> list[Fault]:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    with pytest.raises(ContractFaults) as refused:
        read(folder, text)
    return list(refused.value.faults)


def test_a_bucket_needs_no_more_than_its_two_ends(tmp_path: Path) -> None:
    contract = read(tmp_path, SMALLEST)
    found = contract.bucket

    assert (contract.kind, contract.columns, contract.name) == ("buckets", (), "artifacts")
    assert (str(contract.source_table), str(contract.target_table)) == ("s3://old-bucket", "s3://new-bucket")
    assert found is not None
    assert found.ranges == ByObjects(50_000, 50 * 2**30)
    assert found.keep == {"headers", "metadata", "tags"}
    assert (found.conflict, found.read_back, found.uses, found.versions) == (
        "skip_equal",
        "never",
        frozenset(),
        False,
    )
    assert contract.partitioning == ByKey("key", 50_000)


def test_all_that_a_contract_says_of_a_bucket_is_read(tmp_path: Path) -> None:
    contract = read(tmp_path, ARTIFACTS)
    found = contract.bucket

    assert found is not None
    assert (contract.domain, contract.priority, contract.keep_generations) == ("builds", 3, 2)
    assert (found.source.prefix, found.target.prefix) == ("a/", "archive/")
    assert (found.source.bytes_per_second, found.source.requests_per_second) == (20_000_000, 300)
    assert found.source.server.endpoint == "https://old.example.com"
    assert str(contract.source_table) == "s3://old-bucket/team/a/"
    assert (found.include, found.exclude) == (("builds/**/*.whl", "*.txt"), ("**/tmp/**",))
    assert found.key == "lower(key)"
    assert set(found.expressions) == {
        "key",
        "storage_class",
        "metadata.team",
        "metadata.first",
        "tags.year",
        "headers.content-type",
    }
    assert found.uses == {"key", "metadata", "tags", "headers", "modified", "size", "storage_class"}
    assert (found.keep, found.versions) == ({"headers", "metadata", "tags", "versions"}, True)
    assert found.conflict == "overwrite"
    assert found.encryption == Encryption("kms", "$ARTIFACTS_KEY")
    assert found.ranges == ByObjects(1000, 2 * 2**30)
    assert found.read_back == "sample"


def test_objects_become_packages_as_the_first_rule_says(tmp_path: Path) -> None:
    found = bucket(tmp_path, PACKAGES)

    assert (found.target.store, found.target.server.endpoint) == ("cloudsmith", "https://api.example.com")
    assert found.package == Package(
        "generic",
        (
            PackageRule("**/*.deb", "deb", {"distribution": "'ubuntu/jammy'"}),
            PackageRule(
                "raw/**",
                "raw",
                {"name": "split_part(key, '/', 2)", "version": "split_part(key, '/', 3)"},
            ),
        ),
    )


@pytest.mark.parametrize(
    ("said", "ranges", "as_tables"),
    [
        ("{by: one}", OnePartition(), Whole()),
        ("{by: objects}", ByObjects(), ByKey("key", 50_000)),
        ("{by: prefix, depth: 2}", ByPrefix(2), ByValue("key")),
        (
            "{by: month, layout: logs/%Y/%m/, start: 2019-01-01, end: 2020-01-01}",
            ByDate("month", "logs/%Y/%m/", datetime(2019, 1, 1), datetime(2020, 1, 1)),
            ByTime("month", "key", datetime(2019, 1, 1), datetime(2020, 1, 1)),
        ),
    ],
)
def test_partitions_of_a_bucket(tmp_path: Path, said: str, ranges: Ranges, as_tables: object) -> None:
    text = ARTIFACTS.replace("{by: objects, objects: 1000, bytes: 2GiB}", said)
    contract = read(tmp_path, text)

    assert contract.bucket is not None
    assert (contract.bucket.ranges, contract.partitioning) == (ranges, as_tables)


@pytest.mark.parametrize(
    ("old", "new", "path", "what", "right"),
    [
        ("lower(key)", "lower(kye)", f"{OWN}.key", "no `kye`", "`key`"),
        ("lower(key)", "lower(key", f"{OWN}.key", "no expression", "DuckDB"),
        ("lower(key)", "key || random()", f"{OWN}.key", "differ from one run", "same"),
        ("lower(key)", "key + 1::DATE", f"{OWN}.key", "makes no text", "DuckDB"),
        ("lower(key)", "lowr(key)", f"{OWN}.key", "lowr", "DuckDB"),
        ("metadata['owner']", "owner['x']", f"{OWN}.metadata.team", "no `owner`", "There are"),
        ("**/tmp/**", "tmp/[a", f"{OWN}.from.exclude[0]", "no pattern", "**"),
        ("*.txt", "a/*.txt", f"{OWN}.from.include[1]", "begins with the prefix", "`*.txt`"),
        ("overwrite", "keep_both", f"{OWN}.conflict", "history", "`overwrite`"),
        ("{sse: kms", "{sse: s3", f"{OWN}.encryption.key", "kms", "Take it out"),
        ("$ARTIFACTS_KEY", "artifacts-key", f"{OWN}.encryption.key", "no key of KMS", "ARN"),
        ("{team: \"", "{\"Team Name\": \"", f"{OWN}.metadata.Team Name", "no name of metadata", "small letters"),
        ("{year: \"", f"{{{LONG}: \"", f"{OWN}.tags.{LONG}", "longer than 128", "Shorten"),
        ("{year: \"", "{" + "".join(f"t{at}: key, " for at in range(10)) + "year: \"", f"{OWN}.tags",
         "at most 10 tags", "out"),
        ("{by: objects, objects: 1000, bytes: 2GiB}", "{by: day, layout: logs/%Y/%m/, start: 2020-01-01}",
         f"{OWN}.partitions.layout", "does not say a day once", "%Y %m %d"),
        ("{by: objects, objects: 1000, bytes: 2GiB}", "{by: day, layout: '%Y%m%d', start: Monday}",
         f"{OWN}.partitions.start", "no day", "2019-01-31"),
        ("{by: objects,", "{by: keys,", f"{OWN}.partitions.by", "keys", ""),
        ("read_back: sample", "bad_rows: fail", f"{OWN}.bad_rows", "not known", "`conflict`"),
        ("      read_back: sample", "      package: {format: raw}", f"{OWN}.package", "no packages", "out"),
        ("from: {prefix: a/,", "from: {inventory: s3://x/manifest.json,", f"{OWN}.from.inventory",
         "current objects", "out"),
        ("type: s3\n", "type: postgresql\n", "servers[0].type", "holds no objects", "`s3`"),
        ("location: s3://old-bucket/team", "location: s3://key:secret@old", "servers[0].location",
         "no place", "s3://bucket/prefix"),
        ("bytes_per_second: 20MB", "batch_rows: 5",
         "servers[0].customProperties[0].value.limits.batch_rows", "of a database", "requests_per_second"),
        ("target: new_store", "target: old_store", f"{OWN}.target", "the same server", "names that differ"),
    ],
)  # fmt: skip
def test_a_bucket_that_contradicts_itself_is_told_where(
    tmp_path: Path, old: str, new: str, path: str, what: str, right: str
) -> None:
    found = faults(tmp_path, ARTIFACTS, (old, new))

    assert [
        fault
        for fault in found
        if (fault.path, what in fault.what, right in fault.right) == (path, True, True)
    ], found


def test_a_location_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    found = faults(tmp_path, ARTIFACTS, ("s3://old-bucket/team", "s3://key:secret@old"))

    assert not [fault for fault in found if "secret" in str(fault)]


@pytest.mark.parametrize(("source", "target"), [("", ""), ("a/", ""), ("", "a/b/"), ("a/", "a/b/")])
def test_a_bucket_is_not_moved_into_itself(tmp_path: Path, source: str, target: str) -> None:
    ends = f"from: {{prefix: '{source}'}}, to: {{prefix: '{target}'}}"
    ends = ends.replace("from: {prefix: ''}", "from: {}").replace("to: {prefix: ''}", "to: {}")
    (fault,) = faults(
        tmp_path,
        SMALLEST,
        ("s3://new-bucket", "s3://old-bucket"),
        ("kind: bucket,", f"kind: bucket, {ends},"),
    )

    assert (fault.path, fault.what[:35]) == (f"{OWN}.target", "source and target lie in one anothe")


def test_one_bucket_may_be_moved_from_one_prefix_to_another(tmp_path: Path) -> None:
    text = SMALLEST.replace("s3://new-bucket", "s3://old-bucket")

    assert read(
        tmp_path, text.replace("kind: bucket,", "kind: bucket, from: {prefix: a/}, to: {prefix: b/},")
    )


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("conflict: refuse", "headers: {expires: key}", f"{OWN}.headers"),
        ("conflict: refuse", "encryption: {sse: s3}", f"{OWN}.encryption"),
        ("conflict: refuse", "keep: [tags, versions]", f"{OWN}.keep[1]"),
        (", distribution: \"'ubuntu/jammy'\"", "", f"{OWN}.package.rules[0]"),
        ("format: deb", "format: debian", f"{OWN}.package.rules[0].format"),
        ("cloudsmith://acme/releases", "https://cloudsmith.io/acme", "servers[1].location"),
        ("source: old_store", "source: registry", f"{OWN}.source"),
    ],
)
def test_what_packages_do_not_have_is_told(tmp_path: Path, old: str, new: str, path: str) -> None:
    assert path in [fault.path for fault in faults(tmp_path, PACKAGES, (old, new))]


def test_a_table_is_not_limited_in_requests(tmp_path: Path) -> None:
    from migration_assets_tests.contracts.example import CUSTOMERS

    limits = "customProperties: [{property: migration, value: {limits: {requests_per_second: 3}}}]"
    (fault,) = faults(tmp_path, CUSTOMERS, ("database: crm}", f"database: crm, {limits}}}"))

    assert (fault.path.rpartition(".")[2], fault.right) == ("requests_per_second", "Say rows_per_second.")
