"""An error of AWS's client in, one of ours out: its code and status are told, its message never is.

A server may put anything into its message, a key or a part of the request among it.
"""

import re
from typing import Any

from migration_assets.errors import ConnectionRefused, MigrationError, Passing

#: codes of the moment; status 429 and 5xx are, too
_NOW = frozenset(
    {
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "RequestThrottled",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "OperationAborted",
        "IncompleteBody",
        "BadDigest",
        "XAmzContentSHA256Mismatch",
        "XAmzContentChecksumMismatch",
        "KmsThrottled",
        "NoSuchUpload",
    }
)
_CONFLICT = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound", "NoSuchVersion"})

_REFUSED: dict[str, tuple[str, str]] = {
    "NoSuchBucket": ("there is no such bucket", "Make the bucket, or correct the variable."),
    "InvalidBucketName": ("there is no such bucket", "Make the bucket, or correct the variable."),
    "AWS.SimpleQueueService.NonExistentQueue": (
        "there is no such queue",
        "Make the queue, or correct its URL.",
    ),
    "QueueDoesNotExist": ("there is no such queue", "Make the queue, or correct its URL."),
    "ExpiredToken": ("the credentials have expired", "Renew them, then run again."),
    "ExpiredTokenException": ("the credentials have expired", "Renew them, then run again."),
    "InvalidAccessKeyId": ("the access key is unknown there", "Correct AWS_ACCESS_KEY_ID."),
    "SignatureDoesNotMatch": ("the secret key is another", "Correct AWS_SECRET_ACCESS_KEY."),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "Set the clock, then run again."),
    "PermanentRedirect": ("the bucket is in another region", "Set AWS_REGION to the bucket's region."),
    "AuthorizationHeaderMalformed": (
        "the bucket is in another region",
        "Set AWS_REGION to the bucket's region.",
    ),
    "IllegalLocationConstraintException": (
        "the bucket is in another region",
        "Set AWS_REGION to the bucket's region.",
    ),
}
_RIGHTS = "Grant the role what docs/deploy.md lists, then run again."

#: errors of the client itself, by the name of their class
_BY_CLASS: dict[str, tuple[str, str]] = {
    "NoCredentialsError": (
        "there are no credentials",
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give the machine a role.",
    ),
    "PartialCredentialsError": (
        "half of the credentials is missing",
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
    "ProfileNotFound": ("AWS_PROFILE names no profile", "Correct it, or leave it unset."),
    "NoRegionError": ("there is no region", "Set AWS_REGION."),
    "InvalidRegionError": ("the region is none", "Correct AWS_REGION."),
    "SSLError": (
        "its certificate is not signed by a known authority",
        "Name the authority's file in AWS_CA_BUNDLE.",
    ),
    "ParamValidationError": ("the request is none that it takes", "Correct the name of the bucket or queue."),
}
#: likewise, of the moment
_BY_CLASS_NOW: dict[str, str] = {
    "EndpointConnectionError": "nothing listens there",
    "ConnectTimeoutError": "it did not answer in time",
    "ReadTimeoutError": "it did not answer in time",
    "CredentialRetrievalError": "the credentials could not be fetched",
    "MetadataRetrievalError": "the credentials could not be fetched",
}


def code_of(error: Any) -> tuple[str, int]:
    """The code and the HTTP status that the server gave; empty and 0 where it gave none."""
    response = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return (code if re.fullmatch(r"[\w.]{1,60}", code) else ""), int(status or 0)


def is_missing(error: Any) -> bool:
    """Whether the object, not the bucket, is not there."""
    code, status = code_of(error)
    return code in _MISSING or (status == 404 and not code)


def is_conflict(error: Any) -> bool:
    """Whether a condition of the request did not hold: somebody else was faster."""
    code, status = code_of(error)
    return code in _CONFLICT or status == 412


def classify(error: Any, what: str) -> MigrationError:
    """Passing for a fault of the moment, ConnectionRefused otherwise; `what` may be shown."""
    code, status = code_of(error)
    if is_conflict(error):
        return Passing(
            f"{what}: somebody else was faster.", advice="Run the same command again.", cause="conflict"
        )
    if code in _REFUSED:
        reason, advice = _REFUSED[code]
        return ConnectionRefused(f"{what} cannot be used: {reason} ({code}).", advice=advice)
    if code in _NOW or status == 429 or status >= 500:
        return Passing(
            f"{what} did not serve the request ({code or status}).",
            advice="Run the same command again.",
            cause="storage",
        )
    if status in (401, 403):
        return ConnectionRefused(f"{what} refuses the role's request ({code or status}).", advice=_RIGHTS)
    if code or status:
        return ConnectionRefused(f"{what} refuses the request ({code or status}).", advice=_RIGHTS)
    return _of_the_client(error, what)


def _of_the_client(error: Any, what: str) -> MigrationError:
    names = [kind.__name__ for kind in type(error).__mro__]
    for name in names:
        if name in _BY_CLASS:
            reason, advice = _BY_CLASS[name]
            return ConnectionRefused(f"{what} cannot be reached: {reason}.", advice=advice)
        if name in _BY_CLASS_NOW:
            return Passing(
                f"{what} cannot be reached: {_BY_CLASS_NOW[name]}.",
                advice="Look whether it runs, then try again.",
                cause="storage",
            )
    if {"HTTPClientError", "ConnectionError", "IncompleteReadError", "FlexibleChecksumError"} & set(names):
        return Passing(
            f"{what}: the connection was lost.", advice="Run the same command again.", cause="storage"
        )
    return ConnectionRefused(
        f"{what} cannot be used ({names[0]}).", advice="Correct the AWS variables of the environment."
    )
