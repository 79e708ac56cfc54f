"""Active probes as they are asked for: in the configuration, and in the part that annotations share with it."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

import msgspec

from feddns.config.durations import DURATION_PATTERN, format_duration
from feddns.config.lines import Fault, Path, dotted
from feddns.config.scalars import FilePath, FolderPath, Section

_END: Final = r"(?![\s\S])"  # Python's $ would let a newline follow
_LABEL: Final = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME: Final = rf"({_LABEL}\.)*(?![0-9]+{_END}|[0-9]+:){_LABEL}"
_ADDRESS: Final = r"[0-9.]{7,15}|\[[0-9A-Fa-f:.]{2,45}\]"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPAN: Final[dict[str, Any]] = {"pattern": DURATION_PATTERN}

Port = (
    Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    | Annotated[
        str,
        msgspec.Meta(
            pattern=rf"^(?=[0-9-]*[a-z])[a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?{_END}",
            extra={"words": "the name of a port of the Service"},
        ),
    ]
)
"""A number, or the name that a Service gives to one of its ports."""

Status = (
    Annotated[int, msgspec.Meta(ge=200, le=599)]
    | Annotated[
        str,
        msgspec.Meta(pattern=rf"^[2-5][0-9]{{2}}-[2-5][0-9]{{2}}{_END}", extra={"words": "a range such as 200-399"}),
    ]
)
"""One final status of HTTP, or a range of them (RFC 9110 section 15)."""

RequestPath = Annotated[
    str,
    msgspec.Meta(
        pattern=rf'^/[!-"$-~]{{0,1023}}{_END}',
        extra={"words": "a path that begins with / and has no spaces and no #, of at most 1024 characters"},
    ),
]
"""The origin-form of a request's target (RFC 9112 section 3.2.1)."""

Host = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^(|({_NAME}|{_ADDRESS})(:[0-9]{{1,5}})?){_END}",
        max_length=259,
        extra={"words": "a host name or an address, with a port behind a colon or without"},
    ),
]
"""What the header `Host` may say (RFC 9110 section 7.2); empty for the address that is asked."""

ServerName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^(|{_NAME}){_END}", max_length=253, extra={"words": "a host name without a final dot, no address"}
    ),
]
"""What SNI may say, which addresses are not to stand in (RFC 6066 section 3); empty for none."""


class TcpSettings(Section, frozen=True):
    """A connection that is taken is a success.

    Attributes:
        port: the Service's first TCP port by default.
    """

    port: Port | None = None


class HttpQuestion(Section, frozen=True):
    """One HTTP/1.1 request to each address; redirects are answers like others and are not followed.

    Attributes:
        port: by default the Service's port that is named like the kind of probe (`http` or `https`), else the kind's
            own (80 or 443) if the Service has it, else its first TCP port.
        method: of the request.
        path: of the request, with the query.
        host: the header `Host`; the address by default.
        status: those that are a success, one by one or in ranges.
        body: text that the first 64 KiB of the body must contain; any body by default.
    """

    port: Port | None = None
    method: Literal["GET", "HEAD", "POST", "OPTIONS"] = "GET"
    path: RequestPath = "/"
    host: Host = ""
    status: Annotated[tuple[Status, ...], msgspec.Meta(min_length=1, max_length=50)] = ("200-399",)
    body: Annotated[str, msgspec.Meta(max_length=1024)] = ""


class HttpSettings(HttpQuestion, frozen=True):
    """One HTTP/1.1 request to each address; redirects are answers like others and are not followed.

    Attributes:
        headers_from: a folder with one file for each further header, its name the header's, as a mounted Secret is.
    """

    headers_from: FolderPath | None = None


class HttpsSettings(HttpSettings, frozen=True):
    """One HTTP/1.1 request over TLS to each address; redirects are answers like others and are not followed.

    Attributes:
        server_name: sent as SNI, and what the certificate must be for; by default the name in `host`, else none.
        verify: whether the certificate must be valid, and for `serverName`.
        ca_file: the authorities that are trusted, as PEM; the system's by default.
    """

    server_name: ServerName = ""
    verify: bool = True
    ca_file: FilePath | None = None


class TlsQuestion(Section, frozen=True):
    """How a probe speaks TLS.

    Attributes:
        server_name: sent as SNI, and what the certificate must be for; none by default.
        verify: whether the certificate must be valid, and for `serverName`.
    """

    server_name: ServerName = ""
    verify: bool = True


class TlsSettings(TlsQuestion, frozen=True):
    """How a probe speaks TLS.

    Attributes:
        ca_file: the authorities that are trusted, as PEM; the system's by default.
    """

    ca_file: FilePath | None = None


