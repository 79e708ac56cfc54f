from hypothesis import given
from hypothesis import strategies as st

from feddns.model.services import Shard
from feddns.records.ttl import lowered_ttl, service_ttl
from tests.builders import NGINX, a_shard

asked = st.lists(st.none() | st.integers(1, 604_800), max_size=4)


def shards(ttls: list[int | None]) -> list[Shard]:
    """One shard for each cluster, c0, c1 and so on, whose Service asks for this TTL."""
    return [a_shard(f"c{index}", ttl_s=ttl) for index, ttl in enumerate(ttls)]


@given(asked, st.integers(1, 604_800))
def test_the_shortest_that_is_asked_for_is_used_and_only_a_difference_is_a_problem(
    ttls: list[int | None], default_s: int
) -> None:
    ttl_s, problems = service_ttl(NGINX, shards(ttls), default_s)
    wishes = [ttl for ttl in ttls if ttl is not None]
    assert ttl_s == min(wishes, default=default_s)
    assert bool(problems) is (len(set(wishes)) > 1)


def test_a_difference_is_told_with_who_says_what() -> None:
    _, (problem,) = service_ttl(NGINX, shards([60, None, 30]), 180)
    assert problem.reason == "TTLsDiffer"
    assert problem.text == (
        "mynamespace/nginx: clusters disagree on feddns.io/ttl (c0 says 60, c2 says 30); the shortest, 30, is used"
    )


@given(ttl_s=st.integers(1, 604_800), floor_s=st.integers(1, 604_800), halved=st.booleans())
def test_a_lowered_ttl_is_never_higher_and_never_below_the_floor_unless_the_services_own_is(
    ttl_s: int, floor_s: int, *, halved: bool
) -> None:
    half, least = (lowered_ttl(ttl_s, floor_s, halved=halved, least=least) for least in (False, True))
    assert min(ttl_s, floor_s) <= half <= ttl_s
    assert least == min(ttl_s, floor_s)
    assert halved or half == ttl_s
    assert not halved or half <= max(floor_s, ttl_s / 2)
