from ipaddress import IPv4Address

import dns.message
import dns.name
import dns.rrset
import dns.xfr
import dns.zone
import pytest
from hypothesis import given

from feddns.answers.rdata import LARGEST_SET
from feddns.answers.transfer import MESSAGE_SIZE, is_newer, transfer_messages
from feddns.model.records import RecordSet
from feddns.nameserver.dispatch import STREAM_ROOM
from feddns.nameserver.signatures import SIGNATURE_ROOM
from tests.answers.asking import ORIGIN, SERIAL, a_query, a_set, a_zone, read, told, zones


@given(zones())
def test_dnspython_builds_the_zone_from_a_transfer(record_sets: tuple[RecordSet, ...]) -> None:
    zone = a_zone(*record_sets)
    built = dns.zone.Zone(ORIGIN, relativize=False)
    query = a_query(ORIGIN, "AXFR", edns=0)
    with dns.xfr.Inbound(built) as inbound:
        done = [
            inbound.process_message(dns.message.from_wire(octets, xfr=True))
            for octets in transfer_messages(read(query.to_wire()), zone)
        ]
    assert done[-1]
    assert len(list(built.iterate_rdatasets())) == len(zone.nodes[zone.apex]) + sum(
        len(node) for name, node in zone.nodes.items() if name != zone.apex
    )


def test_a_large_zone_takes_several_messages_each_of_which_could_point_to_all_its_names() -> None:
    zone = a_zone(*(a_set(f"service-{number}", "A", "192.0.2.1") for number in range(3_000)))
    query = a_query(ORIGIN, "AXFR", edns=0)
    messages = list(transfer_messages(read(query.to_wire()), zone))
    assert len(messages) > 1
    assert all(len(message) < MESSAGE_SIZE + 512 for message in messages)
    understood = [dns.message.from_wire(message, one_rr_per_rrset=True) for message in messages]
    assert [message.edns for message in understood] == [0, *[-1] * (len(messages) - 1)]
    assert len({record for message in understood for record in told(message.answer)}) == 3_000 + 5


def test_the_largest_sets_fit_into_messages_of_a_transfer() -> None:
    addresses = [str(IPv4Address(number)) for number in range(LARGEST_SET // 16)]
    zone = a_zone(*(a_set(f"service-{number}", "A", *addresses) for number in range(3)))
    messages = list(transfer_messages(read(a_query(ORIGIN, "AXFR", edns=0).to_wire()), zone))
    assert max(map(len, messages)) <= STREAM_ROOM - SIGNATURE_ROOM


@pytest.mark.parametrize(("known", "is_whole"), [(SERIAL, False), (SERIAL + 1, False), (SERIAL - 1, True)])
def test_who_asks_for_changes_since_the_serial_gets_the_serial_alone(known: int, is_whole: bool) -> None:  # noqa: FBT001 - a table's column
    query = a_query(ORIGIN, "IXFR")
    query.authority.append(dns.rrset.from_text(ORIGIN, 0, "IN", "SOA", f". . {known} 0 0 0 0"))
    (octets,) = transfer_messages(read(query.to_wire()), a_zone(a_set("www", "A", "192.0.2.1")))
    types = [type_ for _, type_, _, _ in told(dns.message.from_wire(octets).answer)]
    assert ("A" in types) is is_whole
    assert "SOA" in types


@pytest.mark.parametrize(
    ("serial", "other", "expected"),
    [(2, 1, True), (1, 2, False), (1, 1, False), (0, 2**32 - 1, True), (2**32 - 1, 0, False), (2**31 - 1, 0, True)],
)
def test_serials_are_compared_in_a_circle(serial: int, other: int, expected: bool) -> None:  # noqa: FBT001 - likewise
    assert is_newer(serial, other) is expected
