"""All wave files judged together."""

from migration_assets.waves.places.base import Document
from migration_assets.waves.soundness import Waves, judged
from migration_assets_tests.control.shop import CONTRACTS

KEYS = {"customers": ("all",), "orders": ("a", "b", "c", "d", "rest"), "countries": ("all",)}


def files(**texts: str) -> Waves:
    documents = [
        Document(f"{name}.yaml", text.encode(), f"waves/{name}.yaml", name) for name, text in texts.items()
    ]
    return judged(documents, CONTRACTS, KEYS)


def told(found: Waves) -> list[str]:
    return [str(fault) for fault in found.faults]


def test_waves_without_faults_are_given_by_name() -> None:
    found = files(
        b="name: b\ncontracts: [orders]\nafter: [a]\npartitions: {from: a, to: c}",
        a="name: a\ndomains: [migration]\n",
    )
    assert list(found.waves) == ["a", "b"]
    assert found.faults == ()


def test_what_is_named_and_not_there_is_a_fault_with_what_was_meant() -> None:
    found = files(
        a="name: a\ncontracts: [order]\n",
        b="name: b\ndomains: [shop]\n",
        c="name: c\ntags: [late]\n",
        d="name: d\ncontracts: [orders]\nafter: [bb]\n",
    )
    assert told(found) == [
        "waves/a.yaml:2: contracts[0]: no contract has the contract `order`. Did you mean `orders`?",
        "waves/b.yaml:2: domains[0]: no contract has the domain `shop`. There is `migration`.",
        "waves/c.yaml:2: tags[0]: no contract has the tag `late`. `migrate contracts check` lists the contracts.",
        "waves/d.yaml:3: after[0]: there is no wave `bb`. Did you mean `b`?",
    ]
    assert not found.waves


def test_waves_that_wait_for_one_another_are_named_in_a_circle() -> None:
    found = files(
        a="name: a\ncontracts: [orders]\nafter: [b]\n",
        b="name: b\ncontracts: [countries]\nafter: [c]\n",
        c="name: c\ncontracts: [customers]\nafter: [a]\n",
        d="name: d\ncontracts: [customers]\nafter: [d]\n",
    )
    assert {fault.what for fault in found.faults if fault.file != "waves/d.yaml"} == {
        "these waves wait for one another: a → b → c → a"
    }
    assert [fault.what for fault in found.faults if fault.file == "waves/d.yaml"] == ["it waits for itself"]


def test_two_files_may_not_have_one_name_and_no_wave_that_of_a_contract() -> None:
    found = files(
        a="name: x\ncontracts: [orders]\n",
        b="name: x\ncontracts: [orders]\n",
        c="name: orders\ncontracts: [orders]\n",
    )
    assert [fault.path for fault in found.faults] == ["name", "name", "name"]
    assert not found.waves


def test_a_contract_may_not_move_before_the_wave_that_alone_brings_its_parent() -> None:
    found = files(
        a="name: a\ncontracts: [orders]\n",
        b="name: b\ncontracts: [countries]\nafter: [a]\n",
        c="name: c\ncontracts: [customers]\nafter: [b]\n",
    )
    assert [fault.what for fault in found.faults] == [
        "orders refers to customers, which only the later wave c moves"
    ]


def test_a_bound_of_a_range_that_is_no_partition_is_a_fault() -> None:
    found = files(a="name: a\ncontracts: [orders, customers]\npartitions: {from: b, to: z}\n")
    assert told(found) == [
        "waves/a.yaml:3: partitions.to: orders has no partition `z`. `migrate plan orders` lists them."
    ]


def test_a_file_that_cannot_be_read_leaves_the_others_usable() -> None:
    found = files(
        a="name: [",
        b="name: b\ncontracts: [orders]\nafter: [a]\n",
        c="name: c\ncontracts: [customers]\n",
    )
    assert list(found.waves) == ["b", "c"]
    assert [fault.file for fault in found.faults] == ["waves/a.yaml"]


def test_a_file_with_the_other_ending_would_not_be_read() -> None:
    found = judged([Document("a.yml", b"name: a\ncontracts: [orders]", "waves/a.yml", "t")], CONTRACTS)
    assert told(found) == ["waves/a.yml: it would not be read. Name it a.yaml."]


def test_where_contracts_cannot_be_read_waves_are_judged_by_themselves() -> None:
    text = b"name: a\ncontracts: [whatever]\nafter: [b]\n"
    found = judged([Document("a.yaml", text, "waves/a.yaml", "t")], None)
    assert [fault.path for fault in found.faults] == ["after[0]"]
