"""What a dead letter says: the message as it came, and why it is no wave."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: bytes of a reason; what is longer is cut
REASON_LIMIT = 16_384
#: bytes that are always kept for a reason, the names of attributes and their types
_ROOM = 512

#: what SQS does not take
_UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")


@dataclass(frozen=True)
class Letter:
    body: str
    #: attributes of the type String: `reason`, `message_id`, and `part` (`1/2`) of a body in parts
    attributes: tuple[tuple[str, str], ...]


def letters(body: str, message_id: str, reason: str, limit: int) -> Iterator[Letter]:
    """`limit`: bytes of one message, its attributes with it."""
    parts = list(_parts(body, max(limit - _ROOM, 4)))
    for number, part in enumerate(parts, 1):
        others = [("message_id", message_id)]
        if len(parts) > 1:
            others.append(("part", f"{number}/{len(parts)}"))
        taken = len(part.encode()) + sum(len(name) + len(value) + len("String") for name, value in others)
        room = min(REASON_LIMIT, limit - taken - len("reasonString"))
        yield Letter(part, (("reason", sayable(reason, room)), *others))


def sayable(reason: str, room: int = REASON_LIMIT) -> str:
    """The reason in at most so many bytes, without what may be a password or cannot be sent."""
    text = _UNSENDABLE.sub("\ufffd", _CREDENTIALS.sub("***@", reason)) or "no reason"
    if len(text.encode()) <= room:
        return text
    return text.encode()[: max(room - 4, 1)].decode(errors="ignore") + " …"


def _parts(body: str, room: int) -> Iterator[str]:
    """The body, whole where it fits."""
    if len(body.encode()) <= room:
        yield body
        return
    # a character takes four bytes at most
    for start in range(0, len(body), room // 4):
        yield body[start : start + room // 4]
