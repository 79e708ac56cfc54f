import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.evidence import Sight, Sighting
from feddns.model.records import ADDRESS_TYPES, CNAME, A, RecordSet
from feddns.model.services import ReadyEndpoints, ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.model.verdicts import Health
from feddns.naming import Names
from tests.builders import NGINX, NOW, a_cluster, a_policy, a_shard, absent, decided, seen
from tests.strategies import fleets

NAMES = Names.of("ufp", "example.com")
policies = st.builds(
    a_policy,
    max_values=st.sampled_from((1, 2, 8)),
    no_healthy_shards=st.sampled_from(("remove", "keep")),
    load_balancer_hostnames=st.sampled_from(("resolve", "cname")),
)


def ask(records: tuple[RecordSet, ...], scope: Scope, kind: str = A) -> list[str]:
    name = NAMES.name(NGINX, scope)
    return [value for record in records if record.name == name and record.type == kind for value in record.values]


def assert_is_sound(records: tuple[RecordSet, ...]) -> None:
    """No name is both CNAME and anything else, none of ours dangles, and none loops."""
    by_name: dict[str, list[RecordSet]] = {}
    for record in records:
        by_name.setdefault(record.name, []).append(record)
    for name, sets in by_name.items():
        if any(record.type == CNAME for record in sets):
            assert [record.type for record in sets] == [CNAME], name
            assert len(sets[0].values) == 1
        current, steps = name, 0
        while current in by_name and by_name[current][0].type == CNAME:
            current = by_name[current][0].values[0]
            steps += 1
            assert steps <= 3, f"{name} loops"
        assert current in by_name or NAMES.parse(current) is None, f"{name} dangles at {current}"


@given(fleets(), fleets(), policies)
def test_answers_are_sound_whatever_was_published_before(
    before: tuple[Sighting, ...], after: tuple[Sighting, ...], policy: object
) -> None:
    first = decided(*before, policy=policy)  # type: ignore[arg-type]  # built by a_policy
    assert_is_sound(first.records)
    second = decided(*after, published=first.records, before=first, policy=policy)  # type: ignore[arg-type]
    assert_is_sound(second.records)
    restarted = decided(*after, published=first.records, policy=policy)  # type: ignore[arg-type]
    assert_is_sound(restarted.records)


@given(fleets(), policies)
def test_a_decision_stands_while_nothing_changes(fleet: tuple[Sighting, ...], policy: object) -> None:
    first = decided(*fleet, policy=policy)  # type: ignore[arg-type]
    again = decided(*fleet, published=first.records, before=first, policy=policy)  # type: ignore[arg-type]
    assert again.records == first.records


@given(fleets((Sight.VISIBLE,)), policies)
def test_a_restart_with_all_clusters_out_of_sight_changes_no_record(
    fleet: tuple[Sighting, ...], policy: object
) -> None:
    published = decided(*fleet, policy=policy).records  # type: ignore[arg-type]
    blind = [absent(a_cluster(sighting.cluster.name, sight=Sight.UNSEEN)) for sighting in fleet]
    assert decided(*blind, published=published, policy=policy).records == published  # type: ignore[arg-type]


@given(fleets((Sight.VISIBLE,)), st.sets(st.integers(0, 2)))
def test_losing_sight_of_clusters_changes_no_record(fleet: tuple[Sighting, ...], lost: set[int]) -> None:
    first = decided(*fleet)
    later = [
        absent(a_cluster(sighting.cluster.name, sight=Sight.LOST)) if index in lost else sighting
        for index, sighting in enumerate(fleet)
    ]
    decision = decided(*later, published=first.records, before=first)
    assert decision.records == first.records


@given(fleets((Sight.VISIBLE,)), st.sets(st.integers(0, 2)))
def test_a_restart_that_sees_only_some_clusters_loses_no_address(fleet: tuple[Sighting, ...], unseen: set[int]) -> None:
    published = decided(*fleet).records
    partly = [
        absent(a_cluster(sighting.cluster.name, sight=Sight.UNSEEN)) if index in unseen else sighting
        for index, sighting in enumerate(fleet)
    ]
    if not unseen:
        return
    decision = decided(*partly, published=published)
    for record in published:
        if record.type in ADDRESS_TYPES and any(partly[index].shard is None for index in unseen):
            mine = {value for kept in decision.records if kept.name == record.name for value in kept.values}
            unhealthy = {
                address
                for sighting in partly
                if sighting.shard is not None
                for address in (*sighting.shard.addresses, *sighting.resolved)
            }
            assert set(record.values) - unhealthy <= mine


@given(fleets((Sight.VISIBLE,)), st.permutations(range(3)))
def test_the_order_of_clusters_does_not_matter(fleet: tuple[Sighting, ...], order: list[int]) -> None:
    assert decided(*(fleet[index] for index in order)) == decided(*fleet)


