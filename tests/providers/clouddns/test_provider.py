"""The provider on the strict fake: which zone, what is read, what goes wrong, and what it costs."""

import asyncio
import datetime as dt
import email.utils
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Limits, Replace
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone
from feddns.providers.clouddns import CloudDns
from feddns.providers.clouddns.api import Api
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.credentials import find_access
from feddns.providers.clouddns.resources import Change, Project
from feddns.testing.pen import Pen, contents
from tests.providers.clouddns.conftest import ZONE_ID, Inline, OpenCloudDns, settings_for
from tests.providers.fakes.clouddns import Cause, Cut, FakeCloudDns, Fault, Principal, Quota, Refused

ZONE = ZoneName("example.com.")
ROUTED = {"wrr": {"items": [{"weight": 1.0, "rrdatas": ["192.0.2.1"]}, {"weight": 2.0, "rrdatas": ["192.0.2.2"]}]}}


@pytest.fixture
def pen(provider: CloudDns) -> Pen:
    return Pen(provider, ZONE)


def put(fake: FakeCloudDns, *rrsets: dict[str, Any], zone: str = ZONE_ID) -> None:
    """Have someone else write."""
    fake.zones[zone].change({"additions": list(rrsets)}, Quota())


def a_set(name: str = "www.example.com.", kind: str = "A", *rrdatas: str, ttl: int = 60) -> dict[str, Any]:
    return {"name": name, "type": kind, "ttl": ttl, "rrdatas": list(rrdatas) or ["192.0.2.1"]}


# --- which zone


