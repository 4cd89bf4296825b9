"""A bucket contract and two stores in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration_assets.buckets.engine import BucketMigration
from migration_assets.buckets.part import Part
from migration_assets.contracts.bucket_model import Bucket, End, OnePartition
from migration_assets.contracts.model import Contract, Server, TableName
from migration_assets.stages.report import STAGES
from migration_assets.stages.way import StageResult
from migration_assets_tests.buckets.fake import Store, opened

OLD, NEW = Server("old", "s3"), Server("new", "s3")


def contract(**said: Any) -> Contract:
    """`files`: everything of `old` to `new`, with what is said of its bucket."""
    source, target = said.pop("source_prefix", ""), said.pop("target_prefix", "")
    more: dict[str, Any] = {"ranges": OnePartition(), **said}
    bucket = Bucket(End(OLD, "s3", source), End(NEW, "s3", target), **more)
    return Contract(
        "files", "1.0.0", "0" * 64, "files.odcs.yaml", OLD, NEW, TableName(None, "old"), TableName(None, "new"),
        columns=(), bucket=bucket,
    )  # fmt: skip


@dataclass
class World:
    folder: Path
    contract: Contract = field(default_factory=contract)
    source: Store = field(default_factory=Store)
    target: Store = field(default_factory=Store)
    more: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        self.runs = 0

    @property
    def migration(self) -> BucketMigration:
        """As another process would make it."""
        return BucketMigration(
            self.contract,
            {self.contract.name: self.contract},
            {"MIGRATION_STAGING": str(self.folder)},
            opened(self.source, self.target, **self.more),
        )

    @property
    def part(self) -> Part:
        return self.migration.part("all")

    def run(self) -> dict[str, StageResult]:
        """All stages, as a run of its own."""
        self.runs += 1
        return {each.stage: each for each in self.migration.move(["all"], STAGES, f"run-{self.runs}")}

    def back(self, to: int | None = None, *, discard: bool = False) -> StageResult:
        """The load before, as a rollback of its own."""
        self.runs += 1
        name = f"back-{self.runs}"
        migration = self.migration
        migration.ask_to_restore(["all"], to, name, discard=discard)
        (result,) = migration.restore(["all"], name, f"run-{self.runs}")
        if not result.failure:
            migration.restored("all", name)
        return result
