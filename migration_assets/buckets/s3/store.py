"""Requests about one bucket: signed, paced, their refusals in our words."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from migration_assets.buckets.s3.answer import Answer
from migration_assets.buckets.s3.connection import Body
from migration_assets.buckets.s3.flow import Flow, Slow, Throttle, unlimited
from migration_assets.buckets.s3.server import READ_TIMEOUT, Damaged, Server
from migration_assets.buckets.s3.signing import EMPTY, Query, Signer, path_of, query_of
from migration_assets.buckets.s3.wire import Wire
from migration_assets.errors import MigrationError, Passing
from migration_assets.stores.cloud_refusals import classify
from migration_assets.stores.s3 import Access

_MISSING = frozenset({"NoSuchKey", "NotFound", "NoSuchVersion"})
#: with these nothing can go on
_FATAL = frozenset(
    {
        "NoSuchBucket",
        "InvalidAccessKeyId",
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "RequestTimeTooSkewed",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_SLOW = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable"}
)
#: of the moment, whatever status they come with
_NOW = frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InternalError"})
_LONGEST_ERROR = 1 << 20
#: seconds that a server may make us wait
LONGEST_AFTER = 3600.0


class Refused(MigrationError):
    """The server refuses this request, and will again; `code` is its own word."""

    def __init__(self, what: str, code: str, status: int) -> None:
        self.code, self.status = code, status
        super().__init__(what, advice="Look at the object and at the role's rights, then run again.")


class Missing(Refused):
    """There is no such object or version."""


class Conflict(Refused):
    """A condition of the request did not hold."""


class Store:
    """One bucket; `renewed` is asked where the credentials have expired before their time."""

    def __init__(
        self,
        access: Access,
        bucket: str,
        shown: str,
        *,
        renewed: Callable[[], Access] | None = None,
        throttle: Throttle = unlimited,
        side_by_side: int = 8,
        read_timeout: float = READ_TIMEOUT,
    ) -> None:
        url = urlsplit(access.endpoint)
        scheme = "https" if url.scheme == "https" else "http"
        self.bucket, self.shown = bucket, shown
        self.flow = Flow(side_by_side)
        self.throttle = throttle
        self._wire = Wire(
            Server(scheme, url.hostname or "", url.port, access.authorities, read_timeout=read_timeout)
        )
        self._base = access.base
        self._host = self._wire.server.name
        self.signer = Signer(access.credentials, access.region)
        self._renewed = renewed
        self._lock = threading.Lock()

    @property
    def account(self) -> tuple[str, str]:
        """Equal where both sides are one store and one account."""
        # on AWS a bucket has a host of its own, and one store has many buckets
        return self._host.removeprefix(f"{self.bucket}."), self.signer.account

    def ask(
        self,
        method: str,
        key: str = "",
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: Body = (),
        size: int = 0,
        payload: str = EMPTY,
    ) -> Answer:
        """An answer of status 2xx, its body unread.

        Missing, Conflict and Refused for good, Slow, Damaged, Lost and Passing for the moment,
        ConnectionRefused where nothing can go on.
        """
        self.throttle(1, size)
        signer = self.signer
        with self.flow.turn():
            answer = self._asked(signer, method, key, query, headers or {}, body, size, payload)
            if answer.status < 300:
                return answer
            code = _code(answer)
        # an answer to HEAD has no body that could say so
        may_be = code in _EXPIRED or (method == "HEAD" and answer.status == 400)
        if may_be and self._renew(signer):
            raise Passing(
                f"{self.shown}: the credentials had expired.",
                advice="Run the same command again.",
                cause="expired",
            )
        raise self.refused(code, answer)

    def refused(self, code: str, answer: Answer) -> MigrationError:
        status = answer.status
        said = f"{self.shown} refuses the request ({code or status})."
        if code in _MISSING or (status == 404 and code not in _FATAL):
            return Missing(f"{self.shown} has no such object.", code, status)
        if code == "ConditionalRequestConflict":
            # two writes at once, of which S3 lets none through
            return Passing(
                f"{self.shown}: somebody else was writing.",
                advice="Run the same command again.",
                cause="conflict",
            )
        if code == "PreconditionFailed" or status == 412:
            return Conflict(f"{self.shown}: somebody else was faster.", code, status)
        if code in ("BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"):
            return Damaged(f"{self.shown} received other bytes than were sent ({code}).", code)
        if code in _SLOW or status in (429, 503):
            self.flow.complained()
            return Slow(f"{self.shown} asks for less ({code or status}).", _after(answer))
        found = classify(_Said(code, status), self.shown)
        if status == 501 or not (isinstance(found, Passing) or code in _FATAL or code in _EXPIRED):
            return Refused(said, code, status)
        return found

    def _asked(
        self,
        signer: Signer,
        method: str,
        key: str,
        query: Query,
        headers: Mapping[str, str],
        body: Body,
        size: int,
        payload: str,
    ) -> Answer:
        path = f"{self._base}/{path_of(key)}" if key else self._base or "/"
        said = {"host": self._host, **headers}
        if method in ("PUT", "POST"):
            said["content-length"] = str(size)
        asked = query_of(query)
        signed = signer.signed(method, path, asked, said, payload)
        return self._wire.ask(method, f"{path}?{asked}" if asked else path, signed, body)

    def _renew(self, used: Signer) -> bool:
        """Whether there are other credentials now than those that were used."""
        with self._lock:
            if self.signer is used and self._renewed:
                access = self._renewed()
                self.signer = Signer(access.credentials, access.region)
            return self.signer.secret != used.secret

    def close(self) -> None:
        self._wire.close()


def version_in(headers: Mapping[str, str]) -> str:
    """Empty where the bucket keeps none."""
    said = headers.get("x-amz-version-id", "")
    return "" if said == "null" else said


class _Said:
    """A server's code and status, as `classify` looks at them."""

    def __init__(self, code: str, status: int) -> None:
        self.response: dict[str, Any] = {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }


def code_in(text: bytes) -> str:
    """The code of an `<Error>`; empty where there is none. Its message is never looked at."""
    found = re.search(rb"<Error\b.*?<Code>([\w.]{1,60})</Code>", text[:_LONGEST_ERROR], re.DOTALL)
    return found[1].decode() if found else ""


def _code(answer: Answer) -> str:
    try:
        return code_in(answer.read(_LONGEST_ERROR))
    except Passing:
        return ""


def _after(answer: Answer) -> float:
    """Seconds, or a date."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return min(float(said), LONGEST_AFTER)
    try:
        left = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(left, 0.0), LONGEST_AFTER)
