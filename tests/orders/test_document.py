import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import OrdersError
from feddns.model.orders import NO_ORDERS, Drain, Freeze, Orders
from feddns.model.topology import ClusterName
from feddns.orders.document import OrdersText, read_orders
from tests.orders.strategies import orders

PLACE = "feddns-state.json"


@given(orders)
def test_what_is_written_is_what_is_read(written: Orders) -> None:
    assert read_orders(OrdersText(written).encoded(), PLACE) == OrdersText(written)


@given(orders)
def test_the_text_is_plain_json_with_one_line_a_field(written: Orders) -> None:
    text = OrdersText(written).encoded()
    assert isinstance(json.loads(text), dict)
    assert text.count(b"\n") > len(written.drains) + len(written.evictions)


def test_people_and_other_programs_can_write_orders_as_json() -> None:
    text = b'{"drains": {"us": {"since": 1800000000}}, "freeze": {"since": 1.5, "reason": "why"}}'
    expected = Orders({ClusterName("us"): Drain(1_800_000_000)}, freeze=Freeze(1.5, reason="why"))
    assert read_orders(text, PLACE).orders == expected
    assert read_orders(b"{}", PLACE).orders == NO_ORDERS


def test_fields_of_a_newer_feddns_are_no_error_and_stay() -> None:
    text = read_orders(b'{"quotas": {"us": 1}, "drains": {"us": {"since": 1, "note": "x"}}}', PLACE)
    assert text.orders.drains == {ClusterName("us"): Drain(1)}
    assert json.loads(OrdersText(NO_ORDERS, text.others).encoded()) == {"quotas": {"us": 1}}


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"", ":1: not JSON: Expecting value"),
        (b'{"drains": {\n "us": {"since": 1800', ":2: not JSON: "),
        (b'{"drains": {\n "us": {}\n}}', ":2: drains.us is not as feddns writes it: Object missing required field"),
        (b'{"drains": {"eu": {"since": 1},\n\n "us": {"since": "now"}}}', ":3: drains.us is not"),
        (b'{"drains": {"us": {"since": -1}}}', ":1: drains.us is not as feddns writes it: Expected `float` >= 0"),
        (b'{"drains": {"us": {"since": 1, "until": 1e300}}}', ":1: drains.us is not"),
        (b'{"evictions":\n []}', ":1: evictions is not as feddns writes it: Expected `object`"),
        (b'{\n\n"freeze": 1}', ":3: freeze is not as feddns writes it: Expected `object | null`"),
        (b"[]", ":1: the file is not as feddns writes it: Expected `object`"),
        (b"{\n\xff}", ":2: not UTF-8 text"),
        (b"[" * 100_000, ": not JSON that can be read: "),
        (b'{"a": ' + b"1" * 5000 + b"}", ": not JSON that can be read: "),
    ],
)
def test_what_is_no_orders_is_told_with_the_place_the_line_and_what_to_do(octets: bytes, told: str) -> None:
    with pytest.raises(OrdersError) as raised:
        read_orders(octets, PLACE)
    assert str(raised.value).startswith(PLACE + told)
    assert str(raised.value).endswith("put it right, or delete it if nothing is ordered")


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_octets_do_more_harm_than_an_error(octets: bytes) -> None:
    with suppress(OrdersError):
        assert isinstance(read_orders(octets, PLACE), OrdersText)
