import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from feddns.errors import Conflict, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import ALIAS, ALIAS_TTL_S, DnsName, RecordSet, ZoneName
from feddns.providers.base import Aliasing
from feddns.providers.route53 import Route53
from feddns.testing.pen import Pen, among, contents
from tests.providers.fakes.route53 import FakeRoute53, Fault, Kind
from tests.providers.fakes.route53.zone import Zone
from tests.providers.route53.conftest import STRANGER, Inline, OpenRoute53
from tests.providers.route53.test_recordsets import alias, plain

ZONE = ZoneName("example.com.")
CLASSIC, NETWORK = "a-1.eu-west-1.elb.amazonaws.com.", "b-2.elb.us-east-1.amazonaws.com."


@pytest.fixture
def zone(fake: FakeRoute53) -> Zone:
    return next(iter(fake.account.zones.values()))


@pytest.fixture
def pen(provider: Route53) -> Pen:
    return Pen(provider, ZONE)


def put(zone: Zone, *sets: dict[str, Any]) -> None:
    """Someone else writes."""
    zone.change([{"Action": "CREATE", "ResourceRecordSet": found} for found in sets], frozenset({"check"}))


def sets_of(zone: Zone, kinds: tuple[str, ...] = ("A", "AAAA", "CNAME")) -> list[dict[str, Any]]:
    return [found for found in zone if found["Type"] in kinds]


def unfenced(*changes: Any) -> Batch:
    return Batch(changes, Fence(None, None))


# --- reading


async def test_pages_are_followed_also_where_one_names_sets_go_over_the_end_of_one(
    provider: Route53, zone: Zone
) -> None:
    weighted = [
        plain("www.example.com.", "A", "192.0.2.1", SetIdentifier=f"{number:03}", Weight=1) for number in range(700)
    ]
    put(zone, *weighted, *(plain(f"x{number}.example.com.", "A", "192.0.2.1") for number in range(300)))
    read = await contents(provider)
    assert read["www.example.com.", "A"] == RecordSet(DnsName("www.example.com."), "A", 60, ())
    assert len(read) == 1 + 1 + 300


async def test_below_a_hosted_zone_only_the_zones_own_names_are_read_and_written(
    fake: FakeRoute53, zone: Zone, open_route53: OpenRoute53
) -> None:
    others = [plain(f"{letter}{number}.example.com.", "A", "192.0.2.1") for letter in "az" for number in range(400)]
    put(zone, *others, plain("fed-x.example.com.", "A", "192.0.2.2"), plain("xfed.example.com.", "A", "192.0.2.2"))
    provider = open_route53("fed.example.com.")
    pen = Pen(provider, ZoneName("fed.example.com."))
    www = pen.set("www", "A", "192.0.2.3")
    await pen.write(Create(www), Create(pen.set("*", "A", "192.0.2.3")))
    assert {name for name, _ in await contents(provider)} == {
        "www.fed.example.com.",
        "*.fed.example.com.",
        "_feddns.fed.svc.fed.example.com.",
    }
    assert fake.account.calls["ListResourceRecordSets"] == 1
    outside = RecordSet(DnsName("new.example.com."), "A", 60, ("192.0.2.1",))
    with pytest.raises(Rejected, match=r"not in the zone fed\.example\.com\.") as refusal:
        await provider.apply(pen.batch(Create(outside)))
    assert refusal.value.names == {outside.name}


async def test_a_name_server_set_at_the_apex_is_read_and_the_soa_is_not(provider: Route53, zone: Zone) -> None:
    read = await contents(provider)
    assert read.keys() == {("example.com.", "NS")}
    assert read["example.com.", "NS"].values == zone.servers


