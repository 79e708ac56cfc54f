import json
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.explain import hostname_owner, hostname_story, hostname_story_value
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import A, DnsName, RecordSet
from feddns.model.services import HostnameWish, ServiceKey
from feddns.plan.agenda import Agenda
from feddns.plan.hostnames import Standing
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_cluster, a_policy, a_shard, absent, decided, permitting, some_terms
from tests.strategies import fleets, wishing

WWW = DnsName("www.example.com.")
POLICY = msgspec.structs.replace(permitting(a_policy("fed")), owner="me")
WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")


def service(key: ServiceKey, *wishes: HostnameWish, policy: object = POLICY, ready: int = 1) -> Decision:
    shard = a_shard("eu", "192.0.2.1", ready=ready, key=key, wishes=wishes)
    return decided(Sighting(a_cluster("eu", "eu"), shard), key=key, policy=policy)  # type: ignore[arg-type]  # a Policy


def an_agenda(decisions: Sequence[Decision], *zone: RecordSet) -> Agenda:
    agenda = Agenda(some_terms())
    agenda.read(sort_zone(zone, FED))
    for decision in decisions:
        agenda.want(decision.key, decision.records)
    return agenda


def told(*decisions: Decision, zone: tuple[RecordSet, ...] = (), is_known: bool = True) -> list[str]:
    agenda = an_agenda(decisions, *zone)
    standing = agenda.standing(WWW)
    owner = hostname_owner(standing)
    published = agenda.published(owner) if owner is not None and is_known else None
    return list(hostname_story(WWW, standing, decisions, published, NOW))


def test_the_story_begins_with_the_hostname_and_goes_on_with_the_name_that_it_leads_to() -> None:
    web = service(WEB, HostnameWish(WWW))
    lines = told(web, service(API), zone=web.records)
    assert lines[:6] == [
        "www.example.com. (hostname of shop/web)",
        "  180 CNAME web.shop.fed.svc.example.com.",
        "  because: leads to the global name, as the Service asks for in eu",
        "  owned by shop/web: _feddns.www.example.com. TXT",
        "then web.shop.fed.svc.example.com. (global)",
        "  180 A 192.0.2.1",
    ]
    assert "shards considered:" in lines


def test_a_hostname_that_is_not_written_yet_is_told_so() -> None:
    lines = told(service(WEB, HostnameWish(WWW)))
    assert lines[0] == "www.example.com. (hostname of shop/web)"
    assert "  not owned by any service yet" in lines
    at = lines.index("  the zone still has:")
    assert lines[at + 1] == "    no records"
    assert "  the zone still has:" not in told(service(WEB, HostnameWish(WWW)), is_known=False)


def test_of_two_services_the_one_that_does_not_get_it_is_told() -> None:
    web, api = service(WEB, HostnameWish(WWW)), service(API, HostnameWish(WWW))
    lines = told(web, api, zone=web.records)
    assert lines[0] == "www.example.com. (hostname of shop/web)"
    assert "  asked for by shop/api too, which does not get it" in lines
    assert told(web, api)[0] == "www.example.com. (hostname of shop/api)"


def test_a_hostname_that_others_have_tells_who() -> None:
    theirs = RecordSet(WWW, A, 60, ("198.51.100.1",))
    assert told(service(WEB, HostnameWish(WWW)), zone=(theirs,)) == [
        "www.example.com. (hostname)",
        "  no records",
        "  because: it belongs to someone who keeps A there",
        "  not owned by any service yet",
        "  asked for by shop/web, which does not get it",
    ]


def test_a_hostname_that_is_not_allowed_tells_the_setting() -> None:
    lines = told(service(WEB, HostnameWish("{region}.example.com."), HostnameWish(WWW), policy=a_policy("fed")))
    assert lines[:2] == ["www.example.com. (hostname)", "  no records"]
    assert lines[-2:] == [
        "  asked for by shop/web, which does not get it",
        (
            "    HostnameNotAllowed: shop/web: hostname www.example.com. is not allowed to namespace shop; an entry "
            "{domain: example.com, namespaces: [shop]} under `hostnames` would allow it"
        ),
    ]


def test_a_hostname_that_nobody_asks_for_is_told_so() -> None:
    assert told(service(WEB))[1:] == [
        "  no records",
        "  because: no service that may have it asks for it",
        "  not owned by any service yet",
    ]


def test_a_hostname_that_stays_because_a_cluster_cannot_be_seen_says_so() -> None:
    published = service(WEB, HostnameWish(WWW)).records
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    us = Sighting(a_cluster("us", "us"), a_shard("us", "192.0.2.2", key=WEB))
    decision = decided(unseen, us, published=published, key=WEB, policy=POLICY)
    lines = told(decision, zone=published)
    assert "  because: leads to the global name; it stays while a cluster cannot be seen that may ask for it" in lines


def test_an_owner_that_gave_a_hostname_up_is_told() -> None:
    lines = told(service(WEB), zone=service(WEB, HostnameWish(WWW)).records)
    assert lines[0] == "www.example.com. (hostname of shop/web)"
    assert "  because: shop/web does not ask for it any more" in lines


@given(
    wishing(fleets()), st.booleans(), st.sampled_from([WWW, DnsName("eu.www.example.com."), DnsName("example.com.")])
)
def test_every_story_can_be_told_and_its_values_say_the_same(
    fleet: tuple[Sighting, ...],
    is_written: bool,  # noqa: FBT001 - drawn
    hostname: DnsName,
) -> None:
    decision = decided(*fleet, policy=POLICY)
    agenda = an_agenda([decision], *(decision.records if is_written else ()))
    standing = agenda.standing(hostname)
    published = agenda.published(decision.key)
    lines = list(hostname_story(hostname, standing, [decision], published, NOW))
    assert all("\n" not in line for line in lines)
    value = json.loads(msgspec.json.encode(hostname_story_value(hostname, standing, [decision], published)))
    assert value["isOwned"] is (standing.holder is not None)
    wanted = [record for record in decision.records if record.name == hostname]
    assert [record["values"] for record in value["records"]] == [list(record.values) for record in wanted]
    assert (value["then"] is None) is (hostname not in {found.hostname for found in decision.hostnames})
    assert lines[0] == f"{hostname} (hostname{' of ' + value['service'] if value['service'] else ''})"


def test_who_has_a_hostname_is_its_holder_or_the_first_that_wants_what_nobody_has() -> None:
    assert hostname_owner(Standing(WEB, (API, WEB), "")) == WEB
    assert hostname_owner(Standing(None, (API, WEB), "")) == API
    assert hostname_owner(Standing(None, (API, WEB), "somebody")) is None
    assert hostname_owner(Standing(None, (), "")) is None
