"""Contracts as Dagster definitions; with `definitions` and `control` the only code that imports Dagster.

Checks that are recorded for each partition, and backfill policies, are marked as preview and beta in
the Dagster that is pinned. They are used on purpose and held by tests, so the warnings, one for each
check of each contract, would only hide others. Contracts that share a job differ in their policies,
which say how many partitions a run of a backfill takes; a job's runs have one partition each.
"""

import warnings

import dagster as dg

warnings.filterwarnings("ignore", category=dg.PreviewWarning)
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", message=r"Asset job \S+ materializes assets with varying BackfillPolicies")
