"""Route 53's API as calls that can be awaited, at the account's pace and with errors of ours."""

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from feddns.errors import ProviderError, Throttled
from feddns.providers.pacing import shared_pace
from feddns.providers.reread import Reread
from feddns.providers.route53.credentials import credential_files, open_client
from feddns.providers.route53.outcome import (
    EXPIRED,
    PRIOR_REQUEST,
    Request,
    answered,
    code_of,
    is_invalid_batch,
    message_of,
    unanswered,
)
from feddns.providers.route53.settings import Route53Settings

_THREADS: Final = 2
"""One for the writer and one for who asks beside it."""
_REST_S: Final = 0.5
"""How long nothing is asked of an account that was asked too much, where it does not say so itself."""

METHODS: Final = {
    "ListHostedZones": "list_hosted_zones",
    "GetHostedZone": "get_hosted_zone",
    "ListResourceRecordSets": "list_resource_record_sets",
    "ChangeResourceRecordSets": "change_resource_record_sets",
    "GetChange": "get_change",
}
"""The operations that feddns calls, which are also the IAM permissions that it needs."""

T = TypeVar("T")


class InvalidBatch(Exception):
    """Route 53 cannot carry out a change batch; the text is what it says, if anything."""


class Api:
    """Asks Route 53, one call of the method for one request."""

    def __init__(self, settings: Route53Settings, folder: Path, executor: Executor | None = None) -> None:
        """Make what has no connections yet.

        Args:
            settings: the credentials and the pace.
            folder: where relative paths in the settings start from.
            executor: where blocking calls run; by default threads of its own, so that a service that hangs stops
                nothing else.
        """
        self._executor = executor or ThreadPoolExecutor(_THREADS, thread_name_prefix="route53")
        account = ("route53", settings.profile, settings.role_arn, settings.endpoint_url)
        self._pace = shared_pace(account, settings.requests_per_second, settings.burst)
        make = functools.partial(open_client, settings, folder)
        self._clients: Reread[Any] = Reread(make, credential_files(), (BotoCoreError, OSError))
        self._client: Any = None
        self._partition = "aws"
        self._making = threading.Lock()

    @property
    def pause_s(self) -> float:
        """Seconds until a request would go at once."""
        return self._pace.pause_s

    async def call(self, request: Request, **parameters: Any) -> dict[str, Any]:
        """The answer to one request.

        Raises:
            InvalidBatch: a change batch cannot be carried out.
            ProviderError: anything else that went wrong.
        """
        try:
            return await self._send(request, parameters)
        except ClientError as error:
            if code_of(error) not in EXPIRED:
                raise self._told(error, request) from error
        self._clients.doubt()  # they may have been renewed where they came from
        try:
            return await self._send(request, parameters)
        except ClientError as error:
            raise self._told(error, request) from error

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What a function gives that takes long to compute."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    async def close(self) -> None:
        """Wait for the request in flight, which its time-outs end, and close the connections."""
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _send(self, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
        await self._pace.turn()
        try:
            return await self.run(self._ask, request.operation, parameters)
        except (BotoCoreError, OSError) as error:
            raise unanswered(error, request) from error

    def _ask(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._making:
            client = self._client = self._clients.get()
        self._partition = client.meta.partition
        answer: dict[str, Any] = getattr(client, METHODS[operation])(**parameters)
        return answer

    def _told(self, error: ClientError, request: Request) -> ProviderError | InvalidBatch:
        if is_invalid_batch(error):
            return InvalidBatch(message_of(error))
        told = answered(error, request, self._partition)
        if isinstance(told, Throttled) and code_of(error) != PRIOR_REQUEST:
            self._pace.rest(told.retry_after_s or _REST_S)
        return told