async def test_the_managed_zone_of_the_longest_dns_name_is_found_and_only_names_in_the_zone_are_read(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    fake.add_zone("above", "com.")
    put(
        fake,
        a_set("www.example.com."),
        a_set("a.fed.example.com."),
        a_set("fed.example.com."),
        a_set("xfed.example.com."),
    )
    found = await contents(open_clouddns("fed.example.com."))
    assert {name for name, _ in found} == {"a.fed.example.com.", "fed.example.com."}
    fake.add_zone("nearer", "fed.example.com.")
    assert {kind for _, kind in await contents(open_clouddns("fed.example.com."))} == {"NS"}


async def test_what_is_in_the_managed_zone_and_not_in_the_zone_is_not_written(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    provider = open_clouddns("fed.example.com.")
    outside = RecordSet(DnsName("www.example.com."), "A", 60, ("192.0.2.1",))
    with pytest.raises(Rejected, match=r"not in the zone fed\.example\.com\."):
        await provider.apply(Batch((Create(outside),), Fence(None, None)))
    assert fake.calls["changes.create"] == 0


@pytest.mark.parametrize("private", [True, False])
async def test_twins_are_told_apart_by_whether_they_are_private(
    fake: FakeCloudDns,
    open_clouddns: OpenCloudDns,
    private: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    fake.add_zone("inside", private=True)
    put(fake, a_set("in.example.com."), zone="inside")
    put(fake, a_set("out.example.com."))
    found = await contents(open_clouddns(private=private))
    assert ("in.example.com.", "A") in found if private else ("out.example.com.", "A") in found
    assert len([key for key in found if key[1] == "A"]) == 1


async def test_twins_that_nothing_tells_apart_are_listed(fake: FakeCloudDns, open_clouddns: OpenCloudDns) -> None:
    fake.add_zone("inside", private=True)
    for attempt in (open_clouddns().read_zone, lambda: open_clouddns().apply(Batch((), Fence(None, a_claim())))):
        with pytest.raises(Rejected, match=r"inside \(private\), the-zone \(public\); choose .*managedZone.*private"):
            await attempt()
    assert fake.calls["changes.create"] == 0


async def test_zones_that_only_forward_are_no_candidates(fake: FakeCloudDns, open_clouddns: OpenCloudDns) -> None:
    fake.add_zone("onward", private=True, forwardingConfig={"targetNameServers": [{"ipv4Address": "192.0.2.53"}]})
    fake.add_zone("peer", private=True, peeringConfig={"targetNetwork": {"networkUrl": "https://compute/n"}})
    assert await open_clouddns().read_zone()
    with pytest.raises(Rejected, match=r"no private managed zone that holds records has example\.com\."):
        await open_clouddns(private=True).read_zone()
    with pytest.raises(Rejected, match="onward forwards its queries elsewhere"):
        await open_clouddns(managed_zone="onward").read_zone()


@pytest.mark.parametrize(
    ("zone", "settings", "text"),
    [
        ("example.net.", {}, r"no managed zone that holds records has example\.net\., or what is above it"),
        (
            "example.net.",
            {"managed_zone": ZONE_ID},
            r"the-zone is that of example\.com\., which example\.net\. is not in",
        ),
        ("example.com.", {"managed_zone": ZONE_ID, "private": True}, "is public, which `private: true` rules out"),
        ("example.com.", {"managed_zone": "nowhere"}, "'nowhere' does not exist"),
    ],
)
async def test_a_zone_that_cannot_be_meant_is_told_with_the_reason(
    open_clouddns: OpenCloudDns, zone: str, settings: dict[str, Any], text: str
) -> None:
    with pytest.raises(Rejected, match=text):
        await open_clouddns(zone, **settings).read_zone()


async def test_another_projects_zone_is_written_where_project_says_so(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    with pytest.raises(Unauthorized, match=r"project other, .* dns\.managedZones\.list"):
        await open_clouddns(project="other").read_zone()
    assert await open_clouddns(project=fake.name).read_zone()


async def test_all_managed_zones_are_listed_page_by_page_and_the_one_that_is_written_is_marked(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    fake.largest_page = 2
    for number in range(4):
        fake.add_zone(f"inside-{number}", f"n{number}.example.com.", private=True)
    zones = await open_clouddns().zones()
    (written,) = (zone for zone in zones if zone.written)
    servers = tuple(f"ns-cloud-a{place}.googledomains.com." for place in range(1, 5))
    assert written == HostedZone(ZONE, ZONE_ID, private=False, name_servers=servers, written=True)
    assert {zone.id for zone in zones if zone.private} == {f"inside-{number}" for number in range(4)}
    assert {zone.written for zone in await open_clouddns("example.net.").zones()} == {False}


async def test_a_zone_that_was_made_anew_under_another_name_is_found_again(
    fake: FakeCloudDns, provider: CloudDns
) -> None:
    await provider.read_zone()
    del fake.zones[ZONE_ID]
    fake.add_zone("again")
    with pytest.raises(Rejected, match="'the-zone' does not exist"):
        await Pen(provider, ZONE).write()
    await Pen(provider, ZONE).write()
    assert len(fake.zones["again"].changes) == 2


# --- what is read


async def test_routed_sets_are_seen_and_never_rewritten(fake: FakeCloudDns, provider: CloudDns) -> None:
    put(fake, {"name": "www.example.com.", "type": "A", "ttl": 30, "routingPolicy": ROUTED})
    put(fake, a_set("example.com.", "ALIAS", "lb.example.net.", ttl=30))
    found = await contents(provider)
    routed = found["www.example.com.", "A"]
    assert routed == RecordSet(DnsName("www.example.com."), "A", 30, ())
    assert found["example.com.", "ALIAS"].values == ()
    for change in (Delete(routed), Replace(routed, msgspec.structs.replace(routed, values=("192.0.2.1",)))):
        with pytest.raises(Rejected, match="plain record sets only"):
            await provider.apply(Batch((change,), Fence(None, a_claim())))


async def test_a_set_that_is_spelled_otherwise_is_replaced_all_the_same(fake: FakeCloudDns, provider: CloudDns) -> None:
    put(fake, a_set("www.example.com.", "A", "192.0.2.2", "192.0.2.1"))
    put(fake, a_set("v4.example.com.", "AAAA", "::ffff:192.0.2.1"))
    found = await contents(provider)
    old, mapped = found["www.example.com.", "A"], found["v4.example.com.", "AAAA"]
    assert old.values == ("192.0.2.1", "192.0.2.2")
    await provider.apply(Batch((Delete(old), Delete(mapped)), Fence(None, a_claim())))
    assert ("www.example.com.", "A") not in await contents(provider)


async def test_what_the_service_spells_otherwise_than_we_wrote_it_is_deleted_without_reading_it(
    fake: FakeCloudDns, pen: Pen
) -> None:
    mapped = pen.set("v4", "AAAA", "::ffff:c000:201")
    await pen.write(Create(mapped))
    assert fake.zones[ZONE_ID].rrsets["v4.example.com.", "AAAA"]["rrdatas"] == ["::ffff:192.0.2.1"]
    await pen.write(Delete(mapped))
    assert ("v4.example.com.", "AAAA") not in fake.zones[ZONE_ID].rrsets


async def test_a_zone_is_read_in_as_few_pages_as_the_service_allows(fake: FakeCloudDns, provider: CloudDns) -> None:
    put(fake, *(a_set(f"n{number}.example.com.") for number in range(998)))
    await provider.read_zone()
    assert fake.calls["resourceRecordSets.list"] == 1
    fake.largest_page = 300
    assert len(await provider.read_zone()) == 999
    assert fake.calls["resourceRecordSets.list"] == 1 + 4


# --- limits


async def test_limits_are_the_projects_quota_once_the_zone_was_read(fake: FakeCloudDns, provider: CloudDns) -> None:
    assert provider.limits.additions == 999
    fake.quota = Quota(rrset_additions_per_change=50, rrset_deletions_per_change=70, total_rrdata_size_per_change=5_000)
    await provider.read_zone()
    assert provider.limits == Limits(changes=49 + 69, characters=5_000 - 514, additions=49, removals=69)
    await provider.read_zone()
    assert fake.calls["projects.get"] == 1


async def test_a_quota_that_nobody_may_see_is_taken_to_be_the_documented_one(
    fake: FakeCloudDns, provider: CloudDns
) -> None:
    fake.identities.anonymous = Principal("nobody", fake.identities.anonymous.permissions - {"dns.projects.get"})  # type: ignore[union-attr]  # there is one
    fake.quota = Quota(rrset_additions_per_change=50)
    await provider.read_zone()
    assert provider.limits.additions == 999


async def test_a_quota_that_turned_out_smaller_is_asked_for_again(
    fake: FakeCloudDns, provider: CloudDns, pen: Pen
) -> None:
    await provider.read_zone()
    fake.quota = Quota(rrset_additions_per_change=2)
    with pytest.raises(Rejected, match="quota for additions per change"):
        await pen.write(*(Create(pen.set(f"n{number}", "A", "192.0.2.1")) for number in range(5)))
    await provider.read_zone()
    assert provider.limits.additions == 1


async def test_a_failure_to_ask_for_the_quota_is_no_quota(fake: FakeCloudDns, provider: CloudDns) -> None:
    fake.faults.add(Fault(Refused(503, Cause("backendError", "later")), "projects.get"))
    with pytest.raises(Unavailable):
        await provider.read_zone()


# --- what goes wrong


def a_claim() -> RecordSet:
    return RecordSet(DnsName("_feddns.fed.svc.example.com."), "TXT", 60, ("a claim",))


async def test_a_refused_value_is_blamed_on_its_name(fake: FakeCloudDns, pen: Pen) -> None:
    bad = RecordSet(DnsName("bad.example.com."), "A", 60, ("300.0.2.1",))
    before = dict(fake.zones[ZONE_ID].rrsets)
    with pytest.raises(
        Rejected, match=r"Invalid value for 'entity\.change\.additions\[2\]\.rrdata\[0\]': '300\.0\.2\.1'"
    ) as refusal:
        await pen.write(Create(pen.set("fine", "A", "192.0.2.1")), Create(bad))
    assert refusal.value.names == {"bad.example.com."}
    assert fake.zones[ZONE_ID].rrsets == before


async def test_a_cname_beside_anothers_record_is_blamed_on_its_name(fake: FakeCloudDns, pen: Pen) -> None:
    put(fake, a_set("www.example.com.", "TXT", '"a note"'))
    with pytest.raises(Rejected, match="cnameResourceRecordSetConflict") as refusal:
        await pen.write(Create(pen.set("www", "CNAME", "there.example.net.")))
    assert refusal.value.names == {"www.example.com."}


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (Refused(429, Cause("rateLimitExceeded", "slowly"), retry_after="3"), Throttled),
        (Refused(403, Cause("rateLimitExceeded", "slowly", "usageLimits"), retry_after="3"), Throttled),
        (Refused(503, Cause("backendError", "later")), Unavailable),
        (Refused(403, Cause("forbidden", "no")), Unauthorized),
        (Refused(401, Cause("authError", "who?")), Unauthorized),
        (Refused(409, Cause("alreadyExists", "The resource 'entity.change.additions[0]' …")), Conflict),
    ],
)
async def test_refusals_come_through_http_as_what_they_are(
    fake: FakeCloudDns, pen: Pen, refused: Refused, kind: type[ProviderError]
) -> None:
    fake.faults.add(Fault(refused), Fault(refused))
    with pytest.raises(kind) as failure:
        await pen.write()
    assert not isinstance(failure.value, Throttled) or failure.value.retry_after_s == 3.0
    assert not isinstance(failure.value, Unavailable) or failure.value.outcome_unknown


@pytest.mark.parametrize(("cut", "done"), [(Cut.BEFORE, False), (Cut.AFTER, True)])
async def test_a_reset_leaves_the_outcome_unknown(fake: FakeCloudDns, pen: Pen, cut: Cut, done: bool) -> None:  # noqa: FBT001 - a parameter of the test
    fake.faults.add(Fault(cut))
    with pytest.raises(Unavailable, match="no answer came") as failure:
        await pen.write()
    assert failure.value.outcome_unknown
    assert (len(fake.zones[ZONE_ID].changes) == 2) == done
    assert fake.calls["changes.create"] == 1


async def test_a_reset_while_reading_is_only_unavailable(fake: FakeCloudDns, provider: CloudDns) -> None:
    fake.faults.add(Fault(Cut.BEFORE, "resourceRecordSets.list"))
    with pytest.raises(Unavailable) as failure:
        await provider.read_zone()
    assert not failure.value.outcome_unknown
    assert await provider.read_zone()


async def test_an_answer_that_is_not_the_apis_is_told(open_clouddns: OpenCloudDns) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlogin")
        await writer.drain()
        writer.close()

    portal = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with portal:
        endpoint = f"http://127.0.0.1:{portal.sockets[0].getsockname()[1]}"
        provider = open_clouddns(endpoint=endpoint, managed_zone=ZONE_ID)
        with pytest.raises(Rejected, match="the answer is not the API's, as a proxy's may be"):
            await provider.read_zone()
        with pytest.raises(Unavailable, match="the answer is not the API's") as failure:
            await Pen(provider, ZONE).write()
        assert failure.value.outcome_unknown


async def test_a_date_to_come_back_at_is_understood(fake: FakeCloudDns, pen: Pen) -> None:
    at = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30), usegmt=True)
    fake.faults.add(Fault(Refused(429, Cause("rateLimitExceeded", "slowly"), retry_after=at)))
    with pytest.raises(Throttled) as failure:
        await pen.write()
    assert 20 < failure.value.retry_after_s <= 30


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (requests.ConnectTimeout("too slow"), False),
        (requests.exceptions.ProxyError("no proxy"), False),
        (requests.ReadTimeout("too slow"), True),
        (requests.ConnectionError("reset"), True),
        (requests.exceptions.ChunkedEncodingError("cut"), True),
    ],
)
async def test_what_was_never_sent_has_no_unknown_outcome(
    fake: FakeCloudDns,
    error: requests.RequestException,
    unknown: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    class Broken:
        def api_request(self, *_: Any, **__: Any) -> bytes:
            raise error

    api = Api(find_access(settings_for(fake), Path()), fake.url, 1.0)
    api.connection = Broken()
    with pytest.raises(Unavailable) as failure:
        api.create_change("", Change(), Change)
    assert failure.value.outcome_unknown == unknown
    with pytest.raises(Unavailable) as failure:
        api.get(Call.GET_PROJECT, "", Project, {})
    assert not failure.value.outcome_unknown
    api.close()


async def test_nothing_to_change_is_not_sent(fake: FakeCloudDns, provider: CloudDns) -> None:
    await provider.apply(Batch((), Fence(None, None)))
    assert not fake.calls


async def test_two_writers_of_one_claim_lose_no_change(open_clouddns: OpenCloudDns) -> None:
    ours, theirs = open_clouddns(), open_clouddns()
    await ours.apply(Batch((), Fence(None, a_claim())))
    with pytest.raises(Conflict, match=r"alreadyExists.*not as it was last read"):
        await theirs.apply(Batch((), Fence(None, a_claim())))
    next_claim = msgspec.structs.replace(a_claim(), values=("the next",))
    await ours.apply(Batch((), Fence(a_claim(), next_claim)))
    with pytest.raises(Conflict, match="conditionNotMet"):
        await theirs.apply(Batch((), Fence(a_claim(), next_claim)))
    await ours.apply(Batch((), Fence(next_claim, None)))
    with pytest.raises(Conflict, match="notFound"):
        await theirs.apply(Batch((), Fence(next_claim, None)))


# --- time


@pytest.mark.looptime
async def test_a_batch_is_done_when_it_is_committed_or_when_all_name_servers_have_it(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    clock = asyncio.get_running_loop().time
    await Pen(open_clouddns(thread=Inline()), ZONE).write()
    assert fake.calls["changes.get"] == 0
    fake.pending_polls = 3
    began = clock()
    waiting = open_clouddns(thread=Inline(), wait_for_done=True)
    claim = next(record for record in await waiting.read_zone() if record.type == "TXT")
    await waiting.apply(Batch((), Fence(claim, None)))
    assert clock() - began == pytest.approx(1 + 2 + 4 + 8, abs=0.1)
    assert fake.calls["changes.get"] == 4
    assert fake.zones[ZONE_ID].changes[-1]["status"] == "done"


@pytest.mark.looptime
async def test_waiting_for_name_servers_ends_in_time_and_a_passing_failure_ends_it_too(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    clock = asyncio.get_running_loop().time
    fake.pending_polls = 1_000
    pen = Pen(open_clouddns(thread=Inline(), wait_for_done=True), ZONE)
    await pen.write()
    assert clock() == pytest.approx(60, abs=0.5)
    fake.faults.add(Fault(Refused(503, Cause("backendError", "later")), "changes.get"))
    await pen.write()
    assert clock() == pytest.approx(61, abs=1)


@pytest.mark.looptime
async def test_waiting_without_the_permission_to_ask_is_told(fake: FakeCloudDns, open_clouddns: OpenCloudDns) -> None:
    fake.faults.add(Fault(Refused(403, Cause("forbidden", "no")), "changes.get"))
    with pytest.raises(Unauthorized, match=r"dns\.changes\.get"):
        await Pen(open_clouddns(thread=Inline(), wait_for_done=True), ZONE).write()


@pytest.mark.looptime
async def test_requests_keep_the_pace_of_the_project_whatever_zone_they_are_for(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    fake.add_zone("other", "example.net.")
    slow = {"requests_per_second": 2.0, "burst": 1, "thread": Inline()}
    pens = [
        Pen(open_clouddns(zone, managed_zone=name, **slow), ZoneName(zone))
        for zone, name in ((str(ZONE), ZONE_ID), ("example.net.", "other"))
    ]
    await asyncio.gather(*(pen.write() for pen in pens * 3), return_exceptions=True)
    assert asyncio.get_running_loop().time() == pytest.approx(2.5, abs=0.1)


@pytest.mark.looptime
async def test_after_too_many_requests_the_whole_project_rests(fake: FakeCloudDns, open_clouddns: OpenCloudDns) -> None:
    fake.faults.add(Fault(Refused(429, Cause("rateLimitExceeded", "slowly"), retry_after="9")))
    one, other = (Pen(open_clouddns(thread=Inline(), managed_zone=ZONE_ID), ZONE) for _ in range(2))
    with pytest.raises(Throttled):
        await one.write()
    await other.write()
    assert asyncio.get_running_loop().time() == pytest.approx(9, abs=0.1)


async def test_a_batch_is_one_request_where_the_managed_zone_is_named(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns
) -> None:
    await Pen(open_clouddns(managed_zone=ZONE_ID), ZONE).write()
    assert dict(fake.calls) == {"changes.create": 1}
