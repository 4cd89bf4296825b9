"""What was moved against the limits, in `migration.throttle`: one bucket a server and measure.

A bucket holds what was moved and is not yet paid for by time. Whoever moved something adds it and
waits until all is paid, so that all together keep to the rate, in the order in which they came.
Every function takes a connection in autocommit; each is one statement."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from psycopg2.extensions import connection as Connection  # noqa: N812


def pay(connection: Connection, server: str, moved: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Adds (amount, rate a second) of each measure; the seconds to wait for each, 0 or less for none."""
    with connection.cursor() as cursor:
        parameters = {
            "server": server,
            # always in the same order, so that two of them never wait for each other
            "measures": sorted(moved),
            "amounts": [moved[measure][0] for measure in sorted(moved)],
            "rates": [moved[measure][1] for measure in sorted(moved)],
        }
        cursor.execute(_text("throttle_pay"), parameters)
        return dict(cursor.fetchall())


def busy(connection: Connection, server: str) -> float | None:
    """How busy the server is known to be; None for the one who has to ask it, and then to tell."""
    with connection.cursor() as cursor:
        cursor.execute(_text("throttle_claim"), {"server": server})
        if cursor.fetchone():
            return None
        cursor.execute(
            "SELECT amount FROM migration.throttle WHERE server = %s AND measure = 'busy'", [server]
        )
        row = cursor.fetchone()
        return row[0] if row else 0.0


def tell_busy(connection: Connection, server: str, amount: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE migration.throttle SET amount = %s, as_of = clock_timestamp() "
            "WHERE server = %s AND measure = 'busy'",
            [amount, server],
        )


@cache
def _text(name: str) -> str:
    return files("migration_assets.ledger").joinpath(f"{name}.sql").read_text("utf-8")
