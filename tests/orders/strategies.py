"""Orders of all kinds, and changes of them."""

from collections.abc import Callable

from hypothesis import strategies as st

from feddns.model.orders import (
    Drain,
    Eviction,
    Freeze,
    Orders,
    current,
    drained,
    evicted,
    frozen,
    readmitted,
    thawed,
    undrained,
)
from feddns.model.topology import ClusterName

Change = Callable[[Orders], Orders]

times = st.floats(min_value=0, max_value=253_402_300_799)
cluster_names = st.sampled_from([ClusterName(name) for name in ("us", "eu", "asia", "a b/ü\n")])
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
beginnings = st.floats(min_value=0, max_value=2e9)
ends = st.floats(min_value=2e9, max_value=4e9, exclude_min=True)  # no drain is ordered that is over already
drains = st.builds(Drain, since=beginnings, until=st.none() | ends, by=words, forced=st.booleans())
evictions = st.builds(Eviction, since=times, by=words, forced=st.booleans())
freezes = st.builds(Freeze, since=times, by=words, reason=words)
orders = st.builds(
    Orders,
    drains=st.dictionaries(cluster_names, drains),
    evictions=st.dictionaries(cluster_names, evictions),
    freeze=st.none() | freezes,
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One order of a person."""
    cluster = draw(cluster_names)
    drain, eviction, freeze = draw(drains), draw(evictions), draw(freezes)
    possible: tuple[Change, ...] = (
        lambda orders: drained(orders, cluster, drain),
        lambda orders: undrained(orders, cluster),
        lambda orders: evicted(orders, cluster, eviction),
        lambda orders: readmitted(orders, cluster),
        lambda orders: frozen(orders, freeze),
        thawed,
        lambda orders: current(orders, drain.since),
    )
    return draw(st.sampled_from(possible))
