"""The annotation `feddns.io/probe`, short and long."""

import json
import string
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.probe_wishes import (
    MOST_CHARACTERS,
    OFF,
    GrpcWish,
    HttpsWish,
    HttpWish,
    ProbeRefusedError,
    ProbeWish,
    read_probe,
)
from feddns.config.probing import TcpSettings, TlsQuestion

VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F))

port_names = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)
ports = st.none() | st.integers(1, 65_535) | port_names
paths = st.text(VISIBLE.replace("#", ""), max_size=40).map("/".__add__)
names = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{2,8}){0,3}", fullmatch=True)
hosts = st.just("") | names | st.builds("{}:{}".format, names, st.integers(1, 65_535)) | st.just("[2001:db8::1]:80")
statuses = st.lists(
    st.integers(200, 599) | st.tuples(st.integers(200, 399), st.integers(400, 599)).map("{0[0]}-{0[1]}".format),
    min_size=1,
    max_size=5,
).map(tuple)
bodies = st.text(max_size=20)
services = st.text(VISIBLE, max_size=30)
http = {
    "port": ports,
    "method": st.sampled_from(["GET", "POST", "OPTIONS"]),
    "path": paths,
    "host": hosts,
    "status": statuses,
    "body": bodies,
    "headers_secret": st.none() | names,
}
tls = {"server_name": st.just("") | names, "verify": st.booleans()}
questions = st.one_of(
    st.builds(TcpSettings, ports).map(lambda asked: {"tcp": asked}),
    st.builds(HttpWish, **http).map(lambda asked: {"http": asked}),
    st.builds(HttpsWish, **http, **tls).map(lambda asked: {"https": asked}),
    st.builds(GrpcWish, ports, services, st.none() | st.builds(TlsQuestion, **tls)).map(lambda asked: {"grpc": asked}),
)
paces = st.fixed_dictionaries(
    {
        "interval": st.integers(60, 3600).map(float),
        "timeout": st.floats(0.1, 60),
        "rise": st.integers(1, 100),
        "fall": st.integers(1, 100),
    }
)
wishes = st.builds(lambda question, pace: ProbeWish(**question, **pace), questions, paces)


def refusal(text: str) -> str:
    with pytest.raises(ProbeRefusedError) as caught:
        read_probe(text)
    return str(caught.value)


@given(wishes)
def test_what_is_printed_as_json_is_read_as_the_same(wish: ProbeWish) -> None:
    assert read_probe(msgspec.json.encode(wish).decode()) == wish


@given(st.sampled_from(["http", "https"]), ports, st.none() | paths)
def test_the_short_form_of_a_request_means_its_long_one(kind: str, port: int | str | None, path: str | None) -> None:
    short = kind + ("" if port is None else f":{port}") + (path or "")
    asked = {"port": port} | ({} if path is None else {"path": path})
    assert read_probe(short) == read_probe(json.dumps({kind: asked}))


@given(ports, st.none() | services)
def test_the_short_form_of_grpc_means_its_long_one(port: int | str | None, service: str | None) -> None:
    short = "grpc" + ("" if port is None else f":{port}") + ("" if service is None else f"/{service}")
    assert read_probe(short) == ProbeWish(grpc=GrpcWish(port, service or ""))


@given(ports)
def test_the_short_form_of_tcp_means_its_long_one(port: int | str | None) -> None:
    assert read_probe("tcp" if port is None else f"tcp:{port}") == ProbeWish(tcp=TcpSettings(port))


texts = st.one_of(
    st.text(),
    st.text('{}[]":,0123456789htpsgrc/x.-\\ eE', max_size=60),
    st.text(string.printable).map("http:".__add__),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["http", "https", "tcp", "grpc", "port", "path", "status", "tls", "interval"])
                | st.text(),
                inner,
            )
        ),
    ).map(json.dumps),
    st.text("[{", min_size=1, max_size=MOST_CHARACTERS - 5).map('{"a":'.__add__),
)


@given(texts)
def test_no_text_whatever_does_worse_than_being_refused(text: str) -> None:
    told = ""
    try:
        wish = read_probe(text)
    except ValueError as error:
        told = str(error)
    else:
        assert isinstance(wish, ProbeWish)
    assert "\n" not in told


def test_equal_values_give_the_same_object() -> None:
    one, other = (f'{{"tcp": {{"port": {port}}}}}' for port in (80, 80))
    assert one is not other
    assert read_probe(one) is read_probe(other)


