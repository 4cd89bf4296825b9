"""The databases that can be looked at, by their source; a further one is one module and one line here."""

from migration_assets.analyzer.preflight.facts import SideReader
from migration_assets.analyzer.preflight.sides import general, mysql, postgres, sqlite

SIDES: dict[str, SideReader] = {
    "mysql": mysql,
    "postgres": postgres,
    "sqlite": sqlite,
    "sqlalchemy": general,
}
