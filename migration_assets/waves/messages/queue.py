"""A queue of SQS: messages taken, released, removed, and sent."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from migration_assets.errors import ConnectionRefused
from migration_assets.stores import s3
from migration_assets.waves.messages.letters import Letter

#: seconds in which nobody else is given a message that was taken
HIDDEN = 120
#: messages that SQS gives, removes or releases in one request
BATCH = 10
#: where the queue does not say itself
_LARGEST = 262_144

_REGION = re.compile(r"(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\.")


@dataclass(frozen=True)
class Message:
    message_id: str
    body: str
    receipt: str
    #: of a FIFO queue; empty otherwise
    group: str = ""


class Queue:
    """The queue that the variable `name` of the environment names by its URL."""

    def __init__(self, url: str, environment: Mapping[str, str], name: str) -> None:
        self.url = url
        self._environment = environment
        self._name = name
        self._client: Any = s3.client("sqs", led_by(url, environment, name), name)

    @property
    def fifo(self) -> bool:
        return self.url.endswith(".fifo")

    def receive(self, wait: int) -> list[Message]:
        """At most ten, hidden from others for `HIDDEN` seconds; waits so many seconds for the first."""
        answer = self._ask(
            "receive_message",
            MaxNumberOfMessages=BATCH,
            WaitTimeSeconds=wait,
            VisibilityTimeout=HIDDEN,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        return [
            Message(
                each["MessageId"],
                each["Body"],
                each["ReceiptHandle"],
                each.get("Attributes", {}).get("MessageGroupId", ""),
            )
            for each in answer.get("Messages", ())
        ]

    def remove(self, messages: Sequence[Message]) -> None:
        """One that somebody else has taken meanwhile stays, and is removed by whoever has it."""
        self._each("delete_message_batch", messages)

    def release(self, messages: Sequence[Message]) -> None:
        """Lets anybody take them at once."""
        self._each("change_message_visibility_batch", messages, VisibilityTimeout=0)

    def send(self, letter: Letter, message: Message) -> None:
        """To a FIFO queue: the same letter about the same message once within SQS's five minutes."""
        ordered: dict[str, str] = {}
        if self.fifo:
            part = dict(letter.attributes).get("part", "")
            ordered["MessageGroupId"] = message.group or "waves"
            ordered["MessageDeduplicationId"] = f"{message.message_id}:{part}"
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in letter.attributes}
        self._ask("send_message", MessageBody=letter.body, MessageAttributes=attributes, **ordered)

    def largest(self) -> int:
        """Bytes of one message, its attributes with it."""
        return int(self._attributes("MaximumMessageSize").get("MaximumMessageSize", _LARGEST))

    def dead_letters(self) -> str | None:
        """The URL of the queue into which SQS itself puts what was taken too often; None without one."""
        policy = self._attributes("RedrivePolicy").get("RedrivePolicy")
        target = json.loads(policy).get("deadLetterTargetArn", "") if policy else ""
        if not target:
            return None
        account, name = target.split(":")[-2:]
        with s3.told(self._name):
            return self._client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]

    def _attributes(self, *names: str) -> dict[str, str]:
        return self._ask("get_queue_attributes", AttributeNames=list(names)).get("Attributes", {})

    def _each(self, request: str, messages: Sequence[Message], **asked: Any) -> None:
        for start in range(0, len(messages), BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": message.receipt, **asked}
                for number, message in enumerate(messages[start : start + BATCH])
            ]
            self._ask(request, Entries=entries)

    def _ask(self, request: str, **asked: Any) -> dict[str, Any]:
        with s3.told(self._name):
            return getattr(self._client, request)(QueueUrl=self.url, **asked)


def led_by(url: str, environment: Mapping[str, str], name: str) -> dict[str, str]:
    """The environment, with the server of the queue's URL where it names none, and with the URL's region."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.username or len(parts.path) < 2:
        raise ConnectionRefused(
            f"{name} is not the URL of a queue.",
            advice="Write it as `https://sqs.eu-central-1.amazonaws.com/123456789012/waves`.",
        )
    said = {"AWS_MAX_ATTEMPTS": "3", **environment}
    led = (f"{name}_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL")
    if not any(environment.get(each) for each in led):
        said[led[0]] = f"{parts.scheme}://{parts.netloc}"
    if found := _REGION.search(host):
        said["AWS_REGION"] = found[1] or found[2]
    return said
