"""Which of a real server's errors pass, and which never do."""

from collections.abc import Callable

import psycopg2
import pytest

from migration_assets.errors import LoadRefused, MigrationError, Passing
from migration_assets.stores.refusals import classify

RAISES = "DO $$ BEGIN RAISE EXCEPTION 'a secret' USING ERRCODE = '{}'; END $$"


@pytest.fixture(scope="module")
def refused(postgres_server: str) -> Callable[[str], MigrationError]:
    def told(statement: str) -> MigrationError:
        connection = psycopg2.connect(postgres_server)
        try:
            with connection.cursor() as cursor, pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
        finally:
            connection.close()
        return classify(raised.value)

    return told


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("08006", "connection"),
        ("40001", "conflict"),
        ("40P01", "conflict"),
        ("53100", "resources"),
        ("53300", "resources"),
        ("55P03", "lock"),
        ("57P01", "restart"),
        ("57P03", "restart"),
    ],
)
def test_faults_of_the_moment_pass_and_say_their_cause(
    refused: Callable[[str], MigrationError], state: str, cause: str
) -> None:
    fault = refused(RAISES.format(state))

    assert isinstance(fault, Passing)
    assert fault.cause == cause
    assert "secret" not in str(fault)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'a secret'::int",
        "SELECT 1 / 0",
        "SELECT * FROM no_such_table",
        "SELECT no_such_column FROM pg_class",
        "CREATE TEMP TABLE t (n int UNIQUE); INSERT INTO t VALUES (1), (1)",
        "CREATE TEMP TABLE t (n int NOT NULL); INSERT INTO t VALUES (NULL)",
        "SET ROLE pg_monitor; CREATE TABLE pg_catalog.t ()",
        "SET statement_timeout = 10; SELECT pg_sleep(1)",
        RAISES.format("P0001"),
    ],
)
def test_faults_of_data_structure_and_rights_never_pass(
    refused: Callable[[str], MigrationError], statement: str
) -> None:
    fault = refused(statement)

    assert isinstance(fault, LoadRefused)
    assert not fault.passing
    assert "secret" not in str(fault)
