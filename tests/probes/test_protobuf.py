import pytest
from grpc_health.v1 import health_pb2
from hypothesis import given
from hypothesis import strategies as st

from feddns.probes import protobuf

STATUS = 1


@given(st.text(max_size=300))
def test_a_text_is_written_as_protobuf_reads_it(service: str) -> None:
    written = protobuf.text_field(1, service)
    assert health_pb2.HealthCheckRequest.FromString(written).service == service


@given(st.integers(0, 3))
def test_a_status_is_read_as_protobuf_writes_it(status: int) -> None:
    written = health_pb2.HealthCheckResponse(status=status).SerializeToString()
    assert protobuf.number(written, STATUS) == status


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"", 0),
        (b"\x08\x02\x08\x01", 1),
        (b"\x12\x03abc\x08\x01", 1),
        (b"\x11" + bytes(8) + b"\x1d" + bytes(4) + b"\x08\x01\x18\x05", 1),
    ],
)
def test_fields_that_are_not_known_are_passed_over(message: bytes, status: int) -> None:
    assert protobuf.number(message, STATUS) == status


@pytest.mark.parametrize("message", [b"\x08", b"\x08\x80", b"\x12\x05ab", b"\x0b", b"\x11\x00", b"\x80" * 11 + b"\x00"])
def test_what_is_no_message_is_an_error(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        protobuf.number(message, STATUS)


@given(st.binary(max_size=40))
def test_any_octets_are_a_number_or_an_error(message: bytes) -> None:
    try:
        assert protobuf.number(message, STATUS) >= 0
    except ValueError as error:
        assert str(error)  # noqa: PT017 - both outcomes are right
