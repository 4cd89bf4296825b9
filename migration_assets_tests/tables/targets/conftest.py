"""A connection to an empty target database."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest


class Target:
    """One database; each statement is committed at once, through a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connections: list[Any] = []
        self.own = self.connect()
        self.own.autocommit = True

    def connect(self) -> Any:
        connection = psycopg2.connect(self.url)
        self.connections.append(connection)
        return connection

    def run(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        with self.own.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, parameters: Any = None) -> Any:
        return self.run(statement, parameters)[0][0]


@pytest.fixture
def target(new_database: Callable[[str], str]) -> Iterator[Target]:
    target = Target(new_database("target"))
    yield target
    for connection in target.connections:
        connection.close()