def test_off_is_no_probe() -> None:
    assert read_probe("off") is OFF


def test_spans_of_time_may_be_written_as_everywhere() -> None:
    wish = read_probe('{"tcp": {}, "interval": "1m", "timeout": "250ms"}')
    assert (wish.interval, wish.timeout, wish.rise, wish.fall) == (60.0, 0.25, 3, 3)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({}, "probe needs exactly one of tcp, http, https and grpc"),
        ({"tcp": {}, "http": {}}, "probe has tcp and http; keep one of them"),
        ({"tcp": {"prot": 80}}, 'unknown setting probe.tcp.prot; did you mean "port"? there are: port'),
        (
            {"tcp": {"port": 0}},
            "probe.tcp.port must be a whole number from 1 to 65535 or the name of a port of the Serv",
        ),
        ({"tcp": {"port": "80"}}, "probe.tcp.port must be a whole number from 1 to 65535 or the name of a port"),
        ({"http": {"method": "DELETE"}}, 'probe.http.method must be "GET" or "HEAD" or "POST" or "OPTIONS"'),
        ({"http": {"path": "/a b"}}, "probe.http.path must be a path that begins with /"),
        ({"http": {"path": "/a\r\nX: y"}}, "probe.http.path must be a path that begins with /"),
        ({"http": {"host": "a\r\nX: y"}}, "probe.http.host must be a host name or an address"),
        ({"http": {"host": "example.com\n"}}, "probe.http.host must be a host name or an address"),
        ({"http": {"status": []}}, "probe.http.status must be a list of at least 1"),
        ({"http": {"status": [99]}}, "probe.http.status[0] must be a whole number from 200 to 599 or a range such as"),
        ({"http": {"status": ["300-200"]}}, 'probe.http.status[0] is a range that ends before it begins; write "200-'),
        ({"http": {"method": "HEAD", "body": "ok"}}, "probe.http.body cannot be in the answer to HEAD"),
        ({"https": {"serverName": "192.0.2.1"}}, "probe.https.serverName must be a host name without a final dot"),
        ({"grpc": {"service": "a b"}}, "probe.grpc.service must be the name of a gRPC service"),
        ({"grpc": {"tls": {"caFile": "/etc/ssl/ca.pem"}}}, "probe.grpc.tls.caFile names a file of feddns, which only"),
        ({"http": {"headersFrom": "/etc"}}, "probe.http.headersFrom names files of feddns, which only its configurati"),
        ({"https": {"caFile": "/etc/passwd"}}, "probe.https.caFile names a file of feddns, which only its configura"),
        ({"http": {"headersSecret": "../x"}}, "probe.http.headersSecret must be the name of a Kubernetes object"),
        ({"tcp": {}, "interval": "10ms"}, "probe.interval must be a number of seconds, or a span such as 1h30m"),
        ({"tcp": {}, "timeout": "11s"}, "probe.timeout must not be longer than interval (10s), not 11s"),
        ({"tcp": {}, "rise": 0}, "probe.rise must be a whole number from 1 to 100, not 0"),
    ],
)
def test_a_bad_value_names_the_key_and_what_would_be_right(value: dict[str, Any], told: str) -> None:
    assert refusal(json.dumps(value)).startswith(told)


def test_all_that_is_wrong_is_told_in_one_go() -> None:
    assert refusal('{"http": {"path": 1, "port": true}, "rise": 0}').count("must be") == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"http": ', "it begins like JSON, but is none: Input data was truncated"),
        ("tcp:80/x", "a probe by tcp has no path"),
        ("http:123456", "probe.http.port must be a whole number from 1 to 65535 or the name of a port"),
        ("http:", "probe.http.port must be a whole number"),
        ("tcp:Web", "probe.tcp.port must be a whole number"),
        ("http:80/ä", "probe.http.path must be a path"),
        ("x" * (MOST_CHARACTERS + 1), f"it has {MOST_CHARACTERS + 1} characters, and may have {MOST_CHARACTERS}"),
    ],
)
def test_a_bad_text_is_told_apart_from_one_of_neither_form(text: str, told: str) -> None:
    assert refusal(text).startswith(told)


@pytest.mark.parametrize("text", ["", "on", "icmp", "OFF", "http 80", "httpx:80", "tcp\n"])
def test_a_text_of_neither_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither form"):
        read_probe(text)
