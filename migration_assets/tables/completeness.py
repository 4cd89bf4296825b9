"""Whether all partitions of a contract are loaded, and what is done to its table once they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.planning import frozen
from migration_assets.planning.keys import partitions
from migration_assets.tables.targets.finish import finish

#: of a contract whose partitions are not known: a key that none has, so that it is never complete
_UNPLANNED = frozenset({""})


@dataclass(frozen=True)
class Completeness:
    """Of one contract and of those that it is loaded with."""

    contract: Contract
    contracts: Mapping[str, Contract]
    #: partition keys of the contract itself
    own: Callable[[], frozenset[str]]

    def keys(self, name: str) -> frozenset[str]:
        """All partition keys of a contract."""
        if name == self.contract.name:
            return self.own()
        other = self.contracts[name]
        if frozen.is_planned_from_source(other) and not frozen.plan_file(other).exists():
            return _UNPLANNED
        return frozenset(partition.key for partition in partitions(other))

    def finish(self, connection: extensions.connection) -> tuple[str, ...]:
        """What had waited for the last partition, of whatever contract is complete by now."""
        complete: dict[str, bool] = {}

        def is_complete(name: str) -> bool:
            if name not in complete:
                with connection, connection.cursor() as cursor:
                    complete[name] = self.keys(name) <= ledger.loaded_partitions(cursor, name)
            return complete[name]

        return finish(connection, self.contract, self.contracts, is_complete)
