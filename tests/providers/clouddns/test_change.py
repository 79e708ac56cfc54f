"""Batches become changes that the service takes, as long as they keep to the limits."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import Rejected
from feddns.model.changes import Batch, Change, Create, Delete, Fence, Limits, Replace
from feddns.model.records import AAAA, CNAME, A, DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.plan.batching import take
from feddns.plan.proposal import ServiceChanges
from feddns.providers.clouddns.change import build_change, limits_of
from feddns.providers.clouddns.resources import Quota, ResourceRecordSet
from feddns.providers.clouddns.spelling import Spellings, spell
from tests.providers.fakes.clouddns import Quota as FakeQuota
from tests.providers.fakes.clouddns import Zone

ZONE = ZoneName("example.com.")
OWNER = "o" * 63


def a_set(name: str, kind: str = A, *values: str, ttl: int = 60) -> RecordSet:
    return RecordSet(DnsName(f"{name}.example.com."), kind, ttl, values or ("192.0.2.1",))


def a_claim(seq: int) -> RecordSet:
    return a_set("_feddns.fed.svc", "TXT", f"heritage=feddns,federation={'f' * 63},owner={OWNER},seq={10**17 + seq}")


def test_each_set_that_goes_is_a_deletion_and_each_that_comes_an_addition_with_the_claim_first() -> None:
    old, new, gone, come = a_set("r"), a_set("r", A, "192.0.2.2"), a_set("d"), a_set("c", CNAME, "there.example.net.")
    batch = Batch((Delete(gone), Replace(old, new), Create(come)), Fence(a_claim(1), a_claim(2)))
    change = build_change(ZONE, batch, Spellings())
    assert change.deletions == tuple(map(spell, (a_claim(1), gone, old)))
    assert change.additions == tuple(map(spell, (a_claim(2), new, come)))


def test_a_set_that_is_spelled_otherwise_is_deleted_as_it_is_spelled() -> None:
    theirs = ResourceRecordSet("WWW.example.com.", AAAA, 60, ("2001:DB8::2", "2001:db8:0::1"))
    spellings = Spellings()
    (read,) = spellings.learn([theirs])
    assert read == a_set("www", AAAA, "2001:db8::1", "2001:db8::2")
    change = build_change(
        ZONE, Batch((Replace(read, msgspec.structs.replace(read, ttl=5)),), Fence(None, None)), spellings
    )
    assert change.deletions == (theirs,)
    assert change.additions == (ResourceRecordSet("www.example.com.", AAAA, 5, ("2001:db8::1", "2001:db8::2")),)
    spellings.learn([spell(read)])
    assert spellings.of(read) == spell(read)


@pytest.mark.parametrize(
    "record_set",
    [
        RecordSet(DnsName("www.example.net."), A, 60, ("192.0.2.1",)),
        RecordSet(DnsName("www.evilexample.com."), A, 60, ("192.0.2.1",)),
        RecordSet(DnsName("www.example.com."), A, 60, ()),
        RecordSet(DnsName("www.example.com."), "ALIAS", 60, ("lb.example.net.",)),
    ],
    ids=["elsewhere", "suffix without a dot", "opaque", "alias"],
)
def test_what_cannot_be_written_is_refused_by_name_before_anything_is_sent(record_set: RecordSet) -> None:
    batch = Batch((Create(a_set("fine")), Create(record_set)), Fence(None, a_claim(1)))
    with pytest.raises(Rejected) as refusal:
        build_change(ZONE, batch, Spellings())
    assert refusal.value.names == {record_set.name}


def test_limits_leave_room_for_the_fence() -> None:
    limits = limits_of(Quota())
    assert (limits.additions, limits.removals, limits.changes) == (999, 999, 1_998)
    assert limits.characters == 100_000 - 2 * 257
    assert limits.atomic


quotas = st.builds(
    FakeQuota,
    rrset_additions_per_change=st.integers(2, 12),
    rrset_deletions_per_change=st.integers(2, 12),
    total_rrdata_size_per_change=st.integers(600, 900),
)
steps = st.lists(st.sampled_from(["create", "replace", "delete", "swap"]), min_size=1, max_size=4)


@given(quotas, st.lists(steps, min_size=1, max_size=12))
def test_the_service_takes_any_batch_that_keeps_to_the_limits(quota: FakeQuota, services: list[list[str]]) -> None:
    zone, waiting = Zone("z", ZONE), []
    present = [a_claim(0)]
    for number, kinds in enumerate(services):
        changes = tuple(change for place, kind in enumerate(kinds) for change in made(kind, f"s{number}-{place}"))
        present += [change.current for change in changes if not isinstance(change, Create)]
        waiting.append(ServiceChanges(ServiceKey("ns", f"s{number}"), changes))
    zone.commit([], [as_json(spell(record_set)) for record_set in present])
    seq = 0
    while waiting:
        taken = take(waiting, limits(quota))
        changes = tuple(change for service in taken for change in service.changes)
        batch = Batch(
            tuple(sorted(changes, key=lambda c: not isinstance(c, Delete))), Fence(a_claim(seq), a_claim(seq + 1))
        )
        zone.change(as_json(build_change(ZONE, batch, Spellings())), quota)
        seq += 1
        waiting = [rest for service in waiting if (rest := left(service, changes)).changes]
    wanted = {kind for kinds in services for kind in kinds}
    assert (len(zone.rrsets) > 3) == (wanted != {"delete"})


def as_json(resource: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(resource))


def limits(quota: FakeQuota) -> Limits:
    fields = {name: getattr(quota, name) for name in Quota.__struct_fields__}
    return limits_of(Quota(**fields))


def left(service: ServiceChanges, done: tuple[Change, ...]) -> ServiceChanges:
    return ServiceChanges(service.key, tuple(change for change in service.changes if change not in done))


def made(kind: str, name: str) -> tuple[Change, ...]:
    old, new = a_set(name), a_set(name, A, "192.0.2.254", "192.0.2.255")
    match kind:
        case "create":
            return (Create(new),)
        case "replace":
            return (Replace(old, new),)
        case "delete":
            return (Delete(old),)
        case _:
            return Delete(old), Create(a_set(name, CNAME, "there.example.net."))
