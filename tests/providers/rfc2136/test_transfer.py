"""Zones are put together from transfers, and nothing that is not whole passes for a zone."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feddns.model.records import RecordSet
from feddns.providers.rfc2136.message import MalformedMessage
from feddns.providers.rfc2136.transfer import Transfer, ZoneCopy
from tests.providers.rfc2136.strategies import ZONE, zones
from tests.providers.rfc2136.wire import Row, received, rows, soa

pytestmark = pytest.mark.servers  # which takes seconds

Zone = dict[tuple[str, str], RecordSet]
WWW: Row = ("www.example.com.", "A", 60, "192.0.2.1")
sizes = st.integers(1, 5)


def fed(records: list[Row], known: ZoneCopy | None = None, size: int = 100) -> Transfer:
    """A transfer that has had all the records, `size` in a message."""
    transfer = Transfer(ZONE, known)
    for start in range(0, len(records), size):
        transfer.feed(received(records[start : start + size]))
    return transfer


def difference(old: Zone, new: Zone, serial: int) -> list[Row]:
    """One step of an incremental transfer, from a serial to the next."""
    gone = [record_set for key, record_set in old.items() if new.get(key) != record_set]
    come = [record_set for key, record_set in new.items() if old.get(key) != record_set]
    return [soa(serial), *rows(gone), soa(serial + 1), *rows(come)]


@given(zones(), sizes)
def test_a_whole_transfer_gives_the_zone(zone: Zone, size: int) -> None:
    transfer = fed([soa(7), *rows(zone.values()), soa(7)], size=size)
    assert transfer.done
    assert transfer.result == ZoneCopy(7, zone)


@given(zones(), sizes, st.data())
def test_a_transfer_that_breaks_off_is_never_done(zone: Zone, size: int, data: st.DataObject) -> None:
    records = [soa(7), *rows(zone.values()), soa(7)]
    assert not fed(records[: data.draw(st.integers(0, len(records) - 1))], size=size).done


@given(st.lists(zones(), min_size=2, max_size=4), sizes)
def test_differences_lead_to_the_newest_zone(history: list[Zone], size: int) -> None:
    newest = len(history)
    steps = [
        row for serial, (old, new) in enumerate(pairwise(history), start=1) for row in difference(old, new, serial)
    ]
    transfer = fed([soa(newest), *steps, soa(newest)], ZoneCopy(1, history[0]), size)
    assert transfer.done
    assert transfer.result == ZoneCopy(newest, history[-1])


@given(zones(), zones(), sizes)
def test_a_whole_zone_in_answer_to_an_incremental_request_replaces_what_was_known(
    old: Zone, new: Zone, size: int
) -> None:
    transfer = fed([soa(9), *rows(new.values()), soa(9)], ZoneCopy(1, old), size)
    assert transfer.done
    assert transfer.result == ZoneCopy(9, new)


@given(zones(), zones())
def test_the_known_zone_is_left_as_it_was(old: Zone, new: Zone) -> None:
    before = dict(old)
    fed([soa(2), *difference(old, new, 1), soa(2)], ZoneCopy(1, old))
    assert old == before


@given(zones(), zones(), st.data())
def test_a_transfer_out_of_order_is_refused_or_not_done_or_still_a_zone(
    old: Zone, new: Zone, data: st.DataObject
) -> None:
    records = data.draw(st.permutations([soa(2), *difference(old, new, 1), soa(2)]))
    with suppress(MalformedMessage):
        fed(records, ZoneCopy(1, old))


@given(zones())
def test_a_lone_soa_says_that_nothing_has_changed(zone: Zone) -> None:
    transfer = fed([soa(5)], ZoneCopy(5, zone))
    assert transfer.done
    assert transfer.result == ZoneCopy(5, zone)


@given(zones(), zones())
def test_what_was_never_there_cannot_be_removed(old: Zone, new: Zone) -> None:
    assume(any(key not in old for key in new))
    with pytest.raises(MalformedMessage, match="not there"):
        fed([soa(2), soa(1), *rows(new.values()), soa(2), soa(2)], ZoneCopy(1, old))


def test_a_serial_that_went_back_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="went back"):
        fed([soa(4)], ZoneCopy(5, {}))


def test_a_serial_may_wrap_around() -> None:
    assert fed([soa(1), WWW, soa(1)], ZoneCopy(2**32 - 1, {}), size=1).done


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([WWW, soa(7)], "begin"),
        ([soa(7), WWW, soa(7), WWW], "end"),
        ([soa(7), WWW, soa(8)], "serial number 8"),
        ([soa(7), soa(7), soa(7)], "serial number 7"),
        ([("example.net.", *soa(7)[1:])], "SOA of example.net."),
        ([], "empty"),
    ],
)
def test_what_is_no_transfer_is_refused(records: list[Row], text: str) -> None:
    with pytest.raises(MalformedMessage, match=text):
        Transfer(ZONE).feed(received(records))


def test_what_a_signing_server_makes_by_itself_is_left_out() -> None:
    signatures = [
        ("www.example.com.", "NSEC", 60, "example.com. A RRSIG NSEC"),
        ("www.example.com.", "RRSIG", 60, "A 13 3 60 20300101000000 20250101000000 1 example.com. AAAA"),
    ]
    transfer = fed([soa(7), WWW, *signatures, soa(7)])
    assert list(transfer.result.sets) == [("www.example.com.", "A")]
