"""Questions to a running feddns, over HTTP."""

import http.client
import ipaddress
import urllib.error
import urllib.request
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from feddns.config.settings import Settings
from feddns.errors import UntoldError
from feddns.model.address import is_loopback
from feddns.model.endpoint import Endpoint

T = TypeVar("T")

_PATIENCE_S: Final = 10.0
_MOST_OCTETS: Final = 64 << 20
"""What an answer may hold; what feddns tells at once is far less."""

_LOOPBACK: Final = {4: "127.0.0.1", 6: "::1"}


def default_url(settings: Settings) -> str:
    """Where the feddns of a configuration tells of itself, seen from its own machine.

    Raises:
        UntoldError: the configuration does not say.
    """
    if settings.web.listen is None:
        raise UntoldError("web.listen is not set, so `feddns run` tells nothing over HTTP; set it, or give --url")
    endpoint = Endpoint.parse(settings.web.listen)
    if endpoint.port == 0:
        raise UntoldError(f"web.listen is {endpoint}, any free port; give --url, as the log has it (`web serving`)")
    if endpoint.is_wildcard:
        endpoint = Endpoint(_LOOPBACK[ipaddress.ip_address(endpoint.host).version], endpoint.port)
    return f"http://{endpoint}"


class Remote:
    """A running feddns.

    Args:
        url: where it answers, without a path.
    """

    def __init__(self, url: str) -> None:
        host = _host(url)
        if not host:
            raise UntoldError(f'"{url}" is no address; write http://127.0.0.1:9797')
        self.url = url.rstrip("/")
        self._opener = _opener(host)

    def ask(self, path: str, kind: type[T], **query: Any) -> T:
        """Ask for something below `/api/v1`.

        Args:
            path: of it.
            kind: what is told.
            query: parameters; lists are repeated, and empty ones left out.

        Raises:
            UntoldError: nothing answers, or not what was asked for.
        """
        given = {name: value for name, value in query.items() if value}
        octets = self._get(f"{self.url}/api/v1{path}{'?' * bool(given)}{urlencode(given, doseq=True)}")
        try:
            return msgspec.json.decode(octets, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UntoldError(f"what answers at {self.url} is another version of feddns, or none: {error}") from None

    def _get(self, url: str) -> bytes:
        try:
            with self._opener.open(url, timeout=_PATIENCE_S) as answer:  # an address that was looked at above
                octets: bytes = answer.read(_MOST_OCTETS + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise UntoldError(self._refusal(error)) from None
        except http.client.HTTPException as error:
            text = f"what answers at {self.url} is no feddns: {str(error).strip() or type(error).__name__}"
            raise UntoldError(text) from None
        except OSError as error:
            raise UntoldError(self._silence(error)) from None
        if len(octets) > _MOST_OCTETS:
            raise UntoldError(f"what answers at {self.url} is no feddns: it tells without end")
        return octets

    def _refusal(self, error: urllib.error.HTTPError) -> str:
        if error.headers.get_content_type() == "application/problem+json":
            try:
                return str(msgspec.json.decode(error.read(_MOST_OCTETS))["detail"])
            except (msgspec.DecodeError, KeyError, TypeError, OSError):
                pass
        return f"what answers at {self.url} is another version of feddns, or none: it says {error.code} {error.reason}"

    def _silence(self, error: OSError) -> str:
        reason = getattr(error, "reason", error)
        text = getattr(reason, "strerror", None) or str(reason)
        return (
            f"nothing answers at {self.url}: {text}; is `feddns run` at work with web.listen set? In Kubernetes: "
            f"kubectl -n NAMESPACE port-forward deploy/feddns 9797, then --url http://127.0.0.1:9797"
        )


def _host(url: str) -> str:
    """The host of an address over HTTP; empty where it is none."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and parts.port != 0 and " " not in url
    except ValueError:  # brackets without an IPv6 address, or a port that is no number up to 65535
        return ""
    return parts.hostname or "" if is_one else ""


def _opener(host: str) -> urllib.request.OpenerDirector:
    """What opens addresses; a proxy of the environment is not for this machine itself."""
    return urllib.request.build_opener(*((urllib.request.ProxyHandler({}),) if is_loopback(host) else ()))
