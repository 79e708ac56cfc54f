"""From what is asked for to the probe of one Service."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.probe_wishes import ProbeWish, read_probe
from feddns.clusters.probes import Probes
from feddns.clusters.wire import ServicePort
from feddns.config.probing import (
    KINDS,
    GrpcSettings,
    HttpSettings,
    HttpsSettings,
    ProbeSettings,
    TcpSettings,
    TlsSettings,
)
from feddns.model.probing import GrpcProbe, HeadersFrom, HttpProbe, Probe, TcpProbe, Tls
from feddns.model.topology import ClusterName
from tests.clusters.test_probe_wishes import wishes

US = ClusterName("us")
DNS = ServicePort("dns", 53, "UDP")
METRICS = ServicePort("metrics", 9090, "TCP")
WEB = ServicePort("http", 8080)
TLS = ServicePort("https", 8443, "TCP")
ADMIN = ServicePort("web-admin", 80, "TCP")


def asked(text: str, *ports: ServicePort) -> tuple[Probe | None, str]:
    return Probes(US).of(read_probe(text), "shop", ports)


def port_of(text: str, *ports: ServicePort) -> int | None:
    probe, _ = asked(text, *ports)
    return None if probe is None else probe.question.port


@pytest.mark.parametrize(
    ("text", "ports", "port"),
    [
        ("tcp", (DNS, METRICS, WEB), 9090),
        ("tcp:443", (), 443),
        ("tcp:http", (METRICS, WEB), 8080),
        ("http", (METRICS, ADMIN, WEB), 8080),
        ("http", (METRICS, ADMIN), 80),
        ("http", (METRICS, TLS), 9090),
        ("https", (METRICS, WEB, TLS), 8443),
        ("https", (METRICS, ServicePort(None, 443)), 443),
        ("https:31000", (DNS,), 31_000),
        ("grpc", (METRICS, ServicePort("grpc", 50_051)), 50_051),
        ("grpc", (METRICS, WEB), 9090),
        ("http", (ServicePort("http", 53, "UDP"), METRICS), 9090),
    ],
)
def test_the_port_is_the_one_that_is_named_or_that_fits_best(
    text: str, ports: tuple[ServicePort, ...], port: int
) -> None:
    assert port_of(text, *ports) == port


@pytest.mark.parametrize(
    ("text", "ports", "told"),
    [
        (
            "tcp:web",
            (DNS, METRICS, ServicePort(None, 81)),
            "asks for the port 'web', but its ports of TCP are metrics (9090), 81; give the name of one of the",
        ),
        ("http", (DNS,), "asks for a port by http, but it has no port of TCP; give"),
        ("tcp:dns", (DNS,), "asks for the port 'dns', but it has no port of TCP"),
        ("tcp", (), "asks for a port by tcp, but it has no port of TCP"),
    ],
)
def test_an_annotation_that_no_port_fits_is_told_and_nothing_is_probed(
    text: str, ports: tuple[ServicePort, ...], told: str
) -> None:
    probe, misfit = asked(text, *ports)
    assert probe is None
    assert misfit.startswith(told)


def test_a_default_that_no_port_fits_is_nobodys_fault() -> None:
    for default in (TcpSettings(), TcpSettings("web")):
        assert Probes(US, ProbeSettings(tcp=default)).of(None, "shop", [DNS]) == (None, "")
        assert Probes(US, ProbeSettings(tcp=default)).of(None, "shop", None) == (None, "")


def test_the_annotation_goes_before_the_default_and_may_turn_it_off() -> None:
    probes = Probes(US, ProbeSettings(tcp=TcpSettings(1)))
    assert probes.of(None, "shop", [WEB]) == (Probe(TcpProbe(1)), "")
    assert probes.of(read_probe("tcp:2"), "shop", [WEB]) == (Probe(TcpProbe(2)), "")
    assert probes.of(read_probe("off"), "shop", [WEB]) == (None, "")
    assert Probes(US).of(None, "shop", [WEB]) == (None, "")


def test_everything_that_is_asked_for_is_in_the_probe() -> None:
    text = """{"https": {"port": 1, "method": "POST", "path": "/p", "host": "h.example:444", "status": ["200-299", 404],
        "body": "ok", "verify": false, "headersSecret": "key"}, "interval": "1m", "timeout": 2, "rise": 4, "fall": 5}"""
    probe, _ = asked(text)
    headers = HeadersFrom(cluster="us", namespace="shop", secret="key")  # noqa: S106  # the name of one
    question = HttpProbe(
        1, "POST", "/p", "h.example:444", Tls("h.example", verify=False), ((200, 299), (404, 404)), "ok", headers
    )
    assert probe == Probe(question, 60.0, 2.0, 4, 5)
    probe, _ = asked('{"grpc": {"port": 1, "service": "s", "tls": {"serverName": "n", "verify": false}}}')
    assert probe == Probe(GrpcProbe(1, "s", Tls("n", verify=False)))


@pytest.mark.parametrize(
    ("host", "name"),
    [("", ""), ("a.example", "a.example"), ("a.example:1", "a.example"), ("192.0.2.1:1", ""), ("[2001:db8::1]", "")],
)
def test_the_server_name_is_the_name_in_host_and_never_an_address(host: str, name: str) -> None:
    probe, _ = Probes(US, ProbeSettings(https=HttpsSettings(1, host=host))).of(None, "shop", ())
    assert probe is not None
    assert isinstance(probe.question, HttpProbe)
    assert probe.question.tls == Tls(name)


def test_files_of_the_configuration_are_found_from_its_folder() -> None:
    def question(default: ProbeSettings) -> object:
        probe, _ = Probes(US, default, Path("/etc/feddns")).of(None, "shop", ())
        assert probe is not None
        return probe.question

    folder = HeadersFrom(folder="/etc/feddns/headers")
    http = ProbeSettings(http=HttpSettings(1, headers_from="headers"))
    assert question(http) == HttpProbe(1, headers=folder)
    https = ProbeSettings(https=HttpsSettings(1, headers_from="headers", ca_file="/ca.pem"))
    assert question(https) == HttpProbe(1, tls=Tls(ca_file="/ca.pem"), headers=folder)
    grpc = ProbeSettings(grpc=GrpcSettings(1, tls=TlsSettings(ca_file="ca.pem")))
    assert question(grpc) == GrpcProbe(1, tls=Tls(ca_file="/etc/feddns/ca.pem"))


def test_equal_probes_are_one_object_over_namespaces_and_clusters_unless_a_secret_tells_them_apart() -> None:
    plain, secret = read_probe("http:80"), read_probe('{"http": {"port": 80, "headersSecret": "key"}}')
    first, second = (Probes(ClusterName(name)).of(plain, name, ())[0] for name in ("us", "eu"))
    assert first is second
    of_us, of_eu = (Probes(ClusterName(name)).of(secret, "shop", ())[0] for name in ("us", "eu"))
    assert of_us != of_eu


@given(
    wishes,
    st.lists(
        st.builds(
            ServicePort,
            st.none() | st.sampled_from(["http", "https", "grpc", "web"]),
            st.integers(0, 70_000),
            st.sampled_from([None, "TCP", "UDP", "SCTP"]),
        )
    ),
)
def test_any_wish_on_any_ports_is_a_probe_of_a_tcp_port_or_is_told(wish: ProbeWish, ports: list[ServicePort]) -> None:
    probe, misfit = Probes(US).of(wish, "shop", ports)
    assert (probe is None) is bool(misfit)
    if probe is not None:
        number = next(getattr(wish, kind).port for kind in KINDS if getattr(wish, kind) is not None)
        fitting = {port.port for port in ports if port.protocol in {None, "TCP"}}
        assert probe.question.port == number or probe.question.port in fitting
        assert (probe.interval_s, probe.timeout_s) == (wish.interval, wish.timeout)
