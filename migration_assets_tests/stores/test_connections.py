import pytest

from migration_assets.contracts.model import Server
from migration_assets.errors import ConnectionRefused
from migration_assets.stores.connections import is_local, parsed, safe, tls, url_of

LEGACY = Server("legacy-shop", "mysql")
CANARY = "hunter2-canary"


def test_a_servers_url_is_in_the_environment() -> None:
    url = "mysql+pymysql://reader@localhost/shop"
    assert url_of(LEGACY, {"LEGACY_SHOP_URL": f" {url}\n"}) == url


@pytest.mark.parametrize("environment", [{}, {"LEGACY_SHOP_URL": " "}])
def test_a_missing_url_is_refused_with_the_variable_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        url_of(LEGACY, environment)
    assert "LEGACY_SHOP_URL is not set" in refused.value.what
    assert "export LEGACY_SHOP_URL='mysql://" in refused.value.advice
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        CANARY,
        f"reader:{CANARY}@localhost/shop",
        f"mysql://reader:{CANARY}@localhost:port/shop",
        f"mysql//reader:{CANARY}@localhost/shop",
        f"postgresql://reader:{CANARY}@localhost",
        f"postgresql://reader:{CANARY}@db.example.com/shop?sslmode=disable",
        f"postgresql://reader:{CANARY}@db.example.com/shop?sslmode={CANARY}",
        f"postgresql://reader:{CANARY}@/shop?service={CANARY}",
        f"mysql://reader:{CANARY}@db.example.com/shop?ssl_disabled=true",
        f"oracle://reader:{CANARY}@db.example.com/shop",
        f"sqlite://reader:{CANARY}@db.example.com/shop",
        "sqlite://",
    ],
)
def test_a_bad_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        url_of(LEGACY, {"LEGACY_SHOP_URL": url})
    assert CANARY not in str(refused.value)
    assert refused.value.advice
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"mysql://reader:{CANARY}@h:3307/shop", "mysql://reader@h:3307/shop"),
        (f"postgresql:///shop?host=/run/pg&password={CANARY}", "postgresql:///shop?host=%2Frun%2Fpg"),
        (f"postgresql://h/shop?sslpassword={CANARY}&sslmode=require", "postgresql://h/shop?sslmode=require"),
        ("sqlite:////data/shop.db", "sqlite:////data/shop.db"),
        (CANARY, "(a malformed URL)"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert safe(url) == shown


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgresql:///shop", True),
        ("postgresql://localhost/shop", True),
        ("postgres://127.0.0.53:6000/shop", True),
        ("postgresql+psycopg2://u@[::1]/shop", True),
        ("postgresql:///shop?host=/run/postgresql", True),
        ("postgresql://localhost/shop?host=db.example.com", False),
        ("postgresql://localhost/shop?hostaddr=10.0.0.1", False),
        ("postgresql:///shop?host=localhost,db.example.com", False),
        ("postgresql:///shop?host=localhost&host=db.example.com", False),
        ("postgresql://localhost.example.com/shop", False),
        ("postgresql://10.0.0.1/shop", False),
        ("mysql://127.0.0.1/shop", True),
        ("mysql://db.example.com/shop?unix_socket=/run/mysqld.sock", True),
        ("mariadb://db.example.com/shop", False),
        ("sqlite:///shop.db", True),
        ("sqlite+remote://db.example.com/shop", False),
        ("mssql+pyodbc://name_of_a_source", False),
        ("snowflake:///shop", False),
    ],
)
def test_what_stays_on_this_machine_is_known(url: str, local: bool) -> None:
    assert is_local(parsed(LEGACY, url)) is local


@pytest.mark.parametrize(
    ("url", "allowed", "held"),
    [
        ("postgresql://h/s", "verify-full", "verify-full"),
        ("postgresql://h/s", "require", "require"),
        ("postgresql://h/s", "disable", "disable"),
        ("postgresql://h/s?sslmode=verify-full", "require", "verify-full"),
        ("postgresql://h/s?sslmode=require", "require", "require"),
        ("postgresql://localhost/s?sslmode=disable", "verify-full", None),
        ("mysql://h/s", "verify-full", "verify-full"),
        ("mysql://h/s?ssl_mode=VERIFY_CA", "verify-ca", "verify-ca"),
        ("mysql://h/s?ssl_verify_identity=false", "verify-ca", "verify-ca"),
        ("mysql://h/s?ssl_disabled=false", "verify-full", "verify-full"),
        ("oracle://h/s", "disable", "disable"),
    ],
)
def test_a_connection_that_leaves_is_held_to_tls(url: str, allowed: str, held: str | None) -> None:
    server = Server("legacy", "x", tls=allowed)  # type: ignore[arg-type]
    assert tls(server, parsed(server, url)) == held


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("postgresql://h/s?sslmode=require", "verify-full"),
        ("postgresql://h/s?sslmode=verify-ca", "verify-full"),
        ("postgresql://h/s?sslmode=prefer", "require"),
        ("postgresql://h/s?sslmode=verify-full&sslmode=disable", "verify-full"),
        ("mysql://h/s?ssl_disabled=1", "require"),
        ("mysql://h/s?ssl_verify_cert=false", "verify-ca"),
        ("mysql://h/s?ssl_check_hostname=false", "verify-full"),
        ("mysql://h/s?ssl-mode=PREFERRED", "verify-full"),
        ("mysql://h/s?read_default_file=/etc/my.cnf", "disable"),
        ("mssql://h/s", "require"),
    ],
)
def test_a_url_never_asks_for_less_than_the_contract(url: str, allowed: str) -> None:
    server = Server("legacy", "x", tls=allowed)  # type: ignore[arg-type]
    with pytest.raises(ConnectionRefused, match="LEGACY_URL"):
        tls(server, parsed(server, url))
