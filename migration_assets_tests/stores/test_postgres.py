import io
from collections.abc import Callable, Iterator

import psycopg2
import pytest

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused, LoadRefused, MigrationError, Passing
from migration_assets.stores.postgres import Connection, classify, connect, connection_arguments
from migration_assets.stores.refusals import unreached

CLOUD = Server("cloud", "postgres")
CANARY = "hunter2-canary"


@pytest.fixture
def database(new_database: Callable[[str], str]) -> Iterator[Connection]:
    connection = connect(CLOUD, new_database("stores"))
    yield connection
    connection.close()


def test_a_remote_host_is_verified_unless_the_contract_says_otherwise() -> None:
    url = f"postgresql+psycopg2://loader:{CANARY}@db.example.com:6000/shop"
    arguments = connection_arguments(CLOUD, url)
    assert arguments["sslmode"] == "verify-full"
    assert arguments["gssencmode"] == "disable"
    parts = [arguments[name] for name in ("host", "port", "dbname", "user", "password")]
    assert parts == ["db.example.com", 6000, "shop", "loader", CANARY]
    required = connection_arguments(Server("cloud", "postgres", tls="require"), url)
    assert required["sslmode"] == "require"


def test_a_weaker_url_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(ConnectionRefused, match="`verify-full` at least"):
        connect(CLOUD, f"postgresql://loader:{CANARY}@db.example.com/shop?sslmode=require")


@pytest.mark.parametrize("url", ["postgresql:///shop", "postgres://localhost/shop"])
def test_the_environments_defaults_do_not_redirect_a_connection(url: str) -> None:
    arguments = connection_arguments(CLOUD, url)
    assert arguments["hostaddr"] == ""
    assert arguments["host"] in ("", "localhost")
    assert arguments["sslmode"] == "prefer"