async def test_what_is_read_can_be_replaced_and_deleted_however_it_is_spelled(
    provider: Route53, zone: Zone, pen: Pen
) -> None:
    put(
        zone,
        plain("www.example.com.", "AAAA", "2001:0DB8::2", "2001:0db8::1"),
        plain("alias.example.com.", "CNAME", "Elsewhere.example.net"),
        plain("*.example.com.", "A", "192.0.2.1"),
        plain("txt.example.com.", "TXT", r'"back\\slash"'),
    )
    read = [found for found in await provider.read_zone() if found.type != "NS"]
    assert len(read) == 4
    await pen.write(*(Replace(found, RecordSet(found.name, found.type, 7, found.values)) for found in read))
    replaced = [found for found in await provider.read_zone() if found.ttl == 7]
    assert {found.values for found in replaced} == {found.values for found in read}
    await pen.write(*map(Delete, replaced))
    assert len(zone) == 3


async def test_a_set_that_was_replaced_is_then_spelled_as_we_do(provider: Route53, zone: Zone, pen: Pen) -> None:
    put(zone, plain("www.example.com.", "AAAA", "2001:0DB8::1"))
    (read,) = [found for found in await provider.read_zone() if found.type == "AAAA"]
    await pen.write(Delete(read))
    await pen.write(Create(read))
    await pen.write(Delete(read))
    assert len(zone) == 3


async def test_a_spelling_that_someone_changed_is_a_conflict(provider: Route53, zone: Zone, pen: Pen) -> None:
    old = plain("www.example.com.", "AAAA", "2001:0DB8::1")
    put(zone, old)
    (read,) = [found for found in await provider.read_zone() if found.type == "AAAA"]
    zone.change([{"Action": "DELETE", "ResourceRecordSet": old}], frozenset())
    put(zone, plain("www.example.com.", "AAAA", "2001:DB8::1"))
    with pytest.raises(Conflict):
        await provider.apply(pen.batch(Delete(read)))
    (again,) = [found for found in await provider.read_zone() if found.type == "AAAA"]
    assert again == read
    await pen.write(Delete(again))


# --- aliases


def test_it_can_alias_load_balancers(provider: Route53) -> None:
    assert isinstance(provider, Aliasing)
    assert provider.can_alias(DnsName(CLASSIC))
    assert provider.can_alias(DnsName(NETWORK))
    assert not provider.can_alias(DnsName(f"dualstack.{CLASSIC}"))  # it would be read as another name
    assert not provider.can_alias(DnsName("lb.example.net."))


@pytest.mark.parametrize("name", ["www.example.com.", "example.com."])
async def test_an_alias_is_written_changed_and_deleted_as_two_sets(
    provider: Route53, zone: Zone, pen: Pen, name: str
) -> None:
    one, other = (RecordSet(DnsName(name), ALIAS, ALIAS_TTL_S, (target,)) for target in (CLASSIC, NETWORK))
    await pen.write(Create(one))
    assert await among(provider, one)
    dual = f"dualstack.{CLASSIC}"
    assert sets_of(zone) == [alias(name, "A", dual), alias(name, "AAAA", dual)]
    await pen.write(Replace(one, other))
    assert await among(provider, other)
    assert {found["AliasTarget"]["DNSName"] for found in sets_of(zone)} == {NETWORK}
    await pen.write(Delete(other))
    assert sets_of(zone) == []


async def test_addresses_and_a_cname_become_an_alias_and_come_back(provider: Route53, pen: Pen) -> None:
    addresses = pen.set("www", "A", "192.0.2.1"), pen.set("www", "AAAA", "2001:db8::1")
    leads = RecordSet(DnsName("www.example.com."), ALIAS, ALIAS_TTL_S, (CLASSIC,))
    cname = pen.set("www", "CNAME", "there.example.com.")
    await pen.write(*map(Create, addresses))
    await pen.write(*map(Delete, addresses), Create(leads))
    assert await among(provider, leads)
    await pen.write(Delete(leads), Create(cname))
    await pen.write(Delete(cname), Create(leads))
    await pen.write(Delete(leads), *map(Create, addresses))
    assert await among(provider, *addresses)


