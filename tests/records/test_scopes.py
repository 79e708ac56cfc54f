from collections.abc import Sequence

import msgspec
from hypothesis import given

from feddns.config.settings import DnsSettings
from feddns.model.evidence import Sighting
from feddns.model.records import ALIAS, ALIAS_TTL_S, CNAME, A, RecordSet
from feddns.model.topology import GLOBAL, ClusterName, Scope, Topology
from feddns.model.verdicts import Evidence, Health, Verdict
from feddns.naming import Names
from feddns.records.leftovers import Leftover
from feddns.records.reasons import reasons
from feddns.records.scopes import Service, answer_scopes
from tests.builders import NGINX, NOW, a_shard, decided
from tests.strategies import fleets

NAMES = Names.of("ufp", "example.com")
EU = Topology("eu", ("eu-a", "eu-b"))
IN_EU, IN_A, IN_B = Scope("eu"), Scope("eu", "eu-a"), Scope("eu", "eu-b")


def healthy(cluster: str, *addresses: str, topology: Topology = EU, zones: tuple[str, ...] | None = None) -> Verdict:
    zones = topology.zones if zones is None else zones
    shard = a_shard(cluster, *addresses)
    return Verdict(ClusterName(cluster), Health.HEALTHY, NOW, topology, zones, addresses, shard=shard)


def sick(cluster: str, topology: Topology = EU) -> Verdict:
    evidence = (Evidence("EndpointSlices", "0 of 2 endpoints ready"),)
    return Verdict(ClusterName(cluster), Health.UNHEALTHY, NOW, topology, evidence=evidence, shard=a_shard(cluster))


def hosted(cluster: str, hostname: str, *resolved: str, direct: Sequence[str] = ()) -> Verdict:
    """A healthy shard whose load balancer has a host name, and perhaps addresses beside it."""
    shard = a_shard(cluster, *direct, hostnames=(hostname,))
    addresses = tuple(sorted((*resolved, *direct)))
    return Verdict(ClusterName(cluster), Health.HEALTHY, NOW, EU, EU.zones, addresses, (hostname,), shard=shard)


def a_service(*verdicts: Verdict, left: dict[Scope, Leftover] | None = None, **dns: object) -> Service:
    settings = DnsSettings("example.com", {}, **dns)  # type: ignore[arg-type]  # tests name them
    return Service(NGINX, NAMES, settings, 60, verdicts, left or {})


def answers(service: Service) -> dict[Scope, tuple[tuple[str, tuple[str, ...]], ...]]:
    return {
        decision.scope: tuple((record.type, record.values) for record in decision.records)
        for decision in answer_scopes(service)
    }


def leads_to(scope: Scope) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ((CNAME, (NAMES.name(NGINX, scope),)),)


@given(fleets())
def test_the_records_of_a_scope_bear_its_name_and_the_one_ttl(fleet: tuple[Sighting, ...]) -> None:
    decision = decided(*fleet)
    for scope in decision.scopes:
        assert scope.name == NAMES.name(NGINX, scope.scope)
        assert all(record.name == scope.name for record in scope.records)
    assert len({record.ttl for record in decision.records}) <= 1


@given(fleets())
def test_every_shard_that_stands_in_a_scope_has_one_reason_there(fleet: tuple[Sighting, ...]) -> None:
    decision = decided(*fleet)
    for scope in decision.scopes:
        concerned = [
            verdict.cluster
            for verdict in decision.verdicts
            if verdict.shard is not None and scope.scope in verdict.topology.scopes()
        ]
        assert [reason.cluster for reason in reasons(scope)] == concerned
        assert all(reason.text for reason in reasons(scope))
        values = {value for record in scope.records for value in record.values}
        by_cluster = {verdict.cluster: verdict for verdict in decision.verdicts}
        for reason in reasons(scope):
            verdict = by_cluster[reason.cluster]
            assert not reason.kept or values.intersection((*verdict.addresses, *verdict.hostnames))


@given(fleets())
def test_the_global_scope_comes_first_and_each_scope_once(fleet: tuple[Sighting, ...]) -> None:
    scopes = [decision.scope for decision in decided(*fleet).scopes]
    assert scopes == sorted(set(scopes))
    assert not scopes or scopes[0] == GLOBAL


