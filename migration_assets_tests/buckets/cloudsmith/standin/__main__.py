"""`python -m migration_assets_tests.buckets.cloudsmith.standin --port 8099 --repository shop/releases`"""

import argparse
import contextlib
import threading

from migration_assets_tests.buckets.cloudsmith.standin.server import serving


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repository", action="append", default=[], metavar="OWNER/REPOSITORY")
    parser.add_argument("--api-key", default="key")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds until a package is synchronised")
    parser.add_argument("--limit", type=int, default=10_800, help="calls a window")
    parser.add_argument("--window", type=float, default=3600.0, help="seconds")
    said = parser.parse_args()
    with serving(port=said.port, api_key=said.api_key, delay=said.delay) as standin:
        standin.rates.limit, standin.rates.window = said.limit, said.window
        for repository in said.repository:
            standin.world.make(*repository.split("/", 1))
        print(standin.endpoint, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
