"""Wave messages of a queue in, wave files in the place out; what is no wave goes to the dead letters.

A message is removed only after its effect is there: its file was written, it was no news, or its letter
was accepted. Whoever is killed in between leaves the message, and the next one finds it to be no news.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, assert_never

from migration_assets.contracts.loader import load
from migration_assets.contracts.model import Contract
from migration_assets.errors import ConnectionRefused, Passing, WaveRefused
from migration_assets.stores.trying import in_words
from migration_assets.waves.messages.body import wave_text
from migration_assets.waves.messages.deciding import Drop, Look, Refuse, Shelf, Write, decide, shelf
from migration_assets.waves.messages.letters import letters
from migration_assets.waves.messages.queue import Message, Queue
from migration_assets.waves.model import Wave
from migration_assets.waves.places.base import Document, Place
from migration_assets.waves.soundness import alone

QUEUE = "MIGRATION_WAVE_QUEUE"
DEAD_LETTERS = "MIGRATION_WAVE_DEAD_LETTERS"

#: bytes of a wave in a message
SIZE_LIMIT = 262_144
#: seconds for all of it, and to wait for the first messages: without, SQS does not ask all of its servers
SECONDS, WAIT = 20.0, 1
#: how often a wave is decided upon anew because somebody else wrote meanwhile
ATTEMPTS = 5

Outcome = Literal["accepted", "duplicate", "refused", "left"]


@dataclass(frozen=True)
class Delivered:
    """What was on the queue, by what became of it."""

    #: waves that were written, with their versions: `crm 3`
    accepted: tuple[str, ...] = ()
    #: messages that were no news: the same once more, or older than what is there
    duplicate: int = 0
    #: messages that went to the dead letters
    refused: int = 0
    #: messages that were given back to the queue
    left: int = 0

    def __str__(self) -> str:
        waves = f" ({', '.join(self.accepted)})" if self.accepted else ""
        return (
            f"{len(self.accepted)} accepted{waves}, {self.duplicate} without news, "
            f"{self.refused} refused, {self.left} left for later"
        )


def delivered(
    environment: Mapping[str, str],
    place: Place,
    contracts: Mapping[str, Contract] | None = None,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Delivered:
    """Takes what is on the queue, for about so many seconds; nothing where no queue is named.

    `contracts`: those of `MIGRATION_CONTRACTS`, unless they are given. ConnectionRefused or Passing where
    queue, dead letters or place cannot be used: what was taken comes back by itself."""
    if not environment.get(QUEUE):
        return Delivered()
    if contracts is None:
        contracts = load(Path(environment.get("MIGRATION_CONTRACTS") or "data_contracts"))
    queue = Queue(environment[QUEUE], environment, QUEUE)
    delivery = _Delivery(queue, _dead_letters(queue, environment), place, contracts, clock, clock() + seconds)
    delivery.run()
    return delivery.done()


def _dead_letters(queue: Queue, environment: Mapping[str, str]) -> Queue:
    url = environment.get(DEAD_LETTERS) or queue.dead_letters()
    if not url:
        raise ConnectionRefused(
            f"The queue of {QUEUE} has nowhere to put what is no wave; nothing was taken from it.",
            advice=f"Name a queue for dead letters in {DEAD_LETTERS}, or give the queue a redrive policy.",
        )
    return Queue(url, environment, DEAD_LETTERS)


@dataclass
class _Delivery:
    """One call: what it works with, and what it has come to."""

    queue: Queue
    dead: Queue
    place: Place
    contracts: Mapping[str, Contract]
    clock: Callable[[], float]
    ends: float
    shelf: Shelf = field(default_factory=Shelf)
    accepted: list[str] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    counts: dict[Outcome, int] = field(default_factory=dict)

    def run(self) -> None:
        # before anything is taken: a place that cannot be read leaves the messages where they are
        self._look()
        wait = WAIT
        while self.clock() < self.ends and (batch := self.queue.receive(wait)):
            self._settle(batch)
            wait = 0
        # not sooner, or they would only come back here
        self.queue.release(self.left)

    def done(self) -> Delivered:
        duplicate, refused = self.counts.get("duplicate", 0), self.counts.get("refused", 0)
        return Delivered(tuple(self.accepted), duplicate, refused, len(self.left))

    def _look(self) -> None:
        self.shelf = shelf(self.place.documents())

    def _settle(self, batch: list[Message]) -> None:
        settled: list[Message] = []
        try:
            for message in batch:
                outcome = self._outcome(message) if self.clock() < self.ends else "left"
                self.counts[outcome] = self.counts.get(outcome, 0) + 1
                if outcome == "left":
                    self.left.append(message)
                elif outcome != "refused":
                    settled.append(message)
        finally:
            self.queue.remove(settled)

    def _outcome(self, message: Message) -> Outcome:
        text = wave_text(message.body)
        read = self._read(text, f"message {message.message_id}")
        if isinstance(read, Refuse):
            return self._bury(message, read.reason)
        for _ in range(ATTEMPTS):
            match decision := decide(read, self.shelf):
                case Drop():
                    return "duplicate"
                case Refuse(reason):
                    return self._bury(message, reason)
                case Look():
                    self._look()
                case Write(name, expected):
                    if self._written(read, text, name, expected):
                        return "accepted"
                    self._look()
                case _:
                    assert_never(decision)
        return "left"

    def _read(self, text: bytes, origin: str) -> Wave | Refuse:
        if len(text) > SIZE_LIMIT:
            return Refuse(f"{origin}: it has {len(text):,} bytes. At most {SIZE_LIMIT:,} are read.")
        try:
            return alone(Document("message.yaml", text, origin, ""), self.contracts)
        except WaveRefused as refused:
            return Refuse("\n".join(map(str, refused.faults)))
        except Exception as error:
            # whatever is the matter with one message, those behind it are to be read
            return Refuse(f"{origin}: {in_words(error)}")

    def _written(self, wave: Wave, text: bytes, name: str, expected: str | None) -> bool:
        """Whether nobody else was faster."""
        try:
            self.place.put(name, text, expected)
        except Passing:
            return False
        self.shelf = self.shelf.written(wave, name)
        self.accepted.append(f"{wave.name} {wave.version}")
        return True

    def _bury(self, message: Message, reason: str) -> Outcome:
        """Its removal is not put off: until then a kill would make a second letter."""
        for letter in letters(message.body, message.message_id, reason, self.dead.largest()):
            self.dead.send(letter, message)
        self.queue.remove([message])
        return "refused"
