"""A small shop in contracts, and an engine that moves nothing but does as a test tells it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.checks.spec import CheckSpec
from migration_assets.contracts.model import ByKey, Column, Contract, Reference, Server, TableName
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.planning.partitions import AllRows, Partition
from migration_assets.stages.report import Stage
from migration_assets.stages.way import StageResult, moved

LEGACY = Server("legacy", "mysql")
CLOUD = Server("cloud", "postgres", "public")

CUSTOMERS = Contract(
    name="customers",
    version="1.0.0",
    digest="c" * 64,
    file="data_contracts/customers.odcs.yaml",
    source=LEGACY,
    target=CLOUD,
    source_table=TableName("crm", "kunden"),
    target_table=TableName("public", "customers"),
    columns=(
        Column("id", "bigint", required=True, sources=("kdnr",)),
        Column("name", "text", sources=("vorname", "nachname"), expression="vorname || ' ' || nachname"),
        Column("mail", "text", sources=("email",), classification="confidential", unique=True),
    ),
    primary_key=("id",),
    priority=10,
    domain="shop",
    owners=("sales", "someone@example.com"),
    tags=("wave:1",),
    description="Everybody who ever bought something.",
)
ORDERS = replace(
    CUSTOMERS,
    name="orders",
    digest="0" * 64,
    file="data_contracts/orders.odcs.yaml",
    source_table=TableName("crm", "auftrag"),
    target_table=TableName("public", "orders"),
    columns=(
        Column("id", "bigint", sources=("nr",)),
        Column("customer_id", "bigint", sources=("kdnr",)),
        Column("previous_id", "bigint", sources=("vorher",)),
    ),
    partitioning=ByKey("id", 100),
    references=(
        Reference(("customer_id",), "customers", ("id",)),
        Reference(("previous_id",), "orders", ("id",)),
    ),
    priority=0,
)
LINES = replace(
    ORDERS,
    name="lines",
    digest="1" * 64,
    source_table=TableName("crm", "position"),
    target_table=TableName("public", "lines"),
    references=(Reference(("id",), "orders", ("id",)),),
)
SHOP = {contract.name: contract for contract in (CUSTOMERS, ORDERS, LINES)}
KEYS = {"customers": ("all",), "orders": ("k0001", "k0002", "k0003", "rest")}


def planner(contract: Contract) -> Sequence[Partition]:
    if contract.name not in KEYS:
        raise PlanRefused(f"{contract.name} has no plan.", advice=f"Run `migrate plan {contract.name}`.")
    return [Partition(key, AllRows()) for key in KEYS[contract.name]]


def checks(contract: Contract) -> Sequence[CheckSpec]:
    return [
        CheckSpec("schema", "transformed", True, "Every row is as the contract says."),
        CheckSpec("id_range", "transformed", False, "id is at least 1.", ("id",)),
        CheckSpec("count", "loaded", True, "As many rows as were read."),
    ]


@dataclass(frozen=True)
class Report:
    stage: str
    partition: str
    generation: int = 1
    rows: int = 10
    bytes: int = 1000
    seconds: float = 0.5
    fingerprint: str = "f1"
    facts: Mapping[str, int | float | str] = field(default_factory=dict)
    outcomes: tuple[CheckOutcome, ...] = ()
    refusal: MigrationError | None = None


def passed(name: str, blocking: bool = True) -> CheckOutcome:
    return CheckOutcome(name, True, blocking, "all rows hold", {"rows": 10})


def failed(name: str, blocking: bool = True) -> CheckOutcome:
    return CheckOutcome(
        name, False, blocking, "2 rows do not hold", {"rows": 10, "failed": 2}, (RowKey("id=7", "below 1"),)
    )


OUTCOMES = {
    "extracted": (),
    "transformed": (passed("schema"), passed("id_range", False)),
    "loaded": (passed("count"),),
}


class FakeMigration:
    """Answers each stage of each partition with the next of the answers told, or with success."""

    def __init__(
        self, contract: Contract, answers: dict[tuple[str, str, str], list[Report | Exception]]
    ) -> None:
        self.contract = contract
        self.answers = answers
        self.done: list[tuple[str, str]] = []

    def move(self, partitions: Sequence[str], stages: Sequence[Stage], run_id: str) -> Iterator[StageResult]:
        return moved(self, partitions, stages, run_id)

    def extract(self, partition_key: str, run_id: str) -> Report:
        return self._answer("extracted", partition_key)

    def transform(self, partition_key: str, run_id: str) -> Report:
        return self._answer("transformed", partition_key)

    def load(self, partition_key: str, run_id: str) -> Report:
        return self._answer("loaded", partition_key)

    def _answer(self, stage: str, partition: str) -> Report:
        self.done.append((stage, partition))
        told = self.answers.get((self.contract.name, stage, partition))
        answer = told.pop(0) if told else Report(stage, partition, outcomes=OUTCOMES[stage])
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeEngine:
    """`engine=` of build_definitions."""

    answers: dict[tuple[str, str, str], list[Report | Exception]] = field(default_factory=dict)
    made: list[FakeMigration] = field(default_factory=list)

    def __call__(
        self, contract: Contract, contracts: Mapping[str, Contract], environment: Mapping[str, str]
    ) -> FakeMigration:
        self.made.append(FakeMigration(contract, self.answers))
        return self.made[-1]
