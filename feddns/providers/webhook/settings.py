"""The settings of the provider `webhook`."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from feddns.config.scalars import FilePath, Seconds, Section


class WebhookSettings(Section, frozen=True):
    """A server that speaks ExternalDNS' webhook provider protocol, most often a sidecar.

    Attributes:
        url: where it listens, http or https; a path in it stands before those of the protocol.
        connect_timeout: seconds until a connection is given up.
        timeout: seconds until an answer must be there whole.
        headers_file: path of a file with HTTP headers to send, one `Name: value` a line, such as a mounted Secret with
            `Authorization: Bearer ...`; read again for every request.
        ca_file: path of a file with the certificates (PEM) that the server's certificate is judged by; those of the
            system by default.
        max_changes: record sets that one request may remove or add; fewer suit a service that takes them one by one.
    """

    url: str = "http://localhost:8888"
    connect_timeout: Seconds = 5.0
    timeout: Seconds = 15.0
    headers_file: FilePath | None = None
    ca_file: FilePath | None = None
    max_changes: Annotated[int, msgspec.Meta(ge=2, le=10_000)] = 1_000

    def __post_init__(self) -> None:
        """Refuse a URL that cannot be used.

        Raises:
            ValueError: says why.
        """
        _refuse_odd(self.url)
        if self.ca_file is not None and not self.url.lower().startswith("https:"):
            raise ValueError(f"caFile is for https, and the url is {self.url}")


def _refuse_odd(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the url cannot be understood: {error}") from None
    # The URL is not shown here: what stands before its @ may be a password.
    if parts.username is not None or parts.password is not None:
        raise ValueError("the url must hold no user and no password; send them as a header by headersFile")
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError(f'"{url}" is no url of a webhook: write http://host:port or https://host')
    if parts.query or parts.fragment:
        raise ValueError(f'"{url}" has a query or a fragment, which the protocol does not know')