async def test_an_alias_of_a_name_in_the_zone_comes_with_its_target_in_one_batch(provider: Route53, pen: Pen) -> None:
    target = pen.set("www", "A", "192.0.2.1"), pen.set("www", "AAAA", "2001:db8::1")
    apex = RecordSet(DnsName("example.com."), ALIAS, ALIAS_TTL_S, ("www.example.com.",))
    await pen.write(Create(apex), *map(Create, target))
    assert await among(provider, apex, *target)
    with pytest.raises(Rejected, match="target was not found") as refusal:
        await provider.apply(
            pen.batch(Create(RecordSet(DnsName("x.example.com."), ALIAS, ALIAS_TTL_S, ("y.example.com.",))))
        )
    assert refusal.value.names == {"x.example.com."}


@pytest.mark.parametrize("health", [True, False])
async def test_aliases_that_others_made_can_be_replaced(
    provider: Route53,
    zone: Zone,
    pen: Pen,
    health: bool,  # noqa: FBT001  # a table's column
) -> None:
    cloudfront = {"target": "d1.cloudfront.net.", "zone_id": "Z2FDTNDATAQYW2"}
    put(
        zone,
        *(alias("pair.example.com.", kind, CLASSIC, health=health) for kind in ("A", "AAAA")),
        *(alias("cdn.example.com.", kind, **cloudfront) for kind in ("A", "AAAA")),
        alias("single.example.com.", "A", NETWORK, "Z26RNL4JYFTOTI", health=health),
    )
    read = {str(found.name): found for found in await provider.read_zone() if found.type != "NS"}
    assert {name: found.type for name, found in read.items()} == {
        "pair.example.com.": ALIAS,
        "cdn.example.com.": ALIAS,
        "single.example.com.": "A",
    }
    await pen.write(*map(Delete, read.values()), *(Create(pen.set(n, "A", "192.0.2.1")) for n in ("pair", "single")))
    assert [found["Name"] for found in sets_of(zone)] == ["pair.example.com.", "single.example.com."]


async def test_what_carries_a_health_check_or_a_policy_is_never_touched(
    provider: Route53, zone: Zone, pen: Pen
) -> None:
    put(
        zone,
        plain("checked.example.com.", "A", "192.0.2.1", HealthCheckId="check"),
        plain("weighted.example.com.", "A", "192.0.2.1", SetIdentifier="eu", Weight=1),
    )
    before = sets_of(zone)
    for found in await provider.read_zone():
        if found.type == "A":
            assert found.values == ()
            with pytest.raises(Rejected, match="it has 0 values"):
                await provider.apply(pen.batch(Delete(found)))
    with pytest.raises((Conflict, Rejected)):
        await provider.apply(pen.batch(Delete(pen.set("checked", "A", "192.0.2.1", ttl=60))))
    assert sets_of(zone) == before


# --- errors


async def test_a_bad_value_is_blamed_on_its_name_by_the_service_too(provider: Route53, pen: Pen) -> None:
    bad = pen.set("bad", "MX", "no preference")
    with pytest.raises(Rejected) as refusal:
        await provider.apply(pen.batch(Create(pen.set("good", "A", "192.0.2.1")), Create(bad)))
    assert refusal.value.names == {bad.name}


