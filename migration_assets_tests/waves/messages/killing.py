"""A process that takes messages, and a server before S3 and SQS that kills it (SIGKILL) at a request of choice."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from migration_assets_tests.forwarding import Forwarding, forwarding

Moment = Literal["before", "after"]

#: processes are forked from one that has everything imported and no threads
_made = multiprocessing.get_context("forkserver")
_made.set_forkserver_preload(
    ["boto3", "migration_assets.waves.messages", "migration_assets.waves.places.s3", __name__]
)


@dataclass
class Killer:
    """Whom to kill, at which of its requests, and whether before or after the server has done what it asks."""

    endpoint: str = ""
    victim: int = 0
    at: int = 0
    moment: Moment = "before"
    #: requests that may change something: all of SQS, and PUT of S3
    asked: list[str] = field(default_factory=list)

    def aim(self, victim: int, at: int, moment: Moment) -> None:
        self.victim, self.at, self.moment = victim, at, moment
        self.asked.clear()

    def strikes(self, moment: Moment) -> bool:
        if not self.victim or moment != self.moment or len(self.asked) != self.at:
            return False
        victim, self.victim = self.victim, 0
        os.kill(victim, signal.SIGKILL)
        return True


@contextmanager
def killer(upstream: str) -> Iterator[Killer]:
    made = Killer()
    with forwarding(_Killing, upstream, killer=made) as made.endpoint:
        yield made


class _Killing(Forwarding):
    killer: Killer

    def between(self, body: bytes) -> None:
        if self.command != "GET":
            self.killer.asked.append(self.headers.get("X-Amz-Target", "").partition(".")[2] or self.command)
        if self.killer.strikes("before"):
            return
        answer = self.asked_upstream(body)
        if not self.killer.strikes("after"):
            self.answer(*answer)


def consumer(environment: Mapping[str, str]) -> Any:
    """A process of its own that takes what is on the queue, once; it waits for a line until it begins."""
    begins, told = _made.Pipe(duplex=False)
    process = _made.Process(target=_consume, args=(begins, dict(environment)), daemon=True)
    process.start()
    begins.close()
    return process, told


def _consume(begins: Any, environment: dict[str, str]) -> None:
    from migration_assets.waves.messages import delivered
    from migration_assets.waves.places import place_of

    begins.recv()
    print(delivered(environment, place_of(environment)))