class GrpcQuestion(Section, frozen=True):
    """`grpc.health.v1.Health/Check`, which must answer `SERVING`.

    Attributes:
        port: by default the Service's port that is named `grpc`, else its first TCP port.
        service: the one that is asked about; the whole server by default.
    """

    port: Port | None = None
    service: Annotated[
        str,
        msgspec.Meta(
            pattern=rf"^[!-~]{{0,255}}{_END}",
            extra={"words": "the name of a gRPC service, without spaces, of at most 255 characters"},
        ),
    ] = ""


class GrpcSettings(GrpcQuestion, frozen=True):
    """`grpc.health.v1.Health/Check`, which must answer `SERVING`.

    Attributes:
        tls: how TLS is spoken; plain text HTTP/2 by default.
    """

    tls: TlsSettings | None = None


class Pace(Section, frozen=True):
    """How often an address is asked, and how many answers in a row count.

    Attributes:
        interval: seconds between two questions to one address, with some jitter.
        timeout: seconds that one may take, not more than `interval`.
        rise: so many successes in a row make a failing address pass again.
        fall: so many failures in a row make it fail.
    """

    interval: Annotated[float, msgspec.Meta(ge=1, le=3600, extra={"form": "duration"}, extra_json_schema=_SPAN)] = 10.0
    timeout: Annotated[float, msgspec.Meta(ge=0.1, le=60, extra={"form": "duration"}, extra_json_schema=_SPAN)] = 3.0
    rise: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    fall: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3


class ProbeSettings(Pace, frozen=True):
    """What the addresses of a service are asked: exactly one of `tcp`, `http`, `https` and `grpc`.

    Attributes:
        tcp: take a connection; `{}` for the defaults, as with the others.
        http: answer a request.
        https: answer a request over TLS.
        grpc: answer gRPC's health check.
    """

    tcp: TcpSettings | None = None
    http: HttpSettings | None = None
    https: HttpsSettings | None = None
    grpc: GrpcSettings | None = None


class ProbingSettings(Section, frozen=True):
    """How probes are sent.

    Attributes:
        allow: networks that are probed though they are loopback, link-local or a cloud's metadata, which are not by
            default, such as `127.0.0.0/8`.
        concurrency: the most probes that are under way at once.
    """

    allow: tuple[str, ...] = ()
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 256

    @property
    def networks(self) -> tuple[Network, ...]:
        """`allow` as networks; where one of them is none, the settings are refused before anybody asks."""
        return tuple(map(ipaddress.ip_network, self.allow))


KINDS: Final = ("tcp", "http", "https", "grpc")
"""The fields of which a probe has exactly one."""


def probe_contradictions(probe: Pace, path: Path) -> Iterator[Fault]:
    """What is wrong with a probe whose every value is of the right type, of the configuration or of an annotation.

    Args:
        probe: a `Pace` that has the fields `KINDS` too.
        path: where it stands.
    """
    given = [kind for kind in KINDS if getattr(probe, kind) is not None]
    if not given:
        text = f"needs exactly one of {', '.join(KINDS[:-1])} and {KINDS[-1]}; write tcp: {{}} for a plain connection"
        yield Fault(path, f"{dotted(path)} {text}")
    elif len(given) > 1:
        yield Fault((*path, given[1]), f"{dotted(path)} has {' and '.join(given)}; keep one of them")
    if probe.timeout > probe.interval:
        limit = format_duration(probe.interval)
        text = f"{dotted((*path, 'timeout'))} must not be longer than interval ({limit})"
        yield Fault((*path, "timeout"), f"{text}, not {format_duration(probe.timeout)}")
    for kind in given:
        question = getattr(probe, kind)
        if isinstance(question, HttpQuestion):
            yield from _http_contradictions(question, (*path, kind))


def _http_contradictions(http: HttpQuestion, path: Path) -> Iterator[Fault]:
    if http.body and http.method == "HEAD":
        where = (*path, "body")
        yield Fault(where, f"{dotted(where)} cannot be in the answer to HEAD, which has none (RFC 9110 section 9.3.2)")
    for place, status in enumerate(http.status):
        where = (*path, "status", place)
        first, last = status_range(status)
        if first > last:
            yield Fault(where, f'{dotted(where)} is a range that ends before it begins; write "{last}-{first}"')


def status_range(status: int | str) -> tuple[int, int]:
    """The first and the last status that are meant by one entry of `status`."""
    if isinstance(status, int):
        return status, status
    first, _, last = status.partition("-")
    return int(first), int(last)