@given(fleets((Sight.VISIBLE,)))
def test_every_healthy_scope_has_addresses_of_healthy_shards_only(fleet: tuple[Sighting, ...]) -> None:
    decision = decided(*fleet, policy=a_policy(max_values=100))
    healthy = {
        address for verdict in decision.verdicts if verdict.health is Health.HEALTHY for address in verdict.addresses
    }
    published = {value for record in decision.records if record.type in ADDRESS_TYPES for value in record.values}
    assert published == healthy


def test_a_region_without_healthy_shards_leads_to_global() -> None:
    decision = decided(
        seen(a_cluster("eu", "eu", "a"), "192.0.2.1", ready=0), seen(a_cluster("us", "us", "b"), "192.0.2.2")
    )
    assert ask(decision.records, Scope("eu"), CNAME) == ["nginx.mynamespace.ufp.svc.example.com."]
    assert ask(decision.records, Scope("eu", "a"), CNAME) == ["nginx.mynamespace.ufp.svc.eu.example.com."]
    assert ask(decision.records, GLOBAL) == ["192.0.2.2"]


def test_an_address_that_a_visible_cluster_gave_up_goes_though_another_cluster_is_unknown() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    first = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2"))
    lost = a_cluster("eu", "eu", sight=Sight.LOST)
    moved = decided(seen(us, "192.0.2.9"), absent(lost), published=first.records, before=first)
    assert ask(moved.records, GLOBAL) == ["192.0.2.2", "192.0.2.9"]
    assert ask(moved.records, Scope("us")) == ["192.0.2.9"]


def test_after_a_restart_the_addresses_of_a_cluster_that_is_not_seen_yet_stay() -> None:
    us, eu = a_cluster("us", "us", "us-a"), a_cluster("eu", "eu", "eu-b")
    published = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2")).records
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    assert decided(seen(us, "192.0.2.1"), unseen, published=published).records == published


def test_after_a_restart_a_visible_shard_that_fell_ill_leaves_while_another_cluster_is_not_seen_yet() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    published = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2")).records
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    decision = decided(seen(us, "192.0.2.1", ready=0), unseen, published=published)
    assert ask(decision.records, GLOBAL) == ["192.0.2.2"]
    assert ask(decision.records, Scope("us"), CNAME) == ["nginx.mynamespace.ufp.svc.example.com."]


def test_a_service_that_no_visible_cluster_has_is_removed_only_when_all_are_seen() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    published = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2")).records
    unseen = absent(a_cluster("eu", sight=Sight.UNSEEN))
    assert decided(absent(us), unseen, published=published).records == published
    assert decided(absent(us), absent(eu), published=published).records == ()


def test_a_service_deleted_in_a_visible_cluster_takes_its_address_along_though_another_is_lost() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    first = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2"))
    lost = absent(a_cluster("eu", "eu", sight=Sight.LOST))
    second = decided(absent(us), lost, published=first.records, before=first)
    assert ask(second.records, GLOBAL) == ["192.0.2.2"]


def test_the_last_records_stay_where_the_settings_keep_them() -> None:
    us = a_cluster("us", "us")
    first = decided(seen(us, "192.0.2.1"))
    down = seen(us, "192.0.2.1", ready=0)
    keep = a_policy(no_healthy_shards="keep")
    assert decided(down, published=first.records, before=first, policy=keep).records == first.records
    assert decided(down, published=first.records, before=first).records == ()


def test_endpoints_that_name_a_zone_count_for_that_zone() -> None:
    cluster = a_cluster("one", "eu", "a", "b")
    shard = msgspec.structs.replace(a_shard("one", "192.0.2.1"), ready=ReadyEndpoints(2, (("a", 2),)))
    in_a = Sighting(cluster, shard)
    records = decided(in_a).records
    assert ask(records, Scope("eu", "a")) == ["192.0.2.1"]
    assert ask(records, Scope("eu", "b"), CNAME) == ["nginx.mynamespace.ufp.svc.eu.example.com."]


def test_a_name_that_is_too_long_leaves_the_published_records_alone() -> None:
    key = ServiceKey("n" * 63, "s" * 63)
    policy = a_policy("ufp", ".".join(["d" * 60] * 3))
    old = (RecordSet(NAMES.name(NGINX, GLOBAL), A, 60, ("192.0.2.1",)),)
    decision = decided(seen(a_cluster("us"), "192.0.2.1", key=key), key=key, policy=policy, published=old)
    assert decision.records == old
    assert [problem.reason for problem in decision.problems] == ["InvalidName"]


def test_the_shortest_ttl_wins_where_clusters_disagree_and_that_is_told() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    decision = decided(
        Sighting(us, a_shard("us", "192.0.2.1", ttl_s=60)), Sighting(eu, a_shard("eu", "192.0.2.2", ttl_s=30))
    )
    assert {record.ttl for record in decision.records} == {30}
    assert [problem.reason for problem in decision.problems] == ["TTLsDiffer"]


