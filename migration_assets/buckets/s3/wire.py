"""HTTP/1.1 to one server over connections that are kept: what the bytes of many objects go through.

One request and its answer are read here, since a general client costs several times what an object of 10 KB
does.
"""

import os
import ssl
import time
from collections import deque

from migration_assets.buckets.s3.answer import Answer
from migration_assets.buckets.s3.connection import Body, Connection, Head, head_of
from migration_assets.buckets.s3.server import Lost, Server, connected, kind_of

#: seconds after which a kept connection is looked at before it is used
_IDLE = 0.5


class Wire:
    """Requests to one server; safe to use from several threads, and made anew in a forked process."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._kept: deque[Connection] = deque()
        self._process = os.getpid()

    def ask(
        self, method: str, target: str, headers: Head, body: Body = (), *, replayable: bool = True
    ) -> Answer:
        """The answer, whatever its status. Lost where there is none.

        A kept connection that the server had closed meanwhile is not an error: where the request can do no
        harm twice, and its body can be sent again, it is sent again at once.
        """
        head = head_of(method, target, headers)
        while True:
            connection = self._connection()
            used = connection.used
            try:
                return self._asked(connection, method, head, body, int(headers.get("content-length", 0)))
            except (OSError, EOFError) as error:
                connection.close()
                again = (
                    used and replayable and method in ("GET", "HEAD") and not isinstance(error, TimeoutError)
                )
                if not again:
                    raise Lost(f"The connection was lost ({kind_of(error)}).", sent=True) from None
            except BaseException:
                connection.close()
                raise

    def keep(self, connection: Connection, headers: Head) -> None:
        if "close" in headers.get("connection", "").lower() or os.getpid() != self._process:
            connection.close()
            return
        connection.used = True
        connection.idle_since = time.monotonic()
        self._kept.append(connection)

    @property
    def kept(self) -> int:
        """Connections that wait for a request."""
        return len(self._kept)

    def close(self) -> None:
        while self._kept:
            self._kept.pop().close()

    def _asked(self, connection: Connection, method: str, head: bytes, body: Body, size: int) -> Answer:
        broken: OSError | None = None
        try:
            connection.send(head, body, size)
        except ssl.SSLError:
            raise
        except OSError as error:
            # a server that refuses answers before it has read everything
            broken = error
        try:
            status, version, headers = connection.head()
        except (OSError, EOFError):
            raise broken or EOFError from None
        if broken or version == "HTTP/1.0":
            headers["connection"] = "close"
        answer = Answer(self.keep, connection, status, headers)
        said = headers.get("content-length")
        if method == "HEAD" or status in (204, 304):
            answer.expects(0)
        elif "chunked" in headers.get("transfer-encoding", "").lower() or said is None:
            answer.expects(None)
        else:
            answer.measures(said)
        return answer

    def _connection(self) -> Connection:
        if os.getpid() != self._process:
            self._kept, self._process = deque(), os.getpid()
        while True:
            try:
                kept = self._kept.pop()
            except IndexError:
                return Connection(connected(self.server))
            if time.monotonic() - kept.idle_since < _IDLE or kept.is_alive():
                return kept
            kept.close()
