import socket

import pytest

from feddns.errors import Unavailable
from feddns.model.endpoint import Endpoint
from feddns.nameserver.endpoints import bind


@pytest.mark.parametrize("text", ["192.0.2.1:53", "[2001:db8::1]:53", "0.0.0.0:5300", "[::]:0"])
def test_an_endpoint_is_printed_as_it_was_written(text: str) -> None:
    assert str(Endpoint.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "53", "192.0.2.1", "192.0.2.1:", "192.0.2.1:dns", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2:53"),
        *("2001:db8::1:53", "[192.0.2.1]:53", "[2001:db8::1]", "[2001:db8::1:53", "2001:db8::1]:53", "[2001::1::]:53"),
        *("localhost:53", ":53", "[]:53"),
    ],
)
def test_what_is_no_endpoint_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 192\.0\.2\.1:53 or \[2001:db8::1\]:53"):
        Endpoint.parse(text)


def test_a_free_port_is_the_same_for_udp_and_tcp() -> None:
    bound = bind(Endpoint.parse("127.0.0.1:0"))
    with bound.udp, bound.tcp:
        assert bound.udp.getsockname() == bound.tcp.getsockname() == (bound.endpoint.host, bound.endpoint.port)
        assert bound.endpoint.port


def test_an_address_that_is_taken_is_told() -> None:
    bound = bind(Endpoint.parse("127.0.0.1:0"))
    taken = f"{bound.endpoint} cannot be listened on: Address already"
    with bound.udp, bound.tcp, pytest.raises(Unavailable, match=taken):
        bind(bound.endpoint)


def test_a_port_that_only_tcp_has_taken_is_told_and_nothing_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Endpoint("127.0.0.1", other.getsockname()[1])
        with pytest.raises(Unavailable, match="cannot be listened on"):
            bind(taken)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((taken.host, taken.port))


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(Unavailable, match=r"192\.0\.2\.1:0 cannot be listened on: Cannot assign"):
        bind(Endpoint.parse("192.0.2.1:0"))


def test_both_families_can_have_the_same_port_everywhere() -> None:
    first = bind(Endpoint.parse("0.0.0.0:0"))
    with first.udp, first.tcp:
        second = bind(Endpoint("::", first.endpoint.port))
        with second.udp, second.tcp:
            assert second.endpoint.port == first.endpoint.port
