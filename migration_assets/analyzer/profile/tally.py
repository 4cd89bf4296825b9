"""The second reading's figures: distinct values, shapes, frequent values and histograms, by the batch."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migration_assets.analyzer.profile.model import Counted, Histogram
from migration_assets.tables import copy_text
from migration_assets.tables.copy_text import pc

Hashes = npt.NDArray[np.uint64]

#: Distinct values are counted exactly up to so many; beyond, by the lowest so many of their hashes
#: (k minimum values: (k - 1) divided by the k-th as a share of all; its standard error is 1 / sqrt(k - 2)).
KEPT = 65_536
#: distinct values that are counted one by one, and what is left of them when they become more
COUNTED, LEFT = 20_000, 5_000
#: values of a batch whose shape is looked at, and of all
SHAPED_AT_ONCE, SHAPED = 2_000, 20_000
SHOWN, PARTS, LONGEST = 10, 24, 60
_SIZE = float(1 << 64)


class Distinct:
    """How many different values there are; hashes of 64 bits."""

    def __init__(self) -> None:
        self._lowest: Hashes = np.empty(0, np.uint64)
        self.exact = True

    def add(self, hashes: Hashes) -> None:
        if not self.exact:
            hashes = hashes[hashes < self._lowest[-1]]
        if not len(hashes):
            return
        self._lowest = np.union1d(self._lowest, hashes)
        if len(self._lowest) > KEPT:
            self._lowest, self.exact = self._lowest[:KEPT], False

    @property
    def number(self) -> int:
        if self.exact:
            return len(self._lowest)
        return round((KEPT - 1) / (float(self._lowest[-1]) / _SIZE))


class Frequent:
    """The most frequent values; of many different ones the rare ones are forgotten on the way."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()

    def add(self, values: pa.Array) -> None:
        counts = pc.value_counts(values)
        if len(counts) > COUNTED:
            order = pc.array_sort_indices(counts.field("counts"), order="descending")
            counts = counts.take(order.slice(0, LEFT))
        for value, rows in zip(
            counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
        ):
            if value is not None:
                self._rows[value] += rows
        if len(self._rows) > COUNTED:
            self._rows = Counter(dict(self._rows.most_common(LEFT)))

    def sample(self, number: int) -> list[str]:
        return [value for value, _ in self._rows.most_common(number)]

    def top(self) -> tuple[Counted, ...]:
        """The first of those that more than one row has."""
        return tuple(
            Counted(value[:LONGEST] + ("…" if len(value) > LONGEST else ""), rows)
            for value, rows in self._rows.most_common(SHOWN)
            if rows > 1
        )


class Shapes:
    """What values look like: `9` for a digit, `a` for a letter and `aa` for more of them."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self.seen = 0

    def add(self, values: pa.Array) -> None:
        some = values.slice(0, min(SHAPED_AT_ONCE, SHAPED - self.seen)).drop_null()
        if not len(some):
            return
        self.seen += len(some)
        shaped = pc.utf8_slice_codeunits(some, 0, LONGEST)
        # a sign that no text of PostgreSQL has much use for stands in for a run of letters
        for pattern, sign in (
            (r"\p{L}{2,}", "\x01"),
            (r"\p{L}", "a"),
            ("\x01", "aa"),
            (r"\p{N}", "9"),
            ("9{12,}", "9…"),
        ):
            shaped = pc.replace_substring_regex(shaped, pattern, sign)
        for found in pc.value_counts(shaped).to_pylist():
            self._rows[found["values"]] += found["counts"]
        if len(self._rows) > COUNTED:
            self._rows = Counter(dict(self._rows.most_common(LEFT)))

    def top(self) -> tuple[Counted, ...]:
        return tuple(Counted(shape, rows) for shape, rows in self._rows.most_common(SHOWN))


class Spread:
    """A histogram of numbers, or of the years of moments."""

    def __init__(self, of: str, lowest: float, highest: float) -> None:
        self.of, self._range = of, (lowest, highest)
        self._rows: npt.NDArray[np.int64] = np.zeros(PARTS, np.int64)

    def add(self, values: pa.Array) -> None:
        text = pc.utf8_slice_codeunits(values, 0, 4) if self.of == "year" else values
        plain = pc.match_substring_regex(text, r"\A-?[0-9]{1,300}(\.[0-9]*)?\z")
        numbers: Any = (
            text.filter(pc.fill_null(plain, False)).cast(pa.float64()).to_numpy(zero_copy_only=False)
        )
        self._rows += np.histogram(numbers, PARTS, self._range)[0]

    @property
    def histogram(self) -> Histogram | None:
        if not self._rows.any():
            return None
        return Histogram(*self._range, tuple(int(rows) for rows in self._rows), self.of)


class ColumnTally:
    """The figures of one column while its rows are read."""

    def __init__(self, spread: Spread | None) -> None:
        self.distinct, self.frequent, self.shapes, self.spread = Distinct(), Frequent(), Shapes(), spread

    def add(self, fields: pa.Array, hashes: Hashes) -> None:
        """`fields` are escaped, null where there is no value; `hashes` are of those that are there."""
        self.distinct.add(hashes)
        self.frequent.add(fields)
        self.shapes.add(fields)
        if self.spread is not None:
            self.spread.add(fields)


class Hasher:
    """Hashes of 64 bits, by DuckDB: one thread, in memory."""

    def __init__(self) -> None:
        import duckdb

        self._database = duckdb.connect(config={"threads": 1})

    def __call__(self, columns: list[pa.Array]) -> list[Hashes]:
        batch = pa.table({f"c{place}": column for place, column in enumerate(columns)})
        self._database.register("batch", batch)
        asked = ", ".join(f"hash(c{place}) AS c{place}" for place in range(len(columns)))
        found = self._database.execute(f"SELECT {asked} FROM batch").fetchnumpy()  # noqa: S608 - own names
        self._database.unregister("batch")
        return [
            np.asarray(found[f"c{place}"], np.uint64)[column.is_valid().to_numpy(zero_copy_only=False)]
            for place, column in enumerate(columns)
        ]


@cache
def hasher() -> Hasher:
    """One for all tables: a database of its own costs more than to hash a small table."""
    return Hasher()


def decoded(text: str) -> str:
    """A field of COPY text as the value that it stands for."""
    if "\\" not in text:
        return text
    return copy_text.decoded(pa.array([text], pa.string()))[0].as_py()
