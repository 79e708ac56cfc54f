import pytest

from feddns.health.cutoff import is_cut_off
from feddns.model.evidence import Sight
from tests.builders import a_cluster

V, L, U = Sight.VISIBLE, Sight.LOST, Sight.UNSEEN


@pytest.mark.parametrize(
    ("sights", "cut_off"),
    [((V,), False), ((L,), True), ((V, L), False), ((V, L, U), True), ((V, V, L), False), ((V, V, L, U), False)],
)
def test_we_are_cut_off_where_more_than_half_of_the_clusters_cannot_be_seen(
    sights: tuple[Sight, ...], *, cut_off: bool
) -> None:
    states = [a_cluster(f"c{number}", sight=sight) for number, sight in enumerate(sights)]
    assert is_cut_off(states) is cut_off


def test_without_clusters_nobody_is_cut_off() -> None:
    assert not is_cut_off([])