def test_a_lone_host_name_becomes_a_cname_where_the_settings_wish_it() -> None:
    us, eu = a_cluster("us", "us"), a_cluster("eu", "eu")
    elb = Sighting(us, a_shard("us", hostnames=("lb.cloud.test.",)), resolved=("192.0.2.50",))
    policy = a_policy(load_balancer_hostnames="cname")
    both = decided(elb, seen(eu, "192.0.2.2"), policy=policy).records
    assert ask(both, Scope("us"), CNAME) == ["lb.cloud.test."]
    assert ask(both, GLOBAL) == ["192.0.2.2", "192.0.2.50"]
    assert ask(decided(elb).records, Scope("us")) == ["192.0.2.50"]


def test_a_load_balancer_whose_host_name_is_ours_never_leads_to_itself() -> None:
    own = NAMES.name(NGINX, GLOBAL)
    loop = Sighting(a_cluster("us", "us"), a_shard("us", hostnames=(own,)), resolved=("192.0.2.50",))
    decision = decided(loop, policy=a_policy(load_balancer_hostnames="cname"))
    assert decision.records == ()
    assert "HostnameLoops" in [problem.reason for verdict in decision.verdicts for problem in verdict.shard.problems]  # type: ignore[union-attr]


def test_more_addresses_than_the_cap_are_chosen_so_that_one_that_goes_moves_one_other() -> None:
    addresses = [f"192.0.2.{number}" for number in range(1, 20)]
    us = a_cluster("us", "us")
    before = set(ask(decided(seen(us, *addresses)).records, GLOBAL))
    gone = min(before)
    after = set(ask(decided(seen(us, *(a for a in addresses if a != gone))).records, GLOBAL))
    assert len(before) == len(after) == 8
    assert len(before - after) == 1


def test_since_is_kept_while_the_health_stays_the_same() -> None:
    us = a_cluster("us", "us")
    first = decided(seen(us, "192.0.2.1"), now=NOW)
    second = decided(seen(us, "192.0.2.1"), before=first, now=NOW + 50)
    third = decided(seen(us, "192.0.2.1", ready=0), before=second, now=NOW + 60)
    assert [decision.verdicts[0].since for decision in (first, second, third)] == [NOW, NOW, NOW + 60]


def test_the_last_answers_of_a_service_go_with_the_service_of_their_cluster() -> None:
    us, eu, policy = a_cluster("us", "us", "us-a"), a_cluster("eu", "eu", "eu-a"), a_policy(no_healthy_shards="keep")
    both = decided(seen(us, "192.0.2.1"), seen(eu, "192.0.2.2"), policy=policy)
    none_ready = seen(us, "192.0.2.1", ready=0), seen(eu, "192.0.2.2", ready=0)
    kept = decided(*none_ready, published=both.records, before=both, policy=policy)
    assert kept.records == both.records
    restarted = decided(none_ready[0], absent(eu), published=both.records, policy=policy)
    deleted = decided(none_ready[0], absent(eu), published=both.records, before=kept, policy=policy)
    assert restarted.records == deleted.records
    assert {value for each in deleted.records for value in each.values if value.startswith("192.")} == {"192.0.2.1"}
    assert not [each.name for each in deleted.records if ".eu." in each.name]
    assert ask(deleted.records, Scope("us", "us-a")) == ask(deleted.records, GLOBAL) == ["192.0.2.1"]
    lost = a_cluster("us", "us", "us-a", sight=Sight.LOST)
    unsure = decided(Sighting(lost, None), absent(eu), published=both.records, before=kept, policy=policy)
    assert unsure.records == both.records
    alone = decided(seen(us, "192.0.2.9", ready=0), absent(eu), published=both.records, policy=policy)
    assert not alone.records, "nothing that was published is anybody's any more"


def test_a_services_own_word_on_having_no_healthy_shard_goes_before_the_configuration() -> None:
    def left(mode: str, *asked: str) -> bool:
        clusters = [a_cluster(name, name) for name in ("us", "eu")]
        words = dict(zip(("us", "eu"), (*asked, "", ""), strict=False))

        def fleet(ready: int) -> list[Sighting]:
            return [
                Sighting(each, a_shard(each.name, "192.0.2.1", ready=ready, no_healthy_shards=words[each.name]))
                for each in clusters
            ]

        policy = a_policy(no_healthy_shards=mode)
        first = decided(*fleet(1), policy=policy)
        return bool(decided(*fleet(0), published=first.records, before=first, policy=policy).records)

    assert left("remove", "keep")
    assert not left("keep", "remove")
    assert left("remove", "remove", "keep")  # where clusters differ, what deletes less
