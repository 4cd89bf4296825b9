"""Mapping suggestions: which column of the target a column of the source may be, how sure, and why."""

from migration_assets.analyzer.matching.model import Samples, Suggestion
from migration_assets.analyzer.matching.suggest import LEAST, SAMPLED, suggest

__all__ = ["LEAST", "SAMPLED", "Samples", "Suggestion", "suggest"]
