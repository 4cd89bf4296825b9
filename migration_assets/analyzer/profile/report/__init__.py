"""A profile as a page for people, and as a document for programs."""

from migration_assets.analyzer.profile.report.document import document
from migration_assets.analyzer.profile.report.files import Written, write
from migration_assets.analyzer.profile.report.page import page

__all__ = ["Written", "document", "page", "write"]
