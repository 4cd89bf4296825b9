"""All partitions of a contract compared with their target, without Dagster; exit code 1 where they differ."""

import os
import sys
from pathlib import Path

from migration_assets.contracts.loader import load
from migration_assets.planning.keys import partitions
from migration_assets.tables.verify.compare import Asked, compare
from migration_assets.tables.verify.method import Method


def main(contract: str, method: Method) -> int:
    (wanted,) = load(Path(os.environ["MIGRATION_CONTRACTS"]), None).values()
    assert wanted.name == contract
    differ = 0
    for proof in compare(wanted, dict(os.environ), Asked(partitions(wanted), method=method)):
        differ += len(proof.findings) + proof.unnamed
        print(proof.partition, proof.compared.target, f"{proof.seconds:.2f} s", proof.method)
        for finding in proof.findings:
            print(finding.kind, finding.key)
    print(differ, "differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))  # type: ignore[arg-type]
