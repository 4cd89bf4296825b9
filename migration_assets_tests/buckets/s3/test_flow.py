"""Requests side by side."""

import threading

from migration_assets.buckets.s3.flow import Flow


def test_more_threads_than_turns_all_get_theirs() -> None:
    flow = Flow(2)
    done: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            with flow.turn():
                done.append(number)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(done) == 400
