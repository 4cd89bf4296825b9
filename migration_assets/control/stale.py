"""Which partitions are to be moved so that the target is what its source is: what plain `migrate run` does.

Dagster's state             the ledger    blocking checks on record    source and contract    to be moved
missing, failed, running    -             -                            -                      yes
loaded                      has it not    -                            -                      yes
loaded                      has it        not all                      -                      yes
loaded                      has it        all                          changed, or unknown    yes
loaded                      has it        all                          the same               no
"""

from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from migration_assets.checks.from_contract import specs
from migration_assets.contracts.model import Contract
from migration_assets.control import bucket_truth, records
from migration_assets.control.choice import State
from migration_assets.control.standing import standings
from migration_assets.planning.keys import partitions
from migration_assets.tables.freshness import Freshness, looked

#: is told the contract, how many partitions have been looked at, and how many there are
OnLook = Callable[[str, int, int], None]


def freshness(
    contracts: Mapping[str, Contract],
    keys: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    on_look: OnLook = lambda *_: None,
) -> dict[str, dict[str, Freshness]]:
    """Of these partitions of each contract, those that the ledger has; asks the sources."""
    of_tables = [contracts[name] for name, wanted in keys.items() if wanted and not contracts[name].bucket]
    there = standings(of_tables, environment)
    found: dict[str, dict[str, Freshness]] = {}
    for name, wanted in keys.items():
        if contracts[name].bucket is not None:
            found[name] = {}
            for about in bucket_truth.freshness(contracts[name], wanted, environment):
                found[name][about.partition] = about
                on_look(name, len(found[name]), len(wanted))
            continue
        asked = frozenset(wanted)
        some = [each for each in partitions(contracts[name]) if each.key in asked]
        entries = {key: standing.entry for key, standing in there.get(name, {}).items()}
        found[name] = {}
        for each in looked(contracts[name], some, entries, environment):
            found[name][each.partition] = each
            on_look(name, len(found[name]), len(some))
    return found


def states(
    instance: dg.DagsterInstance,
    contracts: Mapping[str, Contract],
    keys: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    on_look: OnLook = lambda *_: None,
) -> dict[str, dict[str, State]]:
    """The state of every one of these partitions; `loaded` is what is proven and still what its source is."""
    found = {name: records.states(instance, contracts[name], wanted) for name, wanted in keys.items()}
    loaded = {
        name: [key for key, state in of_one.items() if state == "loaded"] for name, of_one in found.items()
    }
    fresh = freshness(contracts, loaded, environment, on_look)
    for name, some in loaded.items():
        proven = records.proven(instance, contracts[name], specs(contracts[name]), some)
        for key in some:
            about = fresh[name].get(key)
            if about is None:
                found[name][key] = "missing"
            elif about.state != "fresh" or key not in proven:
                found[name][key] = "stale"
    return found
