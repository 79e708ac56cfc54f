"""Hostnames outside of the federation's pattern, as one service decides on them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.decide import Policy
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import AAAA, ADDRESS_TYPES, ALIAS, CNAME, TXT, A, DnsName, RecordSet
from feddns.model.services import HostnameWish
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from feddns.plan.hostnames import without_hostnames
from feddns.plan.ownership import owned_name, ownership, read_ownership
from tests.builders import NGINX, a_cluster, a_policy, a_shard, absent, decided, permitting, seen
from tests.strategies import HOSTNAMES, fleets, wishing

NAMES = Names.of("ufp", "example.com")
WWW, APEX = DnsName("www.example.com."), DnsName("example.com.")
GLOBAL_NAME, EU_NAME = NAMES.name(NGINX, GLOBAL), NAMES.name(NGINX, Scope("eu"))
EXCLUSIVE = {CNAME: frozenset(), ALIAS: frozenset({TXT}), A: frozenset({AAAA, TXT}), AAAA: frozenset({A, TXT})}


def can_alias(hostname: DnsName) -> bool:
    return hostname == HOSTNAMES[0]


def policy_of(keep: str, hostnames: str, *, aliases: bool) -> Policy:
    policy = permitting(a_policy(no_healthy_shards=keep, load_balancer_hostnames=hostnames))
    return msgspec.structs.replace(policy, can_alias=can_alias) if aliases else policy


policies = st.builds(
    policy_of,
    st.sampled_from(("remove", "keep")),
    st.sampled_from(("resolve", "cname", "alias")),
    aliases=st.booleans(),
)
PERMITTING = permitting(a_policy())


def asking(cluster: str, address: str, *wishes: HostnameWish, region: str = "", ready: int = 1) -> Sighting:
    shard = a_shard(cluster, *filter(None, [address]), ready=ready, wishes=tuple(sorted(wishes)))
    return Sighting(a_cluster(cluster, region or cluster), shard)


def at(decision: Decision, name: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(record.type, record.values) for record in decision.records if record.name == name]


def reasons(decision: Decision) -> list[str]:
    return [problem.reason for problem in decision.problems]


def assert_is_sound(records: tuple[RecordSet, ...]) -> None:
    """No two types that exclude each other at a name, nothing dangles or loops, and every hostname is owned."""
    by_name: dict[str, dict[str, RecordSet]] = {}
    for record in records:
        assert record.type not in by_name.setdefault(record.name, {})
        by_name[record.name][record.type] = record
    owned = {found.hostname for found in map(read_ownership, records) if found is not None}
    for name, sets in by_name.items():
        for kind in sets:
            assert kind == TXT or set(sets) - {kind} <= EXCLUSIVE[kind], name
        assert NAMES.parse(name) is not None or owned_name(DnsName(name)) in owned
        current, steps = name, 0
        while CNAME in by_name.get(current, {}):
            current = by_name[current][CNAME].values[0]
            steps += 1
            assert steps <= 4, f"{name} loops"
        assert current in by_name or current in HOSTNAMES, f"{name} dangles at {current}"
    assert CNAME not in by_name.get(APEX, {})


def without_wishes(fleet: tuple[Sighting, ...]) -> list[Sighting]:
    return [
        each
        if each.shard is None
        else msgspec.structs.replace(each, shard=msgspec.structs.replace(each.shard, wishes=()))
        for each in fleet
    ]


def asked(fleet: tuple[Sighting, ...], *lost: int) -> list[Sighting]:
    return [
        absent(a_cluster(each.cluster.name, sight=Sight.LOST)) if index in lost else each
        for index, each in enumerate(fleet)
    ]


@given(wishing(fleets()), wishing(fleets()), policies, policies)
def test_answers_are_sound_whatever_was_published_before(
    before: tuple[Sighting, ...], after: tuple[Sighting, ...], policy: Policy, later: Policy
) -> None:
    first = decided(*before, policy=policy)
    assert_is_sound(first.records)
    second = decided(*after, published=first.records, before=first, policy=later)
    assert_is_sound(second.records)
    assert_is_sound(decided(*after, published=first.records, policy=later).records)


@given(wishing(fleets()), policies)
def test_a_decision_stands_while_nothing_changes(fleet: tuple[Sighting, ...], policy: Policy) -> None:
    first = decided(*fleet, policy=policy)
    again = decided(*fleet, published=first.records, before=first, policy=policy)
    assert again.records == first.records


@given(wishing(fleets((Sight.VISIBLE,))), policies)
def test_a_restart_with_all_clusters_out_of_sight_changes_no_record(
    fleet: tuple[Sighting, ...], policy: Policy
) -> None:
    published = decided(*fleet, policy=policy).records
    blind = [absent(a_cluster(sighting.cluster.name, sight=Sight.UNSEEN)) for sighting in fleet]
    assert decided(*blind, published=published, policy=policy).records == published


@given(wishing(fleets((Sight.VISIBLE,))), st.sets(st.integers(0, 2)), policies)
def test_losing_sight_of_clusters_changes_no_record(
    fleet: tuple[Sighting, ...], lost: set[int], policy: Policy
) -> None:
    first = decided(*fleet, policy=policy)
    decision = decided(*asked(fleet, *lost), published=first.records, before=first, policy=policy)
    assert decision.records == first.records


@given(wishing(fleets((Sight.VISIBLE,))), st.sets(st.integers(0, 2), min_size=1), policies)
def test_a_restart_that_sees_only_some_clusters_gives_up_no_hostname(
    fleet: tuple[Sighting, ...], unseen: set[int], policy: Policy
) -> None:
    published = decided(*fleet, policy=policy).records
    partly = [
        absent(a_cluster(each.cluster.name, sight=Sight.UNSEEN)) if index in unseen else each
        for index, each in enumerate(fleet)
    ]
    decision = decided(*partly, published=published, policy=policy)
    before = {found.hostname for found in map(read_ownership, published) if found is not None}
    assert before <= {found.hostname for found in map(read_ownership, decision.records) if found is not None}


@given(wishing(fleets((Sight.VISIBLE,))), policies)
def test_annotations_that_go_take_along_exactly_their_hostnames(fleet: tuple[Sighting, ...], policy: Policy) -> None:
    first = decided(*fleet, policy=policy)
    bare = without_wishes(fleet)
    after = decided(*bare, published=first.records, before=first, policy=policy)
    assert after.records == without_hostnames(first.records, [found.hostname for found in first.hostnames])
    assert after.hostnames == ()
    assert decided(*bare, published=first.records, policy=policy).records == after.records


@given(wishing(fleets()), policies)
def test_hostnames_change_nothing_else(fleet: tuple[Sighting, ...], policy: Policy) -> None:
    bare = without_wishes(fleet)
    decision = decided(*fleet, policy=policy)
    own = tuple(record for record in decision.records if NAMES.parse(record.name) is not None)
    assert own == decided(*bare, policy=policy).records


@given(wishing(fleets((Sight.VISIBLE,))), st.permutations(range(3)))
def test_the_order_of_clusters_does_not_matter(fleet: tuple[Sighting, ...], order: list[int]) -> None:
    assert decided(*(fleet[index] for index in order), policy=PERMITTING) == decided(*fleet, policy=PERMITTING)


@given(wishing(fleets()))
def test_by_default_no_hostname_is_allowed_and_the_setting_is_named(fleet: tuple[Sighting, ...]) -> None:
    decision = decided(*fleet)
    assert decision.hostnames == ()
    assert all(record.type != TXT for record in decision.records)
    told = [problem for problem in decision.problems if problem.reason == "HostnameNotAllowed"]
    assert all("{domain: example.com, namespaces: [mynamespace]} under `hostnames`" in each.text for each in told)
    assert bool(told) is any(
        any(True for wish in verdict.shard.wishes for _ in wish.expanded(sorted(_regions(decision))))
        for verdict in decision.verdicts
        if verdict.shard is not None
    )


def _regions(decision: Decision) -> set[str]:
    return {scope.scope.region for scope in decision.scopes} - {""}


def test_a_hostname_leads_to_the_global_name_a_regions_or_each_regions() -> None:
    decision = decided(
        asking("eu", "192.0.2.1", HostnameWish(WWW), HostnameWish("{region}.example.com.")),
        asking("us", "192.0.2.2", HostnameWish("america.example.com.", "us")),
        policy=PERMITTING,
    )
    us_name = NAMES.name(NGINX, Scope("us"))
    assert at(decision, WWW) == [(CNAME, (GLOBAL_NAME,))]
    assert at(decision, "eu.example.com.") == [(CNAME, (EU_NAME,))]
    assert at(decision, "us.example.com.") == [(CNAME, (us_name,))]
    assert at(decision, "america.example.com.") == [(CNAME, (us_name,))]
    assert at(decision, "_feddns.www.example.com.") == [
        (TXT, ("heritage=feddns,federation=ufp,owner=default,service=mynamespace/nginx",))
    ]
    assert at(decision, "_feddns.us.example.com.") == [
        (TXT, ("heritage=feddns,federation=ufp,owner=default,service=mynamespace/nginx,region=us",))
    ]
    assert decision.problems == ()


def test_hostnames_stay_the_services_own_while_nothing_is_there_to_lead_to() -> None:
    down = decided(asking("eu", "192.0.2.1", HostnameWish(WWW), ready=0), policy=PERMITTING)
    assert down.records == (ownership(NAMES, "default", NGINX, WWW),)
    assert down.hostnames[0].text == f"{GLOBAL_NAME}, which it would lead to, has no records"


def test_with_keep_a_hostname_leads_to_the_last_answers() -> None:
    keep = permitting(a_policy(no_healthy_shards="keep"))
    first = decided(asking("eu", "192.0.2.1", HostnameWish(WWW)), policy=keep)
    down = asking("eu", "192.0.2.1", HostnameWish(WWW), ready=0)
    assert decided(down, published=first.records, before=first, policy=keep).records == first.records


def test_the_apex_has_the_addresses_of_the_name_that_it_cannot_lead_to() -> None:
    decision = decided(
        asking("eu", "192.0.2.1", HostnameWish(APEX, "eu")),
        seen(a_cluster("us", "us"), "2001:db8::2"),
        policy=PERMITTING,
    )
    assert at(decision, APEX) == [(A, ("192.0.2.1",))]
    failed = decided(
        asking("eu", "192.0.2.1", HostnameWish(APEX, "eu"), ready=0),
        seen(a_cluster("us", "us"), "2001:db8::2"),
        policy=PERMITTING,
    )
    assert at(failed, APEX) == [(AAAA, ("2001:db8::2",))]
    assert at(decided(asking("eu", "192.0.2.1", HostnameWish(APEX), ready=0), policy=PERMITTING), APEX) == []


def test_an_apex_without_addresses_is_an_alias_where_the_provider_can_make_one() -> None:
    shard = a_shard("eu", hostnames=(HOSTNAMES[0],), wishes=(HostnameWish(APEX),))
    fleet = Sighting(a_cluster("eu", "eu"), shard, resolved=("192.0.2.50",))
    cname = permitting(a_policy(load_balancer_hostnames="cname"))
    refused = decided(fleet, policy=cname)
    assert at(refused, APEX) == []
    assert reasons(refused) == ["ApexNeedsAddresses"]
    assert at(decided(fleet, policy=msgspec.structs.replace(cname, can_alias=can_alias)), APEX) == [
        (ALIAS, (HOSTNAMES[0],))
    ]
    aliasing = msgspec.structs.replace(permitting(a_policy(load_balancer_hostnames="alias")), can_alias=can_alias)
    assert at(decided(fleet, policy=aliasing), APEX) == [(ALIAS, (HOSTNAMES[0],))]
    assert at(decided(fleet, policy=PERMITTING), APEX) == [(A, ("192.0.2.50",))]


def test_an_alias_that_someone_made_is_no_address_to_copy() -> None:
    keep = permitting(a_policy(no_healthy_shards="keep"))
    down = asking("eu", "192.0.2.1", HostnameWish(APEX), ready=0)
    strange = (RecordSet(GLOBAL_NAME, A, 60, ("ALIAS lb.elsewhere.test.",)),)
    decision = decided(down, published=strange, policy=keep)
    assert at(decision, APEX) == []
    unseen = absent(a_cluster("us", sight=Sight.UNSEEN))
    assert at(decided(down, unseen, published=strange, policy=PERMITTING), GLOBAL_NAME) == []


def test_after_a_restart_the_hostnames_of_a_cluster_that_is_not_seen_yet_stay_at_the_apex_too() -> None:
    eu = asking("eu", "192.0.2.1", HostnameWish(WWW, "eu"), HostnameWish(APEX))
    us = seen(a_cluster("us", "us"), "192.0.2.2")
    published = decided(eu, us, policy=PERMITTING).records
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    decision = decided(unseen, us, published=published, policy=PERMITTING)
    assert decision.records == published
    assert [found.clusters for found in decision.hostnames] == [(), ()]


def test_a_hostname_that_a_visible_cluster_gave_up_goes_though_another_is_unknown() -> None:
    first = decided(
        asking("eu", "192.0.2.1", HostnameWish(WWW), HostnameWish("{region}.example.com.")),
        seen(a_cluster("us", "us"), "192.0.2.2"),
        policy=PERMITTING,
    )
    lost = absent(a_cluster("us", "us", sight=Sight.LOST))
    second = decided(
        asking("eu", "192.0.2.1", HostnameWish("eu.example.com.", "eu")),
        lost,
        published=first.records,
        before=first,
        policy=PERMITTING,
    )
    assert [found.hostname for found in second.hostnames] == ["eu.example.com."]
    third = decided(asking("eu", "192.0.2.1"), lost, published=second.records, before=second, policy=PERMITTING)
    assert third.hostnames == ()


def test_what_a_cluster_has_never_been_known_to_ask_for_stays_while_another_is_unknown() -> None:
    published = decided(
        asking("eu", "192.0.2.1"), asking("us", "192.0.2.2", HostnameWish(WWW)), policy=PERMITTING
    ).records
    unseen = absent(a_cluster("us", sight=Sight.UNSEEN))
    assert at(decided(asking("eu", "192.0.2.1"), unseen, published=published, policy=PERMITTING), WWW)


def test_where_clusters_want_a_hostname_to_lead_elsewhere_one_is_taken_and_told() -> None:
    decision = decided(
        asking("eu", "192.0.2.1", HostnameWish(WWW, "eu")),
        asking("us", "192.0.2.2", HostnameWish(WWW, "us")),
        policy=PERMITTING,
    )
    assert at(decision, WWW) == [(CNAME, (EU_NAME,))]
    (problem,) = decision.problems
    assert problem.text == (
        "mynamespace/nginx: hostname www.example.com. is to lead to the name in region eu (eu), "
        "the name in region us (us); it leads to the name in region eu"
    )


def test_a_region_that_the_service_is_not_in_is_told_unless_a_cluster_cannot_be_seen() -> None:
    wrong = asking("eu", "192.0.2.1", HostnameWish(WWW, "europe"))
    decision = decided(wrong, policy=PERMITTING)
    assert at(decision, WWW) == []
    (problem,) = decision.problems
    assert problem.text == (
        "mynamespace/nginx: hostname www.example.com. is to lead to region europe, where no cluster has the service; "
        "it is in eu"
    )
    unseen = absent(a_cluster("us", sight=Sight.UNSEEN))
    assert decided(wrong, unseen, policy=PERMITTING).problems == ()


@pytest.mark.parametrize("mode", ["cname", "alias"])
def test_a_hostname_that_the_services_own_load_balancer_has_leads_nowhere(mode: str) -> None:
    policy = msgspec.structs.replace(permitting(a_policy(load_balancer_hostnames=mode)), can_alias=lambda _: True)
    shard = a_shard("eu", hostnames=(WWW,), wishes=(HostnameWish(WWW),))
    decision = decided(Sighting(a_cluster("eu", "eu"), shard, resolved=("192.0.2.50",)), policy=policy)
    assert at(decision, WWW) == []
    assert reasons(decision) == ["HostnameLoops"]


def test_the_owner_of_the_settings_stands_in_the_ownership() -> None:
    policy = msgspec.structs.replace(PERMITTING, owner="prod")
    decision = decided(asking("eu", "192.0.2.1", HostnameWish(WWW)), policy=policy)
    assert ownership(NAMES, "prod", NGINX, WWW) in decision.records


def test_a_wish_for_each_region_gives_up_no_region_that_only_a_cluster_out_of_sight_has() -> None:
    eu = asking("eu", "192.0.2.1", HostnameWish("eu.example.com.", "eu"), ready=0)
    us = asking("us", "192.0.2.2", HostnameWish("{region}.example.com."))
    published = decided(eu, us, policy=PERMITTING).records
    without_region = tuple(record for record in published if record.name != EU_NAME)
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    decision = decided(unseen, us, published=without_region, policy=PERMITTING)
    assert [found.hostname for found in decision.hostnames] == ["eu.example.com.", "us.example.com."]


def test_the_ttl_of_an_ownership_or_an_alias_is_no_ttl_of_answers() -> None:
    policy = permitting(a_policy(ttl=3_600, load_balancer_hostnames="alias"))
    policy = msgspec.structs.replace(policy, can_alias=can_alias)
    eu = Sighting(a_cluster("eu", "eu"), a_shard("eu", hostnames=(HOSTNAMES[0],)), resolved=("192.0.2.50",))
    us = asking("us", "192.0.2.2", HostnameWish(WWW))
    published = decided(eu, us, policy=policy).records
    assert {record.ttl for record in published if record.type in {TXT, ALIAS}} == {300, 60}
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    later = decided(unseen, us, published=published, policy=policy).records
    assert later == published
    assert {record.ttl for record in later if record.type in {*ADDRESS_TYPES, CNAME}} == {3_600}
