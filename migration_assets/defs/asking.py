"""A job of one op that looks at both sides of contracts, and tells its checks while they are made."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import dagster as dg

from migration_assets.contracts.model import Contract

Asked = TypeVar("Asked", bound=dg.Config)
#: what came of it, as events; dg.Failure at the end where something does not hold
Body = Callable[[dg.OpExecutionContext, Asked, Mapping[str, Contract]], Iterator[Any]]


def asking_job(
    name: str,
    op: str,
    description: str,
    asked: type[Asked],
    body: Body[Asked],
    contracts: Mapping[str, Contract],
) -> list[Any]:
    """One job for all contracts, which may be run with what `asked` can say; none where there are none."""
    if not contracts:
        return []

    def ask(context: dg.OpExecutionContext, config: Any) -> Iterator[Any]:
        yield from body(context, config, contracts)

    # Dagster makes the form of the Launchpad from the annotation
    ask.__annotations__["config"] = asked
    one = dg.op(name=op, out={})(ask)

    @dg.job(name=name, description=description, executor_def=dg.in_process_executor)
    def job() -> None:
        one()

    return [job]