def test_a_connection_does_not_follow_pghost(
    new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database("pghost")
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGDATABASE", "PGCLIENTENCODING"):
        monkeypatch.setenv(name, "203.0.113.1" if "HOST" in name else "latin1")
    connect(CLOUD, url).close()


def test_other_parameters_of_the_url_reach_the_driver() -> None:
    arguments = connection_arguments(CLOUD, "postgresql://db.example.com/shop?sslrootcert=system")
    assert arguments["sslrootcert"] == "system"


def test_another_databases_url_is_refused() -> None:
    with pytest.raises(ConnectionRefused, match="not the URL of a PostgreSQL server"):
        connection_arguments(CLOUD, "mysql://localhost/shop")


def test_the_session_prints_exact_text(new_database: Callable[[str], str]) -> None:
    url = new_database("settings")
    with psycopg2.connect(url) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = cursor.fetchone()[0]
        for setting in ("datestyle = 'SQL, DMY'", "timezone = 'Asia/Tokyo'", "extra_float_digits = -5",
                        "bytea_output = 'escape'", "intervalstyle = 'iso_8601'", "client_encoding = 'latin1'",
                        "xmloption = 'document'", "standard_conforming_strings = off"):  # fmt: skip
            cursor.execute(f'ALTER DATABASE "{name}" SET {setting}')
    owner.close()
    connection = connect(CLOUD, url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            r"SELECT '2024-02-01 03:04:05.000006+09'::timestamptz::text, (0.1::float8 + 0.2)::text,"
            r" '\x00ff'::bytea::text, '1 day 02:03:04'::interval::text, 'Zürich 😀', '\n',"
            r" current_setting('xmloption')"
        )
        assert cursor.fetchone() == (
            "2024-01-31 18:04:05.000006+00", "0.30000000000000004", "\\x00ff", "1 day 02:03:04", "Zürich 😀",
            "\\n", "content",
        )  # fmt: skip
        cursor.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert cursor.fetchone() == ("migration-assets",)
    connection.close()


def test_settings_outlive_a_rollback(database: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        database.rollback()
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == ("UTC",)


def test_a_read_only_connection_writes_nothing(new_database: Callable[[str], str]) -> None:
    connection = connect(CLOUD, new_database("reading"), read_only=True)
    with connection.cursor() as cursor:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute("CREATE TABLE t (a int)")
        assert refused.value.pgcode == "25006"
    connection.rollback()
    connection.autocommit = True
    with connection.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("CREATE TABLE t (a int)")
    connection.close()


def test_hidden_rows_are_an_error_and_never_left_out(new_database: Callable[[str], str]) -> None:
    url = new_database("hidden")
    with psycopg2.connect(url) as owner, owner.cursor() as cursor:
        role = f"reader_{owner.get_backend_pid()}"
        cursor.execute(f"CREATE ROLE {role}; CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")
        cursor.execute(f"GRANT SELECT ON t TO {role}; ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        cursor.execute("CREATE POLICY one ON t USING (a = 1)")
    owner.close()
    connection = connect(CLOUD, url, read_only=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg2.Error, match="row-level security"):
            cursor.execute("SELECT count(*) FROM t")
    connection.close()
    with psycopg2.connect(url) as owner, owner.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    owner.close()


def refusal(database: Connection, statement: str, rows: str | None = None) -> MigrationError:
    try:
        with database, database.cursor() as cursor:
            if rows is None:
                cursor.execute(statement)
            else:
                cursor.copy_expert(statement, io.StringIO(rows))
    except psycopg2.Error as error:
        return classify(error)
    raise AssertionError("the statement was not refused")


TABLE = """
CREATE TYPE mood AS ENUM ('glad');
CREATE TABLE people (id int PRIMARY KEY, mail text NOT NULL UNIQUE, mood mood, born date,
                     CONSTRAINT real CHECK (mail <> 'x' || id), boss int REFERENCES people);
CREATE FUNCTION raising() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no % here', NEW.mail USING ERRCODE = TG_ARGV[0]; END $$;
INSERT INTO people VALUES (1, 'hunter2-canary', NULL, NULL, NULL);
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{CANARY}\ta\t\\N\t\\N\t\\N\n", ("invalid text representation", "column id", "SQLSTATE 22P02")),
        (f"2\ta\t{CANARY}\t\\N\t\\N\n", ("column mood",)),
        (f"2\ta\t\\N\t{CANARY}\t\\N\n", ("column born",)),
        (f"2\t{CANARY}\t\\N\t\\N\t\\N\n", ("unique constraint", "constraint people_mail_key", "23505")),
        ("2\tx2\t\\N\t\\N\t\\N\n", ("check constraint", "constraint real")),
        ("2\t\\N\t\\N\t\\N\t\\N\n", ("column mail", "table people", "23502")),
        (f"2\ta\t\\N\t\\N\t\\N\t{CANARY}\n", ("bad copy file format",)),
        (f"9999999999{CANARY}\ta\t\\N\t\\N\t\\N\n", ("SQLSTATE 22",)),
        ("99999999999\ta\t\\N\t\\N\t\\N\n", ("SQLSTATE 22003",)),
    ],
)
def test_a_refused_row_is_told_without_its_values(
    database: Connection, line: str, words: tuple[str, ...]
) -> None:
    with database, database.cursor() as cursor:
        cursor.execute(TABLE)
    found = refusal(database, "COPY people FROM STDIN", line)
    assert isinstance(found, LoadRefused)
    assert not found.passing
    assert all(word in str(found) for word in words), str(found)
    assert CANARY not in str(found)
    assert "9999999999" not in str(found)


@pytest.mark.parametrize("state", ["P0001", "23514", "42501"])
def test_what_a_trigger_raises_is_not_repeated(database: Connection, state: str) -> None:
    with database, database.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(
            f"CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION raising('{state}')"
        )
    found = refusal(database, f"INSERT INTO people VALUES (2, '{CANARY}')")
    assert "trigger" in str(found)
    assert state in str(found)
    assert CANARY not in str(found)


def test_what_the_reader_of_a_copy_raises_is_not_repeated(database: Connection) -> None:
    class Broken(io.StringIO):
        def read(self, *_: object) -> str:
            raise ValueError(CANARY)

    with database.cursor() as cursor:
        cursor.execute(TABLE)
        with pytest.raises(psycopg2.Error) as raised:
            cursor.copy_expert("COPY people FROM STDIN", Broken())
    assert CANARY not in str(classify(raised.value))


def test_missing_rights_name_the_remedy(database: Connection) -> None:
    found = refusal(
        database, "SELECT * FROM pg_catalog.pg_authid; SET ROLE pg_monitor; SELECT * FROM pg_authid"
    )
    assert "permission denied" in str(found)
    assert "Grant" in found.advice


def test_a_connection_that_breaks_may_be_tried_again(new_database: Callable[[str], str]) -> None:
    url = new_database("broken")
    one, other = connect(CLOUD, url), connect(CLOUD, url)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [one.info.backend_pid])
        with pytest.raises(psycopg2.Error) as raised, one.cursor() as broken:
            broken.execute("SELECT 1")
        assert isinstance(classify(raised.value), Passing)
        with pytest.raises(psycopg2.Error) as raised, one.cursor() as broken:
            broken.execute("SELECT 1")
        assert isinstance(classify(raised.value), Passing)
    other.close()


def test_a_deadlock_may_be_tried_again(database: Connection) -> None:
    found = refusal(database, "DO $$ BEGIN RAISE 'x' USING ERRCODE = '40P01'; END $$")
    assert found.passing
    found = refusal(database, "DO $$ BEGIN RAISE 'x' USING ERRCODE = '57014'; END $$")
    assert not found.passing


def test_a_server_that_is_away_may_come_back(tmp_path: object) -> None:
    with pytest.raises(Passing, match="nothing listens"):
        connect(CLOUD, f"postgresql://loader:{CANARY}@/shop?host={tmp_path}")


def test_a_database_that_is_not_there_is_refused(postgres_server: str) -> None:
    with pytest.raises(ConnectionRefused, match="no such role or database"):
        connect(CLOUD, postgres_server.replace("/postgres?", "/nowhere?", 1))


def test_an_unknown_parameter_is_refused_without_its_value(postgres_server: str) -> None:
    with pytest.raises(ConnectionRefused, match="parameter") as refused:
        connect(CLOUD, f"{postgres_server}&secret={CANARY}")
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ('FATAL:  password authentication failed for user "loader"', ConnectionRefused, "password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', ConnectionRefused, "pg_hba.conf"),
        ("SSL error: certificate verify failed", ConnectionRefused, "sslrootcert"),
        ("server does not support SSL, but SSL was required", ConnectionRefused, "tls: disable"),
        ("FATAL:  the database system is starting up", Passing, "starting up"),
        ("FATAL:  sorry, too many clients already", Passing, "no free connection"),
        ("timeout expired", Passing, "in time"),
        (f"something else: {CANARY}", ConnectionRefused, "psql"),
    ],
)
def test_why_no_connection_came_about_is_said_in_our_own_words(
    words: str, kind: type[MigrationError], told: str
) -> None:
    error = unreached("postgresql://loader@h/shop", psycopg2.OperationalError(words))
    assert type(error) is kind
    assert told in str(error)
    assert CANARY not in str(error)
