"""An error of Cloudsmith's client in, one of ours out: its status is told, its words never are."""

from typing import Any

from migration_assets.errors import ConnectionRefused, MigrationError, Passing

_WHY: dict[int, tuple[str, str]] = {
    401: ("the key is unknown there", "Correct {name}_API_KEY."),
    402: ("the plan or the quota does not allow it", "Look at the quota of the workspace, or ask for more."),
    403: ("the key may not do that", "Give it the right to write there, then run again."),
    404: ("there is no such repository, or the key may not see it", "Make it, or correct {name}_URL."),
}


class Missing(ConnectionRefused):
    """What was asked for is not there: the package, or all of the repository."""


class PlanRefused(ConnectionRefused):
    """The plan has not what was asked for, or its quota is used up."""


class RequestRefused(MigrationError):
    """The request itself is none that Cloudsmith takes; `fields` names those that are wrong."""

    def __init__(self, what: str, fields: tuple[str, ...] = (), *, advice: str = "") -> None:
        self.fields = fields
        super().__init__(what, advice=advice)


def status_of(error: Any) -> int:
    """0: there was no answer."""
    return int(getattr(error, "status", 0) or 0)


def classify(error: Any, what: str, name: str) -> MigrationError:
    """
    status              error
    none                Passing: the connection
    429                 Passing: busy
    500 and above       Passing: storage
    401, 402, 403, 404  ConnectionRefused, with what to do
    any other           RequestRefused, with the names of its fields
    """
    status = status_of(error)
    if status == 0:
        if "SSL" in f"{type(error).__name__} {getattr(error, 'reason', '')}"[:200]:
            return ConnectionRefused(
                f"{what} cannot be reached: its certificate is not signed by a known authority.",
                advice="Name the authority's file in SSL_CERT_FILE.",
            )
        return Passing(
            f"{what}: the connection was lost.", advice="Run the same command again.", cause="connection"
        )
    if status == 429 or status >= 500:
        cause = "busy" if status == 429 else "storage"
        return Passing(
            f"{what} did not serve the request ({status}).", advice="Run the same command again.", cause=cause
        )
    if status in _WHY:
        reason, advice = _WHY[status]
        kind = {402: PlanRefused, 404: Missing}.get(status, ConnectionRefused)
        return kind(f"{what} cannot be used: {reason}.", advice=advice.format(name=name))
    fields = _fields(getattr(error, "body", None))
    named = f" ({', '.join(fields)})" if fields else ""
    return RequestRefused(
        f"{what} refuses the request ({status}){named}.",
        fields,
        advice="Say format and fields of such packages in the contract's `package`.",
    )


def garbled(what: str) -> Passing:
    """What came is no answer of the API: a page for people, half an answer, one without its package."""
    return Passing(
        f"{what} gave an answer that says nothing.", advice="Run the same command again.", cause="storage"
    )


def _fields(body: object) -> tuple[str, ...]:
    """Names only: the sentences beside them may hold values."""
    import json

    try:
        said = json.loads(body if isinstance(body, (str, bytes)) else "{}")
        names = [str(each) for each in said.get("fields", {})]
    except (ValueError, AttributeError, TypeError):
        return ()
    return tuple(each for each in names if each.isidentifier() and len(each) < 40)