def test_a_zone_without_ready_endpoints_leads_to_its_region_though_the_cluster_is_healthy() -> None:
    service = a_service(healthy("one", "192.0.2.1", zones=("eu-a",)))
    assert answers(service) == {
        GLOBAL: ((A, ("192.0.2.1",)),),
        IN_EU: ((A, ("192.0.2.1",)),),
        IN_A: ((A, ("192.0.2.1",)),),
        IN_B: leads_to(IN_EU),
    }
    (in_b,) = [decision for decision in answer_scopes(service) if decision.scope == IN_B]
    assert [(reason.kept, reason.text) for reason in reasons(in_b)] == [(False, "no ready endpoint in eu-b")]


def test_two_clusters_in_one_region_share_its_name() -> None:
    service = a_service(healthy("one", "192.0.2.1"), healthy("two", "192.0.2.2", topology=Topology("eu", ("eu-c",))))
    assert answers(service)[IN_EU] == ((A, ("192.0.2.1", "192.0.2.2")),)
    assert answers(service)[IN_A] == ((A, ("192.0.2.1",)),)


def test_a_cluster_without_region_counts_for_global_alone() -> None:
    service = a_service(healthy("nowhere", "192.0.2.1", topology=Topology()), sick("one"))
    assert answers(service) == {
        GLOBAL: ((A, ("192.0.2.1",)),),
        IN_EU: leads_to(GLOBAL),
        IN_A: leads_to(IN_EU),
        IN_B: leads_to(IN_EU),
    }


def test_both_families_stand_side_by_side() -> None:
    assert answers(a_service(healthy("one", "192.0.2.1", "2001:db8::1")))[IN_A] == (
        (A, ("192.0.2.1",)),
        ("AAAA", ("2001:db8::1",)),
    )


def test_a_shard_whose_addresses_do_not_fit_is_told_so() -> None:
    service = a_service(*(healthy(f"c{number}", f"192.0.2.{number}") for number in range(1, 5)), max_values=2)
    world = answer_scopes(service)[0]
    assert [len(record.values) for record in world.records] == [2]
    beyond = [reason.text for reason in reasons(world) if not reason.kept]
    assert beyond == ["its addresses are beyond the cap of values"] * 2


def test_of_several_host_names_the_addresses_are_used_and_one_of_the_names_while_none_has_any() -> None:
    known = a_service(
        hosted("one", "a.lb.test.", "192.0.2.1"), hosted("two", "b.lb.test."), load_balancer_hostnames="cname"
    )
    assert answers(known)[GLOBAL] == ((A, ("192.0.2.1",)),)
    unknown = a_service(hosted("one", "a.lb.test."), hosted("two", "b.lb.test."), load_balancer_hostnames="cname")
    ((kind, values),) = answers(unknown)[GLOBAL]
    assert kind == CNAME
    assert values[0] in {"a.lb.test.", "b.lb.test."}


def test_a_lone_host_name_does_not_hide_an_address_beside_it() -> None:
    both = hosted("one", "a.lb.test.", "192.0.2.1", direct=["192.0.2.7"])
    assert answers(a_service(both, load_balancer_hostnames="cname"))[GLOBAL] == ((A, ("192.0.2.1", "192.0.2.7")),)


def test_a_lone_host_name_does_not_hide_an_address_that_is_left_over() -> None:
    left = {GLOBAL: Leftover(frozenset({"192.0.2.9"}))}
    service = a_service(hosted("one", "a.lb.test.", "192.0.2.1"), left=left, load_balancer_hostnames="cname")
    assert answers(service)[GLOBAL] == ((A, ("192.0.2.1", "192.0.2.9")),)
    assert answers(service)[IN_EU] == ((CNAME, ("a.lb.test.",)),)


def test_a_host_name_without_an_address_gives_nothing_where_names_are_resolved() -> None:
    service = a_service(hosted("one", "a.lb.test."))
    world = answer_scopes(service)[0]
    assert world.records == ()
    assert [(reason.kept, reason.text) for reason in reasons(world)] == [(False, "no address known yet")]


