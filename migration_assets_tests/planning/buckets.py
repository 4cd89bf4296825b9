"""Contracts of buckets whose file stands in the test's folder, and keys as odd as a store takes them."""

import random
from pathlib import Path

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets_tests.contracts.bucket_example import SMALLEST

ODD = [
    "\x01", "\t", "\n", " ", " a", "a ", "//", "a//b", "../a", "./a", "/", "a/", "a", "A", "ä", "a\u0308",
    "\u007f", "\ud7ff", "\ue000", "\uffff", "\U0001f600", "\U0010ffff", "%", "%25", ",", "|", "rest", "all",
    "logs/2019/01/a", "logs/2019/01/", "logs/2019/1/a", "logs/2019-01-31.gz", "logs/2020/12/x/y", "ü" * 512,
]  # fmt: skip


def contract(folder: Path, said: str) -> Contract:
    """The smallest contract of a bucket with these words in its `migration`."""
    (folder / "artifacts.odcs.yaml").write_text(SMALLEST.replace("kind: bucket,", f"kind: bucket, {said},"))
    (found,) = load(folder).values()
    return found


def keys(seed: int, number: int) -> list[str]:
    """In the order of their bytes, each once, the odd ones among them."""
    chance = random.Random(seed)
    found = {
        "".join(chance.choices("ab/\u0301é\U0001f600\x01", k=chance.randint(1, 6))) for _ in range(number)
    }
    return sorted(found | set(ODD), key=lambda key: key.encode())
