"""How the addresses of one Service are probed: as its annotation says, or as the configuration says for all."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from feddns.clusters.probe_wishes import OFF, GrpcWish, HttpsWish, HttpWish, ProbeWish
from feddns.clusters.wire import ServicePort
from feddns.config.probing import (
    GrpcSettings,
    HttpQuestion,
    HttpSettings,
    HttpsSettings,
    ProbeSettings,
    TlsQuestion,
    TlsSettings,
    status_range,
)
from feddns.config.scalars import Section
from feddns.model.probing import GrpcProbe, HeadersFrom, HttpProbe, Probe, Question, TcpProbe, Tls
from feddns.model.topology import ClusterName

Asked = ProbeSettings | ProbeWish

_OWN_PORTS: Final = {"tcp": 0, "http": 80, "https": 443, "grpc": 0}
_TCP: Final = "TCP"  # as the API server fills in where nothing is said
_MOST_PORTS_NAMED: Final = 10


class Probes:
    """Chooses the probe of each Service of one cluster.

    Args:
        cluster: its name.
        default: the probe of Services without the annotation; None for none.
        folder: of the configuration file, which relative paths in `default` start from.
    """

    def __init__(self, cluster: ClusterName, default: ProbeSettings | None = None, folder: Path = Path()) -> None:
        self._cluster = cluster
        self._default = None if default is None else _anchored(default, folder)

    def of(
        self, wish: ProbeWish | None, namespace: str, ports: Sequence[ServicePort] | None
    ) -> tuple[Probe | None, str]:
        """How a Service is probed; equal probes are one object.

        Args:
            wish: what its annotation asks for; None for nothing.
            namespace: of the Service.
            ports: of the Service.

        Returns:
            The probe, None where it is not probed; and why what the annotation asks for cannot be done, empty where it
            can. That the default does not fit is nobody's fault.
        """
        asked = wish or self._default
        if asked is None or asked is OFF:
            return None, ""
        kind = _kind(asked)
        port = _port(kind, getattr(asked, kind).port, ports or ())
        if port is None:
            return None, "" if wish is None else _no_port(kind, getattr(asked, kind).port, ports or ())
        secrets_place = (self._cluster, namespace) if _names_secret(asked) else ("", "")
        return _probe(asked, port, *secrets_place), ""


def _anchored(default: ProbeSettings, folder: Path) -> ProbeSettings:
    """The settings with paths that no longer depend on where the configuration is."""

    def anchored(path: str | None) -> str | None:
        return None if path is None else str(folder / Path(path).expanduser())

    http, https, grpc = default.http, default.https, default.grpc
    if http is not None:
        http = msgspec.structs.replace(http, headers_from=anchored(http.headers_from))
    if https is not None:
        paths = {"headers_from": anchored(https.headers_from), "ca_file": anchored(https.ca_file)}
        https = msgspec.structs.replace(https, **paths)
    if grpc is not None and grpc.tls is not None:
        tls = msgspec.structs.replace(grpc.tls, ca_file=anchored(grpc.tls.ca_file))
        grpc = msgspec.structs.replace(grpc, tls=tls)
    return msgspec.structs.replace(default, http=http, https=https, grpc=grpc)


def _kind(asked: Asked) -> str:
    return next(kind for kind in _OWN_PORTS if getattr(asked, kind) is not None)


def _port(kind: str, asked: int | str | None, ports: Sequence[ServicePort]) -> int | None:
    """The number of the port to ask; None where the Service has none that fits.

    A number is taken as it is: the ports for health checks of many load balancers are none of the Service's.
    """
    if isinstance(asked, int):
        return asked
    fitting = [port for port in ports if (port.protocol or _TCP) == _TCP and 0 < port.port < 65_536]
    name = asked or kind
    for port in fitting:
        if port.name == name:
            return port.port
    if asked is not None or not fitting:
        return None
    numbers = [port.port for port in fitting]
    return _OWN_PORTS[kind] if _OWN_PORTS[kind] in numbers else numbers[0]


def _no_port(kind: str, asked: int | str | None, ports: Sequence[ServicePort]) -> str:
    named = [
        f"{port.name} ({port.port})" if port.name else str(port.port)
        for port in ports[:_MOST_PORTS_NAMED]
        if (port.protocol or _TCP) == _TCP
    ]
    wanted = f"the port {asked!r}" if asked else f"a port by {kind}"
    there = f"its ports of TCP are {', '.join(named)}" if named else "it has no port of TCP"
    return f"asks for {wanted}, but {there}; give the name of one of the Service's ports, or a number"


def _names_secret(asked: Asked) -> bool:
    http = asked.http or asked.https
    return isinstance(http, HttpWish) and http.headers_secret is not None


@functools.lru_cache(maxsize=65_536)  # thousands of shards have the same, which is then one object
def _probe(asked: Asked, port: int, cluster: str, namespace: str) -> Probe:
    """The probe; cluster and namespace only matter where a Secret is named."""
    question = _question(getattr(asked, _kind(asked)), port, cluster, namespace)
    return Probe(question, asked.interval, asked.timeout, asked.rise, asked.fall)


def _question(asked: Section, port: int, cluster: str, namespace: str) -> Question:
    match asked:
        case HttpQuestion():
            return _http(asked, port, cluster, namespace)
        case GrpcSettings(service=service, tls=tls) | GrpcWish(service=service, tls=tls):
            return GrpcProbe(port, service, _grpc_tls(tls))
        case _:
            return TcpProbe(port)


def _http(http: HttpQuestion, port: int, cluster: str, namespace: str) -> HttpProbe:
    return HttpProbe(
        port=port,
        method=http.method,
        path=http.path,
        host=http.host,
        tls=_https_tls(http),
        statuses=tuple(map(status_range, http.status)),
        body=http.body,
        headers=_headers(http, cluster, namespace),
    )


def _headers(http: HttpQuestion, cluster: str, namespace: str) -> HeadersFrom | None:
    match http:
        case HttpSettings(headers_from=str(folder)):
            return HeadersFrom(folder=folder)
        case HttpWish(headers_secret=str(secret)):
            return HeadersFrom(cluster=cluster, namespace=namespace, secret=secret)
        case _:
            return None


def _https_tls(http: HttpQuestion) -> Tls | None:
    if not isinstance(http, HttpsSettings | HttpsWish):
        return None
    ca_file = http.ca_file if isinstance(http, HttpsSettings) else None
    return Tls(http.server_name or _name_in(http.host), http.verify, ca_file or "")


def _grpc_tls(tls: TlsQuestion | None) -> Tls | None:
    if tls is None:
        return None
    ca_file = tls.ca_file if isinstance(tls, TlsSettings) else None
    return Tls(tls.server_name, tls.verify, ca_file or "")


def _name_in(host: str) -> str:
    """The name without its port; empty for an address, which SNI is not to hold (RFC 6066 section 3)."""
    name = host.partition(":")[0]
    is_address = host.startswith("[") or name.replace(".", "").isdecimal()
    return "" if is_address else name
