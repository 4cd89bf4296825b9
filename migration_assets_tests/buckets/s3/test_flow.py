"""Requests side by side."""

import threading
import time

from migration_assets.buckets.s3.flow import Flow


def test_more_threads_than_turns_all_get_theirs() -> None:
    flow = Flow(2)
    done: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            with flow.turn():
                time.sleep(0.001)
                done.append(number)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(done) == 80
