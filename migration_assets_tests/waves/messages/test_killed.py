"""kill -9 of the process that takes messages, at random requests: nothing is lost, nothing has two effects."""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migration_assets.waves.document import parsed
from migration_assets.waves.model import Wave
from migration_assets_tests.s3 import Bucket
from migration_assets_tests.waves.messages.killing import Killer, Moment, consumer, killer
from migration_assets_tests.waves.messages.post import Post, post

WAVES, POISONED, MESSAGES = 20, 10, 100

POISON = [
    "{name: [",
    "a: &a [x]\nb: [*a, *a]\n",
    json.dumps({"name": "crm", "contracts": ["nobody"]}),
    json.dumps({"name": "crm", "version": 0, "contracts": ["customers"]}),
    "x" * 300_000,
]


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def before_it_all(s3_server: str) -> Iterator[Killer]:
    with killer(s3_server) as made:
        yield made


def wave(number: int, version: int) -> dict[str, Any]:
    return {"name": f"w{number:02}", "version": version, "contracts": ["customers"], "priority": version}


def messages(chance: random.Random) -> tuple[list[str], dict[str, int]]:
    """A hundred bodies: twenty waves in one to three versions, some of them twice or more, ten poisoned;
    and each wave's newest version."""
    newest = {f"w{number:02}": chance.randint(1, 3) for number in range(WAVES)}
    said = [wave(int(name[1:]), each) for name, last in newest.items() for each in range(1, last + 1)]
    said += chance.choices(said, k=MESSAGES - POISONED - len(said))
    bodies = [written(each, chance) for each in said]
    bodies += [f"{POISON[number % len(POISON)]}\n# {number}" for number in range(POISONED)]
    chance.shuffle(bodies)
    return bodies, newest


def written(said: dict[str, Any], chance: random.Random) -> str:
    """As JSON, as YAML, or in an envelope of SNS."""
    body = json.dumps(said)
    yaml = "".join(f"{name}: {json.dumps(value)}\n" for name, value in said.items())
    envelope = json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": body})
    return chance.choice([body, yaml, envelope])


def writes(bucket: Bucket) -> list[Wave]:
    """Every wave that was ever written into the bucket, older ones last."""
    found = bucket.client.list_object_versions(Bucket=bucket.name)
    texts = [
        bucket.client.get_object(Bucket=bucket.name, Key=each["Key"], VersionId=each["VersionId"])[
            "Body"
        ].read()
        for each in found["Versions"]
    ]
    return [parsed(text, "") for text in texts]


def consume(
    environment: dict[str, str], aimed: Killer | None, at: int = 0, moment: Moment = "before"
) -> bool:
    """Whether it was killed."""
    process, told = consumer(environment)
    if aimed:
        aimed.aim(process.pid, at, moment)
    told.send("begin")
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.parametrize(
    ("kind", "kills", "span"),
    [
        ("standard", 3, 30),
        ("fifo", 1, 30),
        # so early that there is something left to be killed at
        pytest.param("standard", 20, 8, marks=pytest.mark.slow),
        pytest.param("fifo", 20, 8, marks=pytest.mark.slow),
    ],
)
def test_a_hundred_messages_survive_kills_at_random_requests(
    kind: str,
    kills: int,
    span: int,
    chance: random.Random,
    before_it_all: Killer,
    bucket: Bucket,
    s3_server: str,
    tmp_path: Path,
) -> None:
    queues = post(s3_server, tmp_path, fifo=kind == "fifo", fifo_dead=kind == "fifo")
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    environment = through(queues, bucket, before_it_all)
    bodies, newest = messages(chance)
    for body in bodies:
        queues.send(body)

    killed: Counter[str] = Counter()
    for _ in range(kills):
        moment: Moment = chance.choice(["before", "after"])
        if consume(environment, before_it_all, chance.randint(1, span), moment):
            killed[f"{moment} {before_it_all.asked[before_it_all.at - 1]}"] += 1
        queues.time_passes()
    before_it_all.aim(0, 0, "before")
    consume(environment, None)
    print(f"killed {dict(killed)}")
    assert killed.total() == kills or span > 8

    assert queues.left() == 0
    effects = Counter((each.name, each.version) for each in writes(bucket))
    assert set(effects.values()) == {1}
    assert {name: max(version for each, version in effects if each == name) for name in newest} == newest
    check_letters(queues, [body for body in bodies if "\n# " in body], fifo=kind == "fifo")


@pytest.mark.parametrize(("fifo", "letters"), [(False, 2), (True, 1)])
def test_a_kill_between_letter_and_removal_loses_nothing_and_a_second_letter_can_be_told(
    fifo: bool, letters: int, before_it_all: Killer, bucket: Bucket, s3_server: str, tmp_path: Path
) -> None:
    queues = post(s3_server, tmp_path, fifo_dead=fifo)
    environment = through(queues, bucket, before_it_all)
    message = queues.send("{")

    # it receives, asks how large a letter may be, and sends it
    assert consume(environment, before_it_all, 3, "after")
    assert before_it_all.asked[2] == "SendMessage"
    queues.time_passes()
    assert not consume(environment, None)

    assert queues.left() == 0
    found = queues.letters()
    assert [letter.message_id for letter in found] == [message] * letters


def check_letters(queues: Post, poisoned: list[str], *, fifo: bool) -> None:
    """All of them, each with its reason; a queue that is not FIFO may have one twice, and it can be told."""
    found = queues.letters()
    by_message = {letter.message_id: letter for letter in found}
    assert sorted(letter.body for letter in by_message.values()) == sorted(poisoned)
    assert len(by_message) == POISONED
    assert all(len(letter.reason) > 20 for letter in found)
    print(f"{len(found) - POISONED} letters twice")
    if fifo:
        assert len(found) == POISONED


def through(queues: Post, bucket: Bucket, killer: Killer) -> dict[str, str]:
    """The environment of the consumer: all it asks goes by the one that may kill it."""
    return {
        **queues.environment,
        "AWS_ENDPOINT_URL": killer.endpoint,
        "MIGRATION_WAVES": f"s3://{bucket.name}/waves",
    }
