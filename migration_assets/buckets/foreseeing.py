"""What a rollback of a partition would do; it is asked for by the same words."""

import time

from migration_assets.buckets.asked import of_name, open_one
from migration_assets.buckets.index import Index
from migration_assets.buckets.model import Moved
from migration_assets.buckets.part import Part
from migration_assets.buckets.standing import edited, standing, there_now
from migration_assets.checks.outcome import KEYS_SHOWN
from migration_assets.stages.foreseen import Foreseen


def foresee(part: Part, to: int | None) -> Foreseen | None:
    """None where there is nothing to take back; the rest of one that was not completed, where `to` fits."""
    waiting = open_one(part)
    if waiting and to in (None, waiting.generation):
        to = waiting.generation
    newest = next((each.generation for each in standing(part)), 0)
    to = newest - 1 if to is None else to
    undoing, left, undone = Index[Moved](), Index[bool](), set[int]()
    for each in standing(part):
        if each.generation > to:
            undone.add(each.generation)
            undoing.first(each.moved.decision.target, each.moved)
        else:
            left.put(each.moved.decision.target, True)
    if not undone and not waiting:
        return None
    found = edited(part, undoing, there_now(part))
    both = sum(target in undoing for target, _ in left.items())
    return Foreseen(
        part.contract.name,
        part.key,
        waiting.before if waiting else max(newest, part.records.next_generation() - 1),
        to,
        len(undoing) + len(left) - both,
        len(left),
        bool(undone),
        tuple(sorted(undone, reverse=True)),
        bool(found),
        tuple(found.first[:KEYS_SHOWN]),
        done=bool(waiting and waiting.done),
        begun=waiting.restore if waiting else "",
    )


def ask(part: Part, to: int | None, restore: str, *, discard: bool, by: str) -> None:
    """Notes what is asked for; of the same name and discarding no more, it stays as it is noted."""
    known = of_name(part, restore)
    if known and (known.discard or not discard):
        return
    found = foresee(part, to)
    if found is None:
        return
    said = {"to": found.generation, "before": found.before, "discard": discard, "by": by, "at": time.time()}
    part.records.ask(found.before + 1, restore, said)