async def test_a_cname_in_the_way_is_blamed_on_its_name(provider: Route53, zone: Zone, pen: Pen) -> None:
    put(zone, plain("*.example.com.", "CNAME", "www.example.com."))
    with pytest.raises(Rejected) as refusal:
        await provider.apply(pen.batch(Create(pen.set("good", "A", "192.0.2.1")), Create(pen.set("*", "A", "::1"))))
    assert refusal.value.names == {"*.example.com."}
    with pytest.raises(Rejected) as refusal:
        await provider.apply(
            pen.batch(Create(pen.set("good", "A", "192.0.2.1")), Create(pen.set("*", "A", "192.0.2.1")))
        )
    assert refusal.value.names == {"*.example.com."}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(Kind.THROTTLE), Throttled),
        (Fault(Kind.BUSY), Throttled),
        (Fault(Kind.DENY), Unauthorized),
        (Fault(Kind.FAIL_BEFORE), Unavailable),
        (Fault(Kind.BARE_INVALID, message="[some reason]"), Conflict),
        (Fault(Kind.INVALID, message=""), Conflict),
        (Fault(Kind.INVALID, message="[RDATA character limit of 32000 exceeded.]"), Rejected),
    ],
    ids=lambda value: value.kind.name if isinstance(value, Fault) else "",
)
async def test_each_failure_is_told_by_its_kind_and_asked_once(
    fake: FakeRoute53, zone: Zone, provider: Route53, pen: Pen, fault: Fault, kind: type[Exception]
) -> None:
    fake.account.faults.append(fault)
    with pytest.raises(kind):
        await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert (
        fake.account.calls["ChangeResourceRecordSets"] == 1
    )  # though the environment asks botocore for seven attempts
    assert len(zone) == 2
    await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert await among(provider, pen.set("www", "A", "192.0.2.1"))


@pytest.mark.parametrize("kind", [Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.FAIL_BEFORE, Kind.FAIL_AFTER])
async def test_a_batch_without_an_answer_is_of_unknown_outcome_and_sent_once(
    fake: FakeRoute53, zone: Zone, pen: Pen, kind: Kind
) -> None:
    fake.account.faults.append(Fault(kind))
    with pytest.raises(Unavailable) as failure:
        await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert failure.value.outcome_unknown
    assert fake.account.calls["ChangeResourceRecordSets"] == 1
    assert len(zone) == (4 if kind in {Kind.RESET_AFTER, Kind.FAIL_AFTER} else 2)


async def test_the_time_to_wait_is_passed_on(fake: FakeRoute53, pen: Pen) -> None:
    fake.account.faults.append(Fault(Kind.BUSY, headers=(("Retry-After", "7"),)))
    with pytest.raises(Throttled) as failure:
        await pen.write()
    assert failure.value.retry_after_s == 7.0


async def test_a_missing_permission_is_named(fake: FakeRoute53, zone: Zone, pen: Pen) -> None:
    fake.account.allowed = frozenset({"ListHostedZones"})
    with pytest.raises(
        Unauthorized, match=f"route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/{zone.id}"
    ):
        await pen.write()


@pytest.mark.parametrize("renewed", [True, False])
async def test_expired_credentials_are_looked_for_once_more(
    fake: FakeRoute53,
    open_route53: OpenRoute53,
    aws_environment: Path,
    renewed: bool,  # noqa: FBT001  # a table's column
) -> None:
    fake.account.expired_keys.add(STRANGER)
    provider = open_route53(profile="stranger")
    with pytest.raises(Unauthorized, match="ExpiredToken"):
        await provider.read_zone()
    assert fake.account.calls == {"ListHostedZones": 2}
    fake.account.expired_keys.clear()
    await provider.read_zone()
    fake.account.expired_keys.add(STRANGER)
    if renewed:
        file = aws_environment / "credentials"
        file.write_text(file.read_text().replace(STRANGER, "AKIARENEWED"))
        await Pen(provider, ZONE).write()
    else:
        with pytest.raises(Unauthorized, match="ExpiredToken"):
            await Pen(provider, ZONE).write()


async def test_no_credentials_at_all_are_no_permission(
    open_route53: OpenRoute53, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Unauthorized, match=r"no AWS credentials for route53:ListHostedZones.*`roleArn`"):
        await open_route53().read_zone()
    with pytest.raises(Unauthorized, match=r"nosuch"):
        await open_route53(profile="nosuch").read_zone()


async def test_what_is_listed_but_no_zone_is_rejected(zone: Zone, provider: Route53) -> None:
    zone._sets["example.com.", "NS", ""]["Name"] = f"{'@' * 64}.example.com."  # noqa: SLF001  # as no service would
    with pytest.raises(Rejected, match="is no zone"):
        await provider.read_zone()


