"""Cloudsmith's official client, held to one budget of calls and without waits of its own.

The client as it comes sleeps inside urllib3 for as long as a Retry-After says, untold; here each such
wait is the budget's, which all threads and processes share.
"""

import json
import random
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from migration_assets.buckets.cloudsmith.address import Address
from migration_assets.buckets.cloudsmith.budget import Budget, Stopped
from migration_assets.buckets.cloudsmith.refusals import classify, garbled, status_of
from migration_assets.buckets.s3.flow import Slow
from migration_assets.errors import MigrationError, Passing

Result = TypeVar("Result")
#: asked with calls and bytes before they go; waits as long as it must
Throttle = Callable[[int, int], None]

#: seconds to connect, and between two pieces of an answer
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0
#: how often a call is made that may be made twice, and how often one that was refused for now
ATTEMPTS, REFUSED_ATTEMPTS = 4, 20
FIRST_WAIT = 0.5


class Client:
    """The API of one account; safe to use from several threads."""

    def __init__(self, address: Address, budget: Budget, throttle: Throttle) -> None:
        import cloudsmith_api

        configuration = cloudsmith_api.Configuration()
        configuration.host = address.endpoint
        configuration.api_key = {"X-Api-Key": address.api_key}
        configuration.ssl_ca_cert = address.authorities  # pyright: ignore[reportAttributeAccessIssue]
        configuration.connection_pool_maxsize = 64
        self.address = address
        self.budget = budget
        self.throttle = throttle
        api = cloudsmith_api.ApiClient(configuration)
        api.rest_client = _rest_client(configuration, budget, throttle)
        api.user_agent = f"migration-assets {api.user_agent}"
        self.files: Any = cloudsmith_api.FilesApi(api)
        self.packages: Any = cloudsmith_api.PackagesApi(api)
        self.bulk: Any = cloudsmith_api.BulkActionApi(api)
        self.bin: Any = cloudsmith_api.RecycleBinApi(api)
        self.quota: Any = cloudsmith_api.QuotaApi(api)
        self.repos: Any = cloudsmith_api.ReposApi(api)
        self.formats: Any = cloudsmith_api.FormatsApi(api)
        self.user: Any = cloudsmith_api.UserApi(api)

    @property
    def here(self) -> tuple[str, str]:
        return self.address.owner, self.address.repository

    def said(self, call: Callable[..., Any], *arguments: Any, again: bool, **named: Any) -> Any:
        """The answer's JSON, not the client's models: a page of 500 packages takes these half a second.

        `again`: whether the call may be made twice. Passing, ConnectionRefused or RequestRefused otherwise.
        """
        return self.page(call, *arguments, again=again, **named)[0]

    def page(
        self, call: Callable[..., Any], *arguments: Any, again: bool, **named: Any
    ) -> tuple[Any, Mapping[str, str]]:
        """The same with the answer's headers."""
        named = {**named, "_preload_content": False, "_return_http_data_only": True}

        def once() -> tuple[Any, Mapping[str, str]]:
            answer = call(*arguments, **named)
            try:
                return (json.loads(answer.data) if answer.data.strip() else None), answer.getheaders()
            except ValueError:
                raise garbled(str(self.address)) from None

        return self._tried(once, again)

    @cached_property
    def me(self) -> str:
        """Whose key it is, as packages name who has uploaded them."""
        return str((self.said(self.user.user_self, again=True) or {}).get("slug") or "")

    def _tried(self, work: Callable[[], Result], again: bool) -> Result:
        from cloudsmith_api.rest import ApiException
        from urllib3.exceptions import HTTPError

        failed = refused = 0
        while True:
            try:
                return work()
            except Passing as error:
                if isinstance(error, Stopped):
                    raise
                status, found = 0, error
            except (ApiException, HTTPError) as error:
                status = status_of(error)
                found = classify(error, str(self.address), self.address.name)
            refused += status == 429
            failed += status != 429
            # one that was refused has done nothing: the budget says when it may go
            if status == 429 and refused < REFUSED_ATTEMPTS:
                continue
            if not again or failed >= ATTEMPTS or not isinstance(found, Passing):
                raise found from None
            self.wait(failed)

    def wait(self, failed: int, least: float = 0.0) -> None:
        """By chance, so that many do not come back at once; at once where the work has ended."""
        self.budget.stop.wait(max(least, random.uniform(0, FIRST_WAIT * 2**failed)))


def _rest_client(configuration: Any, budget: Budget, throttle: Throttle) -> Any:
    from cloudsmith_api.rest import ApiException, RESTClientObject, RESTResponse
    from urllib3 import Timeout
    from urllib3.exceptions import HTTPError

    timeout = Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)

    class Rest(RESTClientObject):  # pyright: ignore[reportUntypedBaseClass]
        def request(  # pyright: ignore[reportIncompatibleMethodOverride]
            self,
            method: str,
            url: str,
            query_params: Any = None,
            headers: Any = None,
            body: Any = None,
            **_: Any,
        ) -> Any:
            if query_params:
                url += "?" + urlencode(query_params)
            sent = None if body is None else json.dumps(body)
            throttle(1, 0)
            ticket = budget.take()
            try:
                found = self.pool_manager.request(
                    method,
                    url,
                    body=sent,
                    headers={"Content-Type": "application/json", **(headers or {})},
                    timeout=timeout,
                    retries=False,
                    redirect=False,
                )
            except HTTPError:
                budget.unanswered(ticket)
                raise
            budget.answered(found.status, found.headers, ticket)
            answer = RESTResponse(found)
            answer.data = answer.data.decode("utf-8", "replace")
            if not 200 <= answer.status <= 299:
                raise ApiException(http_resp=answer)
            return answer

    return Rest(configuration)


def attempts(
    work: Callable[[], Result], client: Client, most: int = ATTEMPTS
) -> tuple[Result, tuple[str, ...]]:
    """The work's result, and the causes for which it was done again."""
    after: list[str] = []
    while True:
        try:
            return work(), tuple(after)
        except MigrationError as error:
            if not isinstance(error, Passing) or len(after) + 1 >= most or client.budget.stop.is_set():
                error.tried_after = tuple(after)
                raise
            after.append(error.cause)
            asked_for = error.wait if isinstance(error, Slow) else 0.0
        client.wait(len(after), asked_for)
