"""Loads the definitions and all of the repository, as a code server does; prints what it cost as JSON."""

import json
import resource

import dagster as dg

from migration_assets import definitions


def main() -> None:
    made = definitions.defs()
    assert isinstance(made, dg.Definitions)
    repository = made.get_repository_def()
    repository.load_all_definitions()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"cpu_s": round(cpu, 3), "rss_mb": round(used.ru_maxrss / 1024)}))


if __name__ == "__main__":
    main()
