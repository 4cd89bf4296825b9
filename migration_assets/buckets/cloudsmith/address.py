"""`cloudsmith://owner/repository` and the environment in, judged before anything is asked there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from migration_assets.errors import ConnectionRefused
from migration_assets.stores import endpoints

API = "https://api.cloudsmith.io"
_SLUG = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_URL = re.compile(rf"cloudsmith://({_SLUG})/({_SLUG})(?:/.*)?")


@dataclass(frozen=True)
class Address:
    """A repository and what leads to it."""

    owner: str
    repository: str
    #: of the API, without a slash at its end
    endpoint: str
    api_key: str = field(repr=False)
    #: what may be shown: the variables' name
    name: str = ""
    #: a file of certificate authorities; None: those that come with the client
    authorities: str | None = None

    def __str__(self) -> str:
        return f"cloudsmith://{self.owner}/{self.repository}"


def address_of(url: str, environment: Mapping[str, str], name: str) -> Address:
    """ConnectionRefused for what is no repository, has no key, or leads off this machine without TLS.

    A prefix behind the repository is the engine's: keys come whole.
    """
    found = _URL.fullmatch(url)
    if not found:
        raise ConnectionRefused(
            f"{name}_URL names no repository of Cloudsmith.",
            advice="Write it as `cloudsmith://owner/repository`; its key and endpoint have variables.",
        )
    key = environment.get(f"{name}_API_KEY", "").strip()
    if not key:
        raise ConnectionRefused(
            f"There is no key for {name}: {name}_API_KEY is not set.",
            advice=f"Set it, for example `export {name}_API_KEY=…`, to a key that may write there.",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConnectionRefused(f"{name}_API_KEY is no key of Cloudsmith.", advice="Copy it once more.")
    endpoint = environment.get(f"{name}_ENDPOINT_URL", "").strip().rstrip("/") or API
    allowed = environment.get(f"{name}_ENDPOINT_TLS") == "disable"
    endpoints.judge(endpoint, f"{name}_ENDPOINT_URL", "" if allowed else f"{name}_ENDPOINT_TLS")
    authorities = environment.get("SSL_CERT_FILE") or None
    return Address(found[1], found[2], endpoint, key, name, authorities)


def may_carry_files(url: str, address: Address) -> bool:
    """Whether a URL that the API gave for a file keeps what the API itself is held to."""
    if urlsplit(url).scheme == "https":
        return True
    return urlsplit(address.endpoint).scheme == "http" and urlsplit(url).scheme == "http"