def test_what_is_left_over_stands_beside_what_is_healthy_and_is_told() -> None:
    left = {GLOBAL: Leftover(frozenset({"192.0.2.9"})), IN_B: Leftover(), IN_EU: Leftover()}
    service = a_service(healthy("one", "192.0.2.1", zones=("eu-a",)), left=left)
    world = answer_scopes(service)[0]
    assert world.records == (RecordSet(NAMES.name(NGINX, GLOBAL), A, 60, ("192.0.2.1", "192.0.2.9")),)
    assert world.text == "addresses of 1 shard, and 192.0.2.9 from before, kept while a cluster cannot be seen"


def test_a_scope_that_is_only_left_over_keeps_its_name() -> None:
    elsewhere = Scope("us")
    service = a_service(healthy("one", "192.0.2.1"), left={elsewhere: Leftover(), GLOBAL: Leftover()})
    assert answers(service)[elsewhere] == leads_to(GLOBAL)


def test_a_shard_that_is_unhealthy_is_told_with_its_evidence() -> None:
    (decision, *_) = answer_scopes(a_service(sick("one")))
    assert decision.text == "no healthy shard in any cluster"
    assert [reason.text for reason in reasons(decision)] == ["EndpointSlices: 0 of 2 endpoints ready"]


def test_a_shard_that_cannot_be_seen_keeps_its_place_and_is_told_so() -> None:
    unknown = msgspec.structs.replace(healthy("one", "192.0.2.1"), health=Health.UNKNOWN)
    (decision, *_) = answer_scopes(a_service(unknown))
    assert [(reason.kept, reason.text) for reason in reasons(decision)] == [
        (True, "cannot be seen: its last answer stays")
    ]


# --- aliases of load balancers' host names

LB = "lb.cloud.test."


def an_aliasing(*verdicts: Verdict, left: dict[Scope, Leftover] | None = None, mode: str = "alias") -> Service:
    service = a_service(*verdicts, left=left, load_balancer_hostnames=mode)
    return msgspec.structs.replace(service, can_alias=lambda hostname: hostname.endswith(".cloud.test."))


def test_a_lone_host_name_that_the_provider_knows_becomes_an_alias_with_the_ttl_of_aliases() -> None:
    (whole, *_) = answer_scopes(an_aliasing(hosted("one", LB, "192.0.2.50")))
    assert whole.records == (RecordSet(NAMES.name(NGINX, GLOBAL), ALIAS, ALIAS_TTL_S, (LB,)),)
    assert [reason.kept for reason in reasons(whole)] == [True]


def test_an_alias_stands_alone_and_only_where_it_is_asked_for_and_possible() -> None:
    resolved = ((A, ("192.0.2.50",)),)
    for service in (
        an_aliasing(hosted("one", LB, "192.0.2.50"), mode="resolve"),
        a_service(hosted("one", LB, "192.0.2.50"), load_balancer_hostnames="alias"),
        an_aliasing(hosted("one", "lb.elsewhere.test.", "192.0.2.50")),
    ):
        assert set(answers(service).values()) == {resolved}
    beside = an_aliasing(hosted("one", LB, "192.0.2.50", direct=("192.0.2.1",)))
    assert answers(beside)[GLOBAL] == ((A, ("192.0.2.1", "192.0.2.50")),)
    two = an_aliasing(hosted("one", LB, "192.0.2.50"), hosted("two", "lb2.cloud.test.", "192.0.2.51"))
    assert answers(two)[GLOBAL] == ((A, ("192.0.2.50", "192.0.2.51")),)
    assert answers(an_aliasing(hosted("one", LB), mode="cname"))[GLOBAL] == ((CNAME, (LB,)),)


def test_an_alias_that_stays_from_before_is_still_one_and_any_other_host_name_a_cname() -> None:
    left = {GLOBAL: Leftover(hostnames=frozenset({LB}))}
    assert answers(an_aliasing(left=left)) == {GLOBAL: ((ALIAS, (LB,)),)}
    assert answers(a_service(left=left, load_balancer_hostnames="alias")) == {GLOBAL: ((CNAME, (LB,)),)}
    assert answers(an_aliasing(left=left, mode="resolve")) == {GLOBAL: ((CNAME, (LB,)),)}
    addressed = {GLOBAL: Leftover(frozenset({"192.0.2.9"}), frozenset({LB}))}
    assert answers(an_aliasing(left=addressed)) == {GLOBAL: ((A, ("192.0.2.9",)),)}
