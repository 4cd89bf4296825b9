import random
from collections.abc import Callable

import pytest

from migration_assets.contracts.model import Contract, Reference
from migration_assets.errors import PlanRefused
from migration_assets.planning.order import in_order

Make = Callable[..., Contract]


def to(*parents: str, deferred: bool = False) -> tuple[Reference, ...]:
    return tuple(Reference(("id",), parent, ("id",), deferred) for parent in parents)


def test_parents_come_first_then_priority_then_name(a_contract: Make) -> None:
    given = [
        a_contract(name="lines", references=to("orders"), priority=99),
        a_contract(name="orders", references=to("customers")),
        a_contract(name="customers"),
        a_contract(name="b"),
        a_contract(name="a"),
        a_contract(name="urgent", priority=10),
        a_contract(name="late", priority=-1),
    ]
    names = [contract.name for contract in in_order(given)]
    assert names == ["urgent", "a", "b", "customers", "orders", "lines", "late"]


def test_deferred_and_own_and_absent_parents_do_not_hold_a_contract_back(a_contract: Make) -> None:
    given = [
        a_contract(name="a", references=to("b", deferred=True) + to("a", "elsewhere")),
        a_contract(name="b", references=to("a")),
    ]
    assert [contract.name for contract in in_order(given)] == ["a", "b"]


def test_a_cycle_is_refused_and_named(a_contract: Make) -> None:
    given = [a_contract(name="a", references=to("b")), a_contract(name="b", references=to("a"))]
    with pytest.raises(PlanRefused, match="a, b"):
        in_order(given)


def test_no_child_ever_precedes_its_parent(a_contract: Make) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    names = [f"t{number}" for number in range(200)]
    given = [
        a_contract(
            name=name,
            references=to(*chance.sample(names[:at], k=min(at, chance.randrange(4)))),
            priority=chance.randrange(5),
        )
        for at, name in enumerate(names)
    ]
    chance.shuffle(given)
    ordered = in_order(given)
    place = {contract.name: at for at, contract in enumerate(ordered)}
    assert len(place) == 200
    assert all(place[r.parent] < place[c.name] for c in ordered for r in c.references)
