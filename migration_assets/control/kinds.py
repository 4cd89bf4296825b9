"""Contracts by what they move: what is only asked of databases leaves buckets alone."""

from collections.abc import Mapping

from migration_assets.buckets.engine import BucketMigration
from migration_assets.contracts.model import Contract


def tables(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    return {name: each for name, each in contracts.items() if each.bucket is None}


def buckets(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    return {name: each for name, each in contracts.items() if each.bucket is not None}


def of_bucket(contract: Contract, environment: Mapping[str, str]) -> BucketMigration:
    return BucketMigration(contract, {}, environment)
