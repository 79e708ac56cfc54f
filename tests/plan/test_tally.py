from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from feddns.plan.ownership import ownership
from feddns.plan.tally import Tally
from tests.builders import FED, numbered

KEY = numbered(1)
SCOPES = {"global": GLOBAL, "region": Scope("eu"), "zone": Scope("eu", "eu-a")}
NAMES = {
    **{scope: FED.name(KEY, place) for scope, place in SCOPES.items()},
    "hostname": DnsName("shop.example.com."),
    "deep hostname": DnsName("a.b.c.d.example.com."),
}
sets = st.frozensets(st.tuples(st.sampled_from(sorted(NAMES)), st.sampled_from(["A", "AAAA", "CNAME"])), max_size=8)


def record_sets(wanted: frozenset[tuple[str, str]]) -> tuple[RecordSet, ...]:
    return tuple(RecordSet(NAMES[name], type_, 60, ()) for name, type_ in sorted(wanted))


@given(st.lists(sets, min_size=1, max_size=6))
def test_the_tally_is_what_a_count_of_the_last_state_gives(states: list[frozenset[tuple[str, str]]]) -> None:
    tally, before = Tally(FED), record_sets(frozenset())
    for state in states:
        tally.replace(before, after := record_sets(state))
        before = after
    expected = Counter((name.rpartition(" ")[2], type_) for name, type_ in states[-1])
    assert tally.counts == dict(expected)
    assert tally.total == len(states[-1])


def test_an_ownership_counts_as_of_a_hostname() -> None:
    tally = Tally(FED)
    tally.replace((), (ownership(FED, "me", KEY, NAMES["hostname"]),))
    assert tally.counts == {("hostname", "TXT"): 1}
