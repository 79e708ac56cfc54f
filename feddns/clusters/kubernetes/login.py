"""One set of settings and credentials for an API server, ready to connect with."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject

from feddns.clusters.kubernetes.failures import CredentialsError


class Login(msgspec.Struct, frozen=True):
    """One set of settings and credentials; `headers` is secret.

    Attributes:
        rest: connects with the right TLS and proxy; its session is opened by the first request.
        identity: a digest of all but the headers: two logins that share it can share connections.
        renew_at: when new credentials should be fetched, in seconds since the epoch; None where these have no end.
        files: what they were read from.
    """

    rest: Any
    headers: dict[str, str]
    identity: bytes
    renew_at: float | None
    files: tuple[Path, ...]

    @property
    def host(self) -> str:
        """The base of the API server's URLs."""
        return str(self.rest.configuration.host)

    def __repr__(self) -> str:
        return f"Login({self.host})"


def is_due(login: Login, now: float) -> bool:
    """Whether new credentials should be fetched, as these will soon end."""
    return login.renew_at is not None and now >= login.renew_at


def login_of(configuration: Configuration, renew_at: float | None, files: tuple[Path, ...]) -> Login:
    """The login that a configuration of `kubernetes.aio` makes.

    Args:
        configuration: loaded; the files that it names are needed no longer.
        renew_at: as in `Login`.
        files: likewise.

    Raises:
        CredentialsError: its proxy is of a kind that cannot be used.
        OSError: a file that it names cannot be read, or has no usable certificate.
    """
    # kubectl takes certificates that Python 3.13's stricter default refuses, and has to go on being the yardstick.
    configuration.disable_strict_ssl_verification = True
    configuration.proxy = configuration.proxy or _proxy_from_environment(configuration.host)
    scheme = urlsplit(configuration.proxy).scheme if configuration.proxy else "http"
    if scheme not in {"http", "https"}:
        raise CredentialsError(f"{configuration.host}: a proxy of the kind {scheme!r} is not supported, only HTTP ones")
    # Else every request would look for a password in ~/.netrc, and fail where it finds one.
    configuration.client_session_kwargs = {"trust_env": False}
    token = configuration.api_key.get("BearerToken")
    return Login(
        rest=RESTClientObject(configuration),
        # A token's file may end in a newline, which no header can hold.
        headers={"Authorization": token.strip()} if token else {},
        identity=_identity(configuration),
        renew_at=renew_at,
        files=files,
    )


def _identity(configuration: Configuration) -> bytes:
    parts: list[object] = [
        configuration.host,
        configuration.verify_ssl,
        configuration.tls_server_name,
        configuration.proxy,
    ]
    files = (configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file)
    parts.extend(Path(file).read_bytes() if file else None for file in files)
    return hashlib.sha256(repr(parts).encode()).digest()


def _proxy_from_environment(host: str) -> str | None:
    url = urlsplit(host)
    if not url.hostname or proxy_bypass(url.hostname):
        return None
    return getproxies().get(url.scheme)
