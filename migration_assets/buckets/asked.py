"""Rollbacks of a partition that somebody asked for: open until they are completed, and on record."""

from dataclasses import dataclass, replace

from migration_assets.buckets.part import Part
from migration_assets.staging.place import slug


@dataclass(frozen=True)
class Asked:
    """A rollback to a generation, as the records have it."""

    restore: str
    #: the newest generation when it was asked for
    before: int
    generation: int
    #: whether what was changed since is given up
    discard: bool
    done: bool = False
    #: whether Dagster has it on record
    recorded: bool = False


def asked(part: Part) -> list[Asked]:
    """The newest last."""
    ended = {each.generation: each for each in part.records.generations()}
    noted, said = set[str](), dict[str, Asked]()
    for segment, fact in part.records.asked():
        if segment.number:
            noted.add(segment.run)
            continue
        mine = ended.get(segment.generation)
        done = mine is not None and slug(str(mine.facts.get("restore", ""))) == segment.run
        said[segment.run] = Asked(
            segment.run, int(fact["before"]), int(fact["to"]), bool(fact["discard"]), done
        )
    return [replace(each, recorded=name in noted) for name, each in said.items()]


def of_name(part: Part, restore: str) -> Asked | None:
    return next((each for each in asked(part) if each.restore == slug(restore)), None)


def open_one(part: Part) -> Asked | None:
    """The newest that is not completed, or that Dagster has not on record, and nothing was loaded since."""
    waiting = [each for each in asked(part) if not each.recorded and not loaded_since(part, each)]
    return waiting[-1] if waiting else None


def loaded_since(part: Part, asked: Asked) -> bool:
    return part.records.next_generation() - 1 > asked.before + (1 if asked.done else 0)
