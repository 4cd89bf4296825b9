"""Comparisons of the shop, as a test asks for them."""

from collections.abc import Sequence
from typing import Any

from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.proof import Proof
from migration_assets_tests.tables.shop import Shop


def proofs(shop: Shop, name: str, *keys: str, quiet: float = 0.05, **more: Any) -> list[Proof]:
    """The proofs of these partitions, of all where none is said; none is waited for long."""
    partitions = [p for p in shop.migration(name).partitions() if not keys or p.key in keys]
    asked = Asked(tuple(partitions), quiet=quiet, **more)
    return list(compare(shop.contracts[name], shop.environment, asked))


def proof(shop: Shop, name: str, **more: Any) -> Proof:
    (found,) = proofs(shop, name, **more)
    return found


def named(found: Proof) -> list[tuple[str, str]]:
    """Kind and key of each finding, sorted."""
    return sorted((finding.kind, finding.key) for finding in found.findings)


def keys(kind: str, numbers: Sequence[int]) -> list[tuple[str, str]]:
    return sorted((kind, f"id={number}") for number in numbers)
