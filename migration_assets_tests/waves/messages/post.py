"""Queues of a moto server over HTTP, and what a test sends to them and finds in them."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration_assets.stores import s3
from migration_assets_tests.contracts.example import CUSTOMERS, ORDERS
from migration_assets_tests.s3 import KEYS

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Letter:
    body: str
    reason: str
    message_id: str
    part: str = ""


@dataclass(frozen=True)
class Post:
    """A queue for waves and one for dead letters, both empty at first."""

    endpoint: str
    url: str
    dead: str
    contracts: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **KEYS,
            "MIGRATION_WAVE_QUEUE": self.url,
            "MIGRATION_WAVE_DEAD_LETTERS": self.dead,
            "MIGRATION_CONTRACTS": str(self.contracts),
        }

    @property
    def client(self) -> Any:
        return client(self.endpoint)

    def send(self, body: str | Mapping[str, Any], **more: Any) -> str:
        """The message's id."""
        text = body if isinstance(body, str) else json.dumps(body)
        if self.url.endswith(".fifo"):
            more = {"MessageGroupId": "g", "MessageDeduplicationId": str(next(_numbers)), **more}
        return self.client.send_message(QueueUrl=self.url, MessageBody=text, **more)["MessageId"]

    def left(self) -> int:
        """Messages on the queue, seen or hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def letters(self) -> list[Letter]:
        """The dead letters; they are taken out."""
        found: list[Letter] = []
        asked = {"QueueUrl": self.dead, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while messages := self.client.receive_message(**asked).get("Messages"):
            for each in messages:
                said = {name: value["StringValue"] for name, value in each["MessageAttributes"].items()}
                found.append(Letter(each["Body"], said["reason"], said["message_id"], said.get("part", "")))
                self.client.delete_message(QueueUrl=self.dead, ReceiptHandle=each["ReceiptHandle"])
        return found

    def time_passes(self) -> None:
        """Messages that were taken and not removed can be taken again, as after their time."""
        from moto.sqs.models import sqs_backends

        name = self.url.rsplit("/", 1)[1]
        queue = sqs_backends["123456789012"][KEYS["AWS_REGION"]].queues[name]
        for message in queue._messages:
            message.change_visibility(0)


def client(endpoint: str) -> Any:
    return s3.client("sqs", {**KEYS, "POST_ENDPOINT_URL": endpoint}, "POST")


def post(endpoint: str, folder: Path, *, fifo: bool = False, fifo_dead: bool = False) -> Post:
    number = next(_numbers)
    for name, text in (("customers", CUSTOMERS), ("orders", ORDERS)):
        (folder / "contracts").mkdir(exist_ok=True)
        (folder / "contracts" / f"{name}.odcs.yaml").write_text(text)
    return Post(
        endpoint,
        _queue(endpoint, f"waves-{number}", fifo),
        _queue(endpoint, f"dead-{number}", fifo_dead),
        folder / "contracts",
    )


def _queue(endpoint: str, name: str, fifo: bool) -> str:
    attributes = {"FifoQueue": "true"} if fifo else {}
    name = f"{name}.fifo" if fifo else name
    return client(endpoint).create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
