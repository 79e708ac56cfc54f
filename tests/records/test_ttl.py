from hypothesis import given
from hypothesis import strategies as st

from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Verdict
from feddns.records.ttl import service_ttl
from tests.builders import NGINX, NOW, a_shard

asked = st.lists(st.none() | st.integers(1, 604_800), max_size=4)


def verdicts(ttls: list[int | None]) -> list[Verdict]:
    """One verdict for each cluster, c0, c1 and so on, whose Service asks for this TTL."""
    return [
        Verdict(ClusterName(f"c{index}"), Health.HEALTHY, NOW, shard=a_shard(f"c{index}", ttl_s=ttl))
        for index, ttl in enumerate(ttls)
    ]


@given(asked, st.integers(1, 604_800))
def test_the_shortest_that_is_asked_for_is_used_and_only_a_difference_is_a_problem(
    ttls: list[int | None], default_s: int
) -> None:
    ttl_s, problems = service_ttl(NGINX, verdicts(ttls), default_s)
    wishes = [ttl for ttl in ttls if ttl is not None]
    assert ttl_s == min(wishes, default=default_s)
    assert bool(problems) is (len(set(wishes)) > 1)


def test_a_difference_is_told_with_who_says_what() -> None:
    _, (problem,) = service_ttl(NGINX, verdicts([60, None, 30]), 180)
    assert problem.reason == "TTLsDiffer"
    assert problem.text == (
        "mynamespace/nginx: clusters disagree on feddns.io/ttl (c0 says 60, c2 says 30); the shortest, 30, is used"
    )


def test_a_cluster_that_was_never_seen_asks_for_nothing() -> None:
    unseen = Verdict(ClusterName("eu"), Health.UNKNOWN, NOW)
    assert service_ttl(NGINX, [unseen], 180) == (180, ())