# --- pace and patience


@pytest.mark.looptime
async def test_every_request_takes_its_turn(fake: FakeRoute53, zone: Zone, open_route53: OpenRoute53) -> None:
    clock = asyncio.get_running_loop().time
    fake.account.clock = clock
    for part in ("a", "b"):
        put(zone, *(plain(f"{part}{number}.example.com.", "A", "192.0.2.1") for number in range(1_000)))
    provider = open_route53(executor=Inline(), requests_per_second=5.0, burst=5)
    started = clock()
    await provider.read_zone()
    await provider.apply(unfenced(Create(RecordSet(DnsName("www.example.com."), "A", 60, ("192.0.2.1",)))))
    times = [at - started for at, _, _ in fake.account.log]
    assert times == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8])


@pytest.mark.looptime
async def test_after_too_many_requests_the_whole_account_rests(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    clock = asyncio.get_running_loop().time
    one, other = open_route53(executor=Inline()), open_route53(executor=Inline())
    await one.read_zone()
    fake.account.faults.append(Fault(Kind.THROTTLE, "", headers=(("Retry-After", "3"),)))
    with pytest.raises(Throttled):
        await one.read_zone()
    started = clock()
    await other.read_zone()
    assert clock() - started == pytest.approx(3, abs=0.01)


@pytest.mark.looptime
@pytest.mark.parametrize(("pending_s", "waited_s", "polls"), [(0, 0, 0), (12, 15, 3), (1000, 120, 24)])
async def test_a_batch_waits_for_all_servers_where_that_is_asked_for(
    fake: FakeRoute53, open_route53: OpenRoute53, pending_s: float, waited_s: float, polls: int
) -> None:
    clock = asyncio.get_running_loop().time
    fake.account.clock, fake.account.pending_s = clock, pending_s
    provider = open_route53(executor=Inline(), wait_for_sync=True)
    started = clock()
    await Pen(provider, ZONE).write()
    assert clock() - started == pytest.approx(waited_s, abs=0.1)
    assert fake.account.calls["GetChange"] == polls


@pytest.mark.looptime
async def test_a_batch_is_written_though_nobody_says_when_all_servers_have_it(
    fake: FakeRoute53, zone: Zone, open_route53: OpenRoute53
) -> None:
    fake.account.pending_s = 1000
    fake.account.faults.append(Fault(Kind.DENY, "GetChange"))
    await Pen(open_route53(executor=Inline(), wait_for_sync=True), ZONE).write()
    assert len(zone) == 3


async def test_nothing_else_waits_while_the_service_is_silent(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    provider = open_route53(timeout=1.5)
    fake.account.faults.append(Fault(Kind.SILENT_BEFORE, ""))
    reading = asyncio.create_task(provider.read_zone())
    longest = 0.0
    while not reading.done():
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - started)
    with pytest.raises(Unavailable):
        await reading
    assert longest < 0.75


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "example.com. in Route 53 with the credentials of the environment"),
        ({"zone_id": "Z1", "profile": "p"}, "example.com. in hosted zone Z1 with profile p"),
        (
            {"role_arn": "arn:aws:iam::111122223333:role/r"},
            (
                "example.com. in Route 53 as arn:aws:iam::111122223333:role/r, assumed with the credentials of the "
                "environment"
            ),
        ),
        (
            {"role_arn": "arn:aws:iam::111122223333:role/r", "web_identity_token_file": "t"},
            "example.com. in Route 53 as arn:aws:iam::111122223333:role/r, assumed with a web identity",
        ),
    ],
)
def test_who_writes_where_is_told(tmp_path: Path, settings: dict[str, Any], told: str) -> None:
    assert Route53.open(Route53.Settings(**settings), ZONE, tmp_path).identity == told


async def test_opening_contacts_nobody(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    assert open_route53().limits.atomic
    assert fake.account.calls == {}
