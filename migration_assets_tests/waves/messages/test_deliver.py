"""Messages of a real queue (moto, over HTTP) become wave files, once; the others become dead letters."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from migration_assets.errors import ConnectionRefused, ContractFaults, MigrationError, Passing
from migration_assets.waves.document import parsed
from migration_assets.waves.messages import Delivered, delivered
from migration_assets.waves.places.folder import Folder
from migration_assets_tests.waves.messages.post import Post, client, post

WAVE = {"name": "crm", "version": 1, "contracts": ["customers"]}


@pytest.fixture(params=["standard", "fifo"])
def queues(request: pytest.FixtureRequest, s3_server: str, tmp_path: Path) -> Post:
    return post(s3_server, tmp_path, fifo=request.param == "fifo", fifo_dead=request.param == "fifo")


@pytest.fixture
def queue(s3_server: str, tmp_path: Path) -> Post:
    return post(s3_server, tmp_path)


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "waves")


def versions(place: Folder) -> dict[str, tuple[str, int]]:
    """Name and version of the wave in each file."""
    waves = {each.name: parsed(each.text, each.origin) for each in place.documents()}
    return {file: (wave.name, wave.version) for file, wave in waves.items()}


def test_without_a_queue_nothing_is_delivered(place: Folder) -> None:
    assert delivered({}, place) == Delivered()


def test_waves_out_of_order_and_more_than_once_have_one_effect_each(queues: Post, place: Folder) -> None:
    for version in (2, 1, 3, 3, 2, 3, 1):
        queues.send({**WAVE, "version": version})
    queues.send({"name": "later", "contracts": ["orders"], "after": ["never_seen"]})

    done = delivered(queues.environment, place)

    assert versions(place) == {"crm.yaml": ("crm", 3), "later.yaml": ("later", 1)}
    assert done.accepted[-1] == "later 1"
    assert (len(done.accepted) + done.duplicate, done.refused, done.left) == (8, 0, 0)
    assert queues.left() == 0
    assert queues.letters() == []


POISON = {
    "neither JSON nor YAML": ("{name: [", "not YAML"),
    "an unknown field": ({**WAVE, "contract": "customers"}, "`contract` is not known here"),
    "an unknown contract": ({**WAVE, "contracts": ["customer"]}, "no contract has the contract `customer`"),
    "an alias bomb": ("a: &a [x]\nb: &b [*a, *a, *a]\nname: *b\n", "anchor"),
    "two documents": ("name: crm\n---\nname: crm\n", "second document"),
    "a wave after itself": ({**WAVE, "after": ["crm"]}, "waits for itself"),
    "the name of a contract": ({**WAVE, "name": "orders"}, "there is a contract `orders`"),
    "too deep": ("[" * 20_000, "nested too deep"),
    "too large": ({**WAVE, "description": "x" * 300_000}, "bytes"),
    "no text at all": ("\t", "YAML"),
}


@pytest.mark.parametrize("kind", POISON)
def test_a_poisoned_message_becomes_a_dead_letter_with_its_reason(
    queue: Post, place: Folder, kind: str
) -> None:
    said, reason = POISON[kind]
    body = said if isinstance(said, str) else json.dumps(said)
    message = queue.send(body)
    queue.send(WAVE)

    done = delivered(queue.environment, place)

    (letter,) = queue.letters()
    assert (letter.body, letter.message_id) == (body, message)
    assert reason in letter.reason
    assert done == Delivered(("crm 1",), 0, 1, 0)
    assert queue.left() == 0


def test_a_reason_has_all_faults_at_once(queue: Post, place: Folder) -> None:
    queue.send({"name": "a b", "contracts": ["customers"], "prio": 1, "approval": "maybe"})

    delivered(queue.environment, place)

    (letter,) = queue.letters()
    assert len(letter.reason.splitlines()) == 3
    assert all(f"message {letter.message_id}" in line for line in letter.reason.splitlines())


def test_the_same_version_with_other_content_is_poisoned_and_the_first_stays(
    queues: Post, place: Folder
) -> None:
    queues.send(WAVE)
    queues.send("# the same, written otherwise\nversion: 1\nname: crm\ncontracts: [customers]\n")
    queues.send({**WAVE, "priority": 5})

    done = delivered(queues.environment, place)

    assert done == Delivered(("crm 1",), 1, 1, 0)
    (letter,) = queues.letters()
    assert "Version 1 of the wave crm is there with other content" in letter.reason
    (document,) = place.documents()
    assert parsed(document.text, "").priority == 0


def test_a_newer_version_goes_over_the_file_in_which_the_wave_lies(queue: Post, place: Folder) -> None:
    place.put("by_hand.yaml", b"name: crm\ncontracts: [customers]\n", None)
    queue.send({**WAVE, "version": 2})

    delivered(queue.environment, place)

    assert versions(place) == {"by_hand.yaml": ("crm", 2)}


def test_a_file_that_holds_something_else_is_never_written_over(queue: Post, place: Folder) -> None:
    place.put("crm.yaml", b"not a wave: [\n", None)
    queue.send(WAVE)

    assert delivered(queue.environment, place).refused == 1
    assert [each.text for each in place.documents()] == [b"not a wave: [\n"]


def test_dead_letters_go_where_the_queue_itself_sends_what_was_taken_too_often(
    queue: Post, place: Folder
) -> None:
    sqs, names = client(queue.endpoint), ["QueueArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue.dead, AttributeNames=names)["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 10})
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": policy})
    queue.send("{")
    environment = {**queue.environment, "MIGRATION_WAVE_DEAD_LETTERS": ""}

    assert delivered(environment, place).refused == 1
    assert [letter.body for letter in queue.letters()] == ["{"]


def test_without_a_place_for_dead_letters_nothing_is_taken(queue: Post, place: Folder) -> None:
    queue.send(WAVE)

    with pytest.raises(ConnectionRefused, match="MIGRATION_WAVE_DEAD_LETTERS"):
        delivered({**queue.environment, "MIGRATION_WAVE_DEAD_LETTERS": ""}, place)

    assert list(place.documents()) == []
    assert delivered(queue.environment, place).accepted == ("crm 1",)


@pytest.mark.parametrize(
    ("variable", "value", "error"),
    [
        ("MIGRATION_WAVE_QUEUE", "waves", ConnectionRefused),
        ("MIGRATION_WAVE_QUEUE", "http://queue.example.com/1/waves", ConnectionRefused),
        ("MIGRATION_WAVE_QUEUE", "http://ada:secret@127.0.0.1/1/waves", ConnectionRefused),
        ("MIGRATION_WAVE_DEAD_LETTERS", "dead", ConnectionRefused),
        ("MIGRATION_CONTRACTS", "nowhere", ContractFaults),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_lost(
    queue: Post, place: Folder, variable: str, value: str, error: type[MigrationError]
) -> None:
    queue.send(WAVE)

    with pytest.raises(error) as refused:
        delivered({**queue.environment, variable: value}, place)

    assert variable in str(refused.value)
    assert "secret" not in str(refused.value)
    assert delivered(queue.environment, place).accepted == ("crm 1",)


def test_a_queue_that_is_not_there_is_named(queue: Post, place: Folder) -> None:
    with pytest.raises(
        ConnectionRefused, match="MIGRATION_WAVE_QUEUE cannot be used: there is no such queue"
    ):
        delivered({**queue.environment, "MIGRATION_WAVE_QUEUE": f"{queue.url}-gone"}, place)


class Contended(Folder):
    """Somebody else writes one of these versions before each of our writes, as long as there are some."""

    def __init__(self, path: Path, versions: Iterable[int]) -> None:
        super().__init__(path)
        self.versions = iter(versions)

    def put(self, name: str, text: bytes, expected: str | None) -> None:
        for version in islice(self.versions, 1):
            token = next((each.token for each in self.documents() if each.name == name), None)
            super().put(name, other(version), token)
        super().put(name, text, expected)


def other(version: int) -> bytes:
    return f"name: crm\nversion: {version}\ncontracts: [customers]\n".encode()


def test_whoever_writes_at_the_same_time_the_newest_version_stays(queue: Post, tmp_path: Path) -> None:
    queue.send({**WAVE, "version": 3})
    place = Contended(tmp_path / "waves", [1, 2])
    assert delivered(queue.environment, place).accepted == ("crm 3",)

    queue.send({**WAVE, "version": 5})
    place = Contended(tmp_path / "waves", [4, 6])
    done = delivered(queue.environment, place)

    assert (done.accepted, done.duplicate) == ((), 1)
    assert versions(place) == {"crm.yaml": ("crm", 6)}


def test_a_message_that_never_gets_its_turn_goes_back_to_the_queue_at_once(
    queue: Post, tmp_path: Path
) -> None:
    queue.send({**WAVE, "version": 100})
    place = Contended(tmp_path / "waves", range(1, 90))

    done = delivered(queue.environment, place)

    assert done == Delivered(left=1)
    assert delivered(queue.environment, Folder(tmp_path / "waves")).accepted == ("crm 100",)


def test_what_there_was_no_time_for_goes_back_to_the_queue(queue: Post, place: Folder) -> None:
    for version in range(1, 6):
        queue.send({**WAVE, "version": version})
    hours = iter([0.0, 1.0, 2.0, *[100.0] * 20])

    done = delivered(queue.environment, place, seconds=20, clock=lambda: next(hours))

    assert (len(done.accepted) + done.duplicate, done.left) == (1, 4)
    assert delivered(queue.environment, place).left == 0
    assert versions(place) == {"crm.yaml": ("crm", 5)}


class Broken(Folder):
    def put(self, name: str, text: bytes, expected: str | None) -> None:
        raise ConnectionRefused("The place refuses the role's request.")


def test_a_place_that_takes_nothing_leaves_the_message_on_the_queue(queue: Post, tmp_path: Path) -> None:
    queue.send(WAVE)
    with pytest.raises(ConnectionRefused):
        delivered(queue.environment, Broken(tmp_path / "waves"))
    assert queue.left() == 1

    queue.time_passes()
    assert delivered(queue.environment, Folder(tmp_path / "waves")).accepted == ("crm 1",)


def test_a_message_of_somebody_who_was_too_slow_is_done_by_another_once(queue: Post, place: Folder) -> None:
    queue.send(WAVE)
    slow = queue.client.receive_message(QueueUrl=queue.url, VisibilityTimeout=1)["Messages"]
    assert delivered(queue.environment, place) == Delivered()
    time.sleep(0.3)
    assert delivered(queue.environment, place).accepted == ("crm 1",)

    # what the slow one still does has no effect
    with pytest.raises(Passing):
        place.put("crm.yaml", slow[0]["Body"].encode(), None)
    assert queue.left() == 0


def test_two_that_take_messages_at_the_same_time_give_each_wave_one_effect(
    queue: Post, tmp_path: Path
) -> None:
    for number in range(40):
        queue.send({**WAVE, "name": f"w{number % 8}", "version": number % 5 + 1})
    places = [Folder(tmp_path / "waves") for _ in range(2)]

    with ThreadPoolExecutor() as at_once:
        done = list(at_once.map(lambda place: delivered(queue.environment, place), places))

    accepted = [each for one in done for each in one.accepted]
    assert len(accepted) == len(set(accepted))
    assert sum(one.duplicate for one in done) == 40 - len(accepted)
    assert set(versions(places[0]).values()) == {(f"w{number}", 5) for number in range(8)}
    assert queue.left() == 0


def test_what_is_said_of_a_delivery_is_one_line() -> None:
    assert str(Delivered(("crm 1", "erp 2"), 3, 4, 0)) == (
        "2 accepted (crm 1, erp 2), 3 without news, 4 refused, 0 left for later"
    )
