"""The questions to any other database that SQLAlchemy speaks to: few, and such as all of them answer."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exc

from migration_assets.analyzer.profile.questions.base import Questions, beyond
from migration_assets.contracts.pgtypes import PgType
from migration_assets.errors import MappingFault
from migration_assets.tables.sources.base import SourceColumn

_ORDERED = ("int", "num", "dec", "real", "doub", "float", "date", "time", "char", "text", "string")
_NUMBERS = ("int", "num", "dec")


class GeneralQuestions(Questions):
    def ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return [tuple(row) for row in self.snapshot.exec_driver_sql(query)]
        except exc.SQLAlchemyError as error:
            inner = type(getattr(error, "orig", None) or error).__name__
            raise MappingFault(
                f"The source refused to be asked about the table ({inner}).",
                advice="Look at `from` and `where` of the contract, and at the rights of the role.",
            ) from None

    def quoted(self, name: str) -> str:
        return self.snapshot.dialect.identifier_preparer.quote_identifier(name)

    def bounds(self, column: SourceColumn, name: str) -> tuple[str, str] | None:
        orders = any(word in column.declared.lower() for word in _ORDERED)
        return (f"MIN({name})", f"MAX({name})") if orders else None

    def length(self, column: SourceColumn, name: str) -> str | None:
        del column, name
        return None

    def suspects(self, column: SourceColumn, name: str, target: PgType) -> Iterator[tuple[str, str]]:
        if any(word in column.declared.lower() for word in _NUMBERS) and (outside := beyond(name, target)):
            yield "out of range", outside

    def share(self, share: float, *, numbered: bool) -> str | None:
        """None: the first rows are read, as no way to scatter them is understood everywhere."""
        del share, numbered

    def text(self, column: SourceColumn, name: str) -> str:
        del column
        return name
