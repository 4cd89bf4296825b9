"""Lines of COPY text are taken apart and put together again without a change."""

import random

from migration_assets.tables.copy_text import columns_of, decoded, encoded, lines_of


def test_a_byte_order_mark_at_the_beginning_is_part_of_the_value() -> None:
    lines = "\ufeffa\t1\n\ufeffb\t2\n".encode()
    assert [column.to_pylist() for column in columns_of(lines, 2)] == [["\ufeffa", "\ufeffb"], ["1", "2"]]


def test_null_differs_from_the_text_that_looks_like_it() -> None:
    assert decoded(columns_of(b"\\N\n\\\\N\n\n", 1)[0]).to_pylist() == [None, "\\N", ""]


def test_random_lines_are_the_same_after_decoding_and_encoding() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    alphabet = "a\\\\\\NntrbfvN\t\n\r\b\f\v\x01\x7f\ufeff\u2028ä😀\"' "
    for _ in range(200):
        values = [
            [
                None if chance.random() < 0.1 else "".join(chance.choices(alphabet, k=chance.randrange(6)))
                for _ in range(5)
            ]
            for _ in range(3)
        ]
        lines = "".join("\t".join(map(_field, row)) + "\n" for row in zip(*values, strict=True)).encode()
        columns = columns_of(lines, 3)
        assert [decoded(column).to_pylist() for column in columns] == values
        assert lines_of([encoded(decoded(column)) for column in columns]) == lines


def _field(text: str | None) -> str:
    """As PostgreSQL's documentation of COPY says it."""
    if text is None:
        return "\\N"
    letters = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    return "".join(letters.get(character, character) for character in text)
