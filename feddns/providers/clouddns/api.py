"""Requests to the API, one after another; each blocks.

The library is used for its credentials and its session alone. Its objects cannot be: listing a zone raises KeyError for
any routed record set, and there are no requests by name. So its connection is asked directly, by the one private
attribute that is used here and nowhere else.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote

import google.api_core.exceptions
import google.auth.exceptions
import google.cloud.dns  # type: ignore[import-untyped]  # the library has no types
import msgspec
import requests
import urllib3.exceptions

from feddns.errors import ProviderError, Rejected, Unavailable
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.credentials import Access, auth_failure
from feddns.providers.clouddns.outcome import Cause, Refusal, failure
from feddns.providers.clouddns.resources import Change
from feddns.providers.pacing import asked_pause_s

T = TypeVar("T")

_LONGEST_CONNECT_S: Final = 3.0
_ENCODE: Final = msgspec.json.Encoder().encode


class Connection(Protocol):
    """The part of the library's connection that is used."""

    def api_request(self, method: str, path: str, **options: Any) -> bytes:
        """Ask, and give the body of the answer."""


class Api:
    """One project's Cloud DNS; not for use by several threads at once.

    Attributes:
        connection: what requests go through.
        project: the project.
        who: as whom it is asked, for people.
    """

    def __init__(self, access: Access, endpoint: str | None, timeout_s: float) -> None:
        options = {} if endpoint is None else {"client_options": {"api_endpoint": endpoint.rstrip("/")}}
        self._client = google.cloud.dns.Client(access.project, access.credentials, **options)
        self.connection: Connection = self._client._connection  # noqa: SLF001 - see the module
        self._timeout_s = (min(timeout_s, _LONGEST_CONNECT_S), timeout_s)
        self.project = access.project
        self.who = access.who

    def get(self, call: Call, path: str, kind: type[T], query: Mapping[str, str | int]) -> T:
        """Ask for a resource.

        Args:
            call: which method it is.
            path: below the project; already quoted.
            kind: what the answer is.
            query: parameters.

        Raises:
            ProviderError: as `feddns.providers.clouddns.outcome` tells.
        """
        return self._request(call, "GET", path, kind, query, None)

    def create_change(self, path: str, change: Change, kind: type[T]) -> T:
        """Have a change carried out.

        Raises:
            ProviderError: as `get`; Unavailable with `outcome_unknown` where it may have been done.
        """
        return self._request(Call.CREATE_CHANGE, "POST", path, kind, {}, change)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(
        self, call: Call, verb: str, path: str, kind: type[T], query: Mapping[str, str | int], change: Change | None
    ) -> T:
        body = {} if change is None else {"data": _ENCODE(change), "content_type": "application/json"}
        try:
            answer = self.connection.api_request(
                verb,
                f"/projects/{quote(self.project, safe='')}{path}",
                query_params=dict(query),
                expect_json=False,
                timeout=self._timeout_s,
                **body,
            )
            return msgspec.json.decode(answer, type=kind)
        except google.api_core.exceptions.GoogleAPICallError as error:
            where = f"project {self.project}, as {self.who}"
            raise failure(call, _refusal(error), where, change) from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise auth_failure(error) from error
        except requests.RequestException as error:
            raise _unreachable(call, error) from error
        except msgspec.DecodeError as error:
            raise _not_understood(call, error) from error


def _refusal(error: google.api_core.exceptions.GoogleAPICallError) -> Refusal:
    causes = tuple(
        Cause(*(str(cause.get(key, "")) for key in Cause.__struct_fields__))
        for cause in error.errors
        if isinstance(cause, dict)
    )
    reason = error.reason
    if reason and all(cause.reason != reason for cause in causes):
        causes += (Cause(reason),)
    # The message begins with the verb and the address.
    message = str(error.message).partition("prettyPrint=false: ")[2] or str(error.message)
    headers = getattr(error.response, "headers", {})
    pause_s = asked_pause_s(headers.get("Retry-After", ""), headers.get("Date", ""))
    return Refusal(error.code or 0, message, causes, pause_s)


def _unreachable(call: Call, error: requests.RequestException) -> Unavailable:
    """The error of a request that got no answer."""
    text = f"Cloud DNS: {call.method}: "
    if _was_never_sent(error):
        return Unavailable(f"{text}the API cannot be reached: {_innermost(error)}")
    return Unavailable(f"{text}no answer came: {_innermost(error)}", outcome_unknown=call.writes)


def _was_never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _innermost(error: BaseException) -> str:
    """What went wrong, without the layers that pass it on."""
    while error.args and isinstance(error.args[-1], BaseException):
        error = error.args[-1]
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return _innermost(reason) if isinstance(reason, BaseException) else str(error)


def _not_understood(call: Call, error: msgspec.DecodeError) -> ProviderError:
    text = f"Cloud DNS: {call.method}: the answer is not the API's, as a proxy's may be: {error}"
    return Unavailable(text, outcome_unknown=True) if call.writes else Rejected(text)
