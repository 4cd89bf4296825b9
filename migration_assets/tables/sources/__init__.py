"""The sources that can be read; a further one is one module and one line here."""

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from migration_assets.errors import UnknownSource
from migration_assets.tables.sources import general, mysql, postgres, sqlite
from migration_assets.tables.sources.base import Source

SOURCES: dict[str, Source] = {
    "mysql": mysql,
    "postgres": postgres,
    "sqlite": sqlite,
    "sqlalchemy": general,
}

_BACKENDS = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgres": "postgres",
    "postgresql": "postgres",
    "sqlite": "sqlite",
}


def source_of(url: str) -> tuple[str, Source]:
    """The source that reads what the URL points to, and its name; UnknownSource when none does."""
    scheme, _, rest = url.partition("://")
    backend = _BACKENDS.get(scheme.partition("+")[0].lower())
    if backend is None:
        _refuse_unknown(scheme, rest)
        backend = "sqlalchemy"
    return backend, SOURCES[backend]


def _refuse_unknown(scheme: str, rest: str) -> None:
    try:
        make_url(f"{scheme}://").get_dialect()
    except (ArgumentError, NoSuchModuleError):
        shown = f"`{scheme}://`" if rest else "a text that is no URL"
        known = ", ".join(sorted(_BACKENDS))
        raise UnknownSource(
            f"No source reads {shown}: {known} are read, and every dialect of SQLAlchemy.",
            advice="Correct the URL, or install the SQLAlchemy dialect of that database.",
        ) from None
