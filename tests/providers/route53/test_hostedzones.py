from typing import Any

import pytest

from feddns.errors import Rejected, Unauthorized
from feddns.model.changes import Create
from feddns.model.records import ZoneName
from feddns.model.zones import HostedZone
from feddns.testing.pen import Pen, contents
from tests.providers.fakes.route53 import Account, FakeRoute53
from tests.providers.fakes.route53.zone import Zone
from tests.providers.route53.conftest import OpenRoute53

VPC, OTHER_VPC = "vpc-0a", "vpc-0b"


@pytest.fixture
def account(fake: FakeRoute53) -> Account:
    """The account without the zone that most tests have."""
    fake.account.zones.clear()
    return fake.account


@pytest.fixture
def twins(account: Account) -> dict[str, Zone]:
    """Split horizon: one name, three zones; and others around it."""
    account.add_zone("com")
    account.add_zone("xexample.com")
    account.add_zone("a.fed.example.com")
    return {
        "public": account.add_zone("example.com"),
        "private": account.add_zone("example.com", private=True, vpcs=(VPC,)),
        "other": account.add_zone("example.com", private=True, vpcs=(OTHER_VPC, "vpc-0c")),
    }


async def written(open_route53: OpenRoute53, zone: str = "example.com.", **settings: Any) -> HostedZone:
    """The zone that is marked, which must be the one that is written indeed."""
    provider = open_route53(zone, **settings)
    (marked,) = [found for found in await provider.zones() if found.written]
    pen = Pen(provider, ZoneName(zone))
    await pen.write()
    assert pen.claim in (await contents(provider)).values()
    return marked


async def test_the_longest_name_that_the_zone_is_in_is_chosen(account: Account, open_route53: OpenRoute53) -> None:
    zones = [account.add_zone(name) for name in ("com", "example.com", "fed.example.com", "ed.example.com")]
    assert (await written(open_route53, "fed.example.com.")).id == zones[2].id
    assert (await written(open_route53, "lab.example.com.")).id == zones[1].id
    assert (await written(open_route53, "example.com.")).id == zones[1].id


@pytest.mark.parametrize(
    ("settings", "which"), [({"private": False}, "public"), ({"vpc": VPC}, "private"), ({"vpc": "vpc-0c"}, "other")]
)
async def test_twins_are_told_apart(
    twins: dict[str, Zone], open_route53: OpenRoute53, settings: dict[str, Any], which: str
) -> None:
    found = await written(open_route53, **settings)
    assert (found.id, found.private) == (twins[which].id, which != "public")
    assert len(twins[which]) == 3
    assert {len(zone) for zone in twins.values()} == {2, 3}


@pytest.mark.parametrize("which", ["public", "private", "other"])
async def test_a_zones_id_tells_it_from_all_others(
    twins: dict[str, Zone], open_route53: OpenRoute53, which: str
) -> None:
    found = await written(open_route53, zone_id=twins[which].id)
    assert found.id == twins[which].id


@pytest.mark.parametrize(("settings", "among"), [({}, 3), ({"private": True}, 2)])
async def test_what_is_ambiguous_is_refused_with_the_candidates(
    twins: dict[str, Zone], open_route53: OpenRoute53, settings: dict[str, Any], among: int
) -> None:
    provider = open_route53(**settings)
    with pytest.raises(Rejected, match=f"there are {among} hosted zones example.com.") as refusal:
        await provider.read_zone()
    told = [f"{zone.id} ({'private' if zone.private else 'public'})" for zone in twins.values()]
    assert [text in str(refusal.value) for text in told] == [among == 3, True, True]
    with pytest.raises(Rejected):
        await Pen(provider, ZoneName("example.com.")).write()
    assert {len(zone) for zone in twins.values()} == {2}
    assert not any(zone.written for zone in await provider.zones())


@pytest.mark.parametrize(
    ("zone", "settings", "text"),
    [
        ("example.org.", {}, r"no hosted zone that example.org. is in, among 6"),
        ("example.com.", {"vpc": "vpc-0d"}, r"no private hosted zone in vpc-0d"),
        ("a.fed.example.com.", {"private": True, "vpc": "vpc-0d"}, r"no private hosted zone in vpc-0d"),
        ("example.com.", {"zone_id": "ZNOSUCH"}, r"NoSuchHostedZone: No hosted zone found with ID: ZNOSUCH"),
    ],
)
async def test_a_zone_that_is_not_there_is_told(
    twins: dict[str, Zone], open_route53: OpenRoute53, zone: str, settings: dict[str, Any], text: str
) -> None:
    assert twins
    with pytest.raises(Rejected, match=text):
        await open_route53(zone, **settings).read_zone()
    assert not any(found.written for found in await open_route53(zone, **settings).zones())


async def test_an_id_of_another_name_or_kind_is_refused(twins: dict[str, Zone], open_route53: OpenRoute53) -> None:
    with pytest.raises(Rejected, match=r"is example.com., and example.org. is not in it"):
        await open_route53("example.org.", zone_id=twins["public"].id).read_zone()
    with pytest.raises(Rejected, match=r"is public, and `private: true` asks for the other kind"):
        await open_route53(zone_id=twins["public"].id, private=True).read_zone()


async def test_all_zones_are_listed_over_many_pages(account: Account, open_route53: OpenRoute53) -> None:
    made = [account.add_zone(f"z{number}.example.com", private=number % 2 == 0, vpcs=(VPC,)) for number in range(250)]
    zones = await open_route53("www.z7.example.com.").zones()
    assert {(zone.id, zone.name, zone.private) for zone in zones} == {(z.id, z.name, z.private) for z in made}
    (marked,) = [zone for zone in zones if zone.written]
    assert marked.name == "z7.example.com."
    assert marked.name_servers == made[7].servers
    assert not any(zone.name_servers for zone in zones if not zone.written)
    assert account.calls == {"ListHostedZones": 3, "GetHostedZone": 1}


async def test_who_may_use_one_zone_alone_need_not_list_them(
    fake: FakeRoute53, twins: dict[str, Zone], open_route53: OpenRoute53
) -> None:
    fake.account.allowed = frozenset({"GetHostedZone", "ListResourceRecordSets", "ChangeResourceRecordSets"})
    found = await written(open_route53, zone_id=twins["public"].id)
    assert found.name_servers == twins["public"].servers
    with pytest.raises(Unauthorized, match=r"route53:ListHostedZones on \*"):
        await open_route53(private=False).zones()


async def test_the_zone_is_looked_for_once(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    provider = open_route53()
    for _ in range(3):
        await provider.read_zone()
    assert fake.account.calls == {"ListHostedZones": 1, "ListResourceRecordSets": 3}


async def test_a_zone_that_was_made_anew_is_found_again(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    provider = open_route53()
    await provider.read_zone()
    fake.account.zones.clear()
    with pytest.raises(Rejected, match="NoSuchHostedZone"):
        await provider.read_zone()
    with pytest.raises(Rejected, match="no hosted zone"):
        await provider.read_zone()
    zone = fake.account.add_zone("example.com")
    pen = Pen(provider, ZoneName("example.com."))
    await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert len(zone) == 4
