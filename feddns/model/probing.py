"""Active probes: how an address is asked whether it serves, and what it has said so far."""

import enum
from typing import Final

import msgspec

JITTER: Final = 0.1
"""The part of its interval by which the pauses of a probe are longer or shorter, so that probes spread out."""


class HeadersFrom(msgspec.Struct, frozen=True, gc=False):
    """Where the headers of a probe come from: they may hold credentials, so no value holds their text.

    Attributes:
        folder: a folder with one file a header, as a mounted Secret is; empty where a cluster's Secret is meant.
        cluster: the cluster of the Secret.
        namespace: the Secret's, which is always the Service's own.
        secret: the Secret's name.
    """

    folder: str = ""
    cluster: str = ""
    namespace: str = ""
    secret: str = ""


class Tls(msgspec.Struct, frozen=True, gc=False):
    """How a probe speaks TLS.

    Attributes:
        server_name: sent as SNI, and what the certificate must be for; where empty no SNI is sent, as RFC 6066 section
            3 wants it of addresses, and the certificate must be for the address.
        verify: whether the certificate must be valid.
        ca_file: path of the authorities that are trusted; empty for the system's.
    """

    server_name: str = ""
    verify: bool = True
    ca_file: str = ""


class TcpProbe(msgspec.Struct, frozen=True, gc=False, tag="tcp"):
    """A connection that is taken is a success."""

    port: int


class HttpProbe(msgspec.Struct, frozen=True, gc=False, tag="http"):
    """One HTTP/1.1 request; redirects are answers like others and not followed.

    Attributes:
        host: the header `Host`; empty for the address.
        tls: None for plain HTTP.
        statuses: those that are a success, as (first, last).
        body: text that the first 64 KiB of the body must contain; empty for any.
        headers: further headers; None for none.
    """

    port: int
    method: str = "GET"
    path: str = "/"
    host: str = ""
    tls: Tls | None = None
    statuses: tuple[tuple[int, int], ...] = ((200, 399),)
    body: str = ""
    headers: HeadersFrom | None = None


class GrpcProbe(msgspec.Struct, frozen=True, gc=False, tag="grpc"):
    """`grpc.health.v1.Health/Check`, which must answer SERVING (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).

    Attributes:
        service: the one that is asked about; empty for the whole server.
        tls: None for plain text HTTP/2.
    """

    port: int
    service: str = ""
    tls: Tls | None = None


Question = TcpProbe | HttpProbe | GrpcProbe


class Probe(msgspec.Struct, frozen=True, gc=False):
    """What an address is asked, how often, and how many answers in a row count.

    Attributes:
        interval_s: seconds between two questions to one address.
        timeout_s: seconds that one may take.
        rise: so many successes in a row make a failing address pass again.
        fall: so many failures in a row make it fail.
    """

    question: Question
    interval_s: float = 10.0
    timeout_s: float = 3.0
    rise: int = 3
    fall: int = 3


class ProbeState(enum.StrEnum):
    """What is believed of one address from its probes alone."""

    UNTESTED = "untested"
    PASSING = "passing"
    FAILING = "failing"


class Track(msgspec.Struct, frozen=True, gc=False):
    """The record of one address so far.

    Attributes:
        state: what follows from it.
        since: when `state` became so, in seconds since the epoch.
        text: what the last question got, for people, such as `connection refused` or `HTTP 503`.
        tested_at: when that was; None where nothing was asked yet.
        streak: answers of the last kind in a row.
        succeeded: whether the last one was a success.
        failed_from: when the present row of failures began, of which each was asked as planned; None while the last
            answer was a success.
        hindrance: what on our own side kept the last question from being asked, such as a missing route or header;
            empty where it was asked. An address that is untested and hindered has no result to be waited for.
    """

    state: ProbeState = ProbeState.UNTESTED
    since: float = 0.0
    text: str = ""
    tested_at: float | None = None
    streak: int = 0
    succeeded: bool = False
    failed_from: float | None = None
    hindrance: str = ""


UNTESTED: Final = Track()
