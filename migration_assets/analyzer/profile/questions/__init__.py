"""The questions of a profile to a source; a further source is one module and one line here."""

from collections.abc import Mapping
from typing import Any

from migration_assets.analyzer.profile.questions.base import Questions, Suspect
from migration_assets.analyzer.profile.questions.general import GeneralQuestions
from migration_assets.analyzer.profile.questions.mysql import MySQLQuestions
from migration_assets.analyzer.profile.questions.postgres import PostgresQuestions
from migration_assets.analyzer.profile.questions.sqlite import SQLiteQuestions

__all__ = ["QUESTIONS", "Questions", "Suspect", "questions"]

QUESTIONS: Mapping[str, type[Questions]] = {
    "mysql": MySQLQuestions,
    "postgres": PostgresQuestions,
    "sqlite": SQLiteQuestions,
    "sqlalchemy": GeneralQuestions,
}


def questions(backend: str, snapshot: Any) -> Questions:
    return QUESTIONS[backend](snapshot)
