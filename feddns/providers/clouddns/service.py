"""The API as the provider asks it: at the project's pace, from a thread of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from feddns.errors import Rejected, Throttled, Unauthorized
from feddns.providers.clouddns import keyfile
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.resources import AcceptedChange, Change
from feddns.providers.clouddns.settings import CloudDnsSettings
from feddns.providers.pacing import Pace, shared_pace
from feddns.providers.reread import Reread

if TYPE_CHECKING:
    from feddns.providers.clouddns.api import Api

_PAGE: Final = 1_000
"""Resources that are asked for at once; the service may give fewer."""

_NO_QUERY: Final[Mapping[str, str | int]] = {}

R = TypeVar("R")


class Page(Protocol):
    """One part of a list."""

    @property
    def next_page_token(self) -> str:
        """What to ask for the next part with; empty for the last one."""


P = TypeVar("P", bound=Page)


class Service:
    """Cloud DNS of one project."""

    def __init__(self, settings: CloudDnsSettings, folder: Path, thread: Executor | None) -> None:
        """Prepare; nothing is contacted or looked for yet.

        Args:
            settings: how it is asked.
            folder: where relative paths start.
            thread: what blocking requests run in, one at a time; a thread of its own by default.
        """
        self._settings = settings
        self._folder = folder
        self._opened = Reread(self._open, keyfile.files(settings, folder), (Unauthorized, Rejected))
        self._api: Api | None = None
        # One thread, since a session of `requests` is for one; a zone's writer asks for one thing at a time anyway.
        self._thread = thread or ThreadPoolExecutor(max_workers=1, thread_name_prefix="clouddns")

    def __str__(self) -> str:
        if self._api is not None:
            return f"project {self._api.project}, as {self._api.who}"
        project = self._settings.project
        return f"{f'project {project}' if project else 'its project'}, as {self._settings.source}"

    @property
    def pause_s(self) -> float:
        """Seconds until a request would go at once."""
        return 0.0 if self._api is None else self._pace(self._api).pause_s

    async def get(self, call: Call, path: str, kind: type[R], query: Mapping[str, str | int] = _NO_QUERY) -> R:
        """Ask for the resource at a path below the project.

        Raises:
            ProviderError: it was not given.
        """
        return await self._ask(lambda api: api.get(call, path, kind, query))

    async def pages(
        self, call: Call, path: str, kind: type[P], query: Mapping[str, str | int] = _NO_QUERY
    ) -> AsyncIterator[P]:
        """Ask for a list, part after part.

        Raises:
            ProviderError: it was not given, or not to its end.
        """
        token = ""
        while True:
            more = {"pageToken": token} if token else {}
            page = await self.get(call, path, kind, {**query, "maxResults": _PAGE, **more})
            yield page
            token = page.next_page_token
            if not token:
                return

    async def create_change(self, path: str, change: Change) -> AcceptedChange:
        """Have a change carried out.

        Raises:
            ProviderError: it was not, or it is not known.
        """
        return await self._ask(lambda api: api.create_change(path, change, AcceptedChange))

    async def in_thread(self, work: Callable[[], R]) -> R:
        """Do something that takes long, and let others run meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Close the connections, once a request under way has ended."""
        api, self._api = self._api, None
        await asyncio.to_thread(self._thread.shutdown)
        if api is not None:
            api.close()

    async def _ask(self, request: "Callable[[Api], R]") -> R:
        api = await self.in_thread(self._current)
        pace = self._pace(api)
        await pace.turn()
        try:
            return await self.in_thread(lambda: request(api))
        except Throttled as error:
            pace.rest(error.retry_after_s)
            raise
        except Unauthorized:
            self._opened.doubt()  # the next request looks for credentials again, which may have been mended
            raise

    def _pace(self, api: "Api") -> Pace:
        account = ("clouddns", api.project)
        return shared_pace(account, self._settings.requests_per_second, self._settings.burst)

    def _current(self) -> "Api":
        """The API with the credentials of the moment; what was opened with others is closed."""
        former, self._api = self._api, self._opened.get()
        if former is not None and former is not self._api:
            former.close()
        return self._api

    def _open(self) -> "Api":
        # Google's libraries take a third of a second to import, and who only checks a configuration needs none.
        from feddns.providers.clouddns.api import Api  # noqa: PLC0415
        from feddns.providers.clouddns.credentials import find_access  # noqa: PLC0415

        settings = self._settings
        return Api(find_access(settings, self._folder), settings.endpoint, settings.timeout)
