"""The fake's zone becomes what a simple model of it becomes, whatever changes are asked for."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.providers.fakes.clouddns.refusal import Refused
from tests.providers.fakes.clouddns.zone import Quota, Zone

Json = dict[str, Any]
Key = tuple[str, str]

QUOTA = Quota(rrset_additions_per_change=4, rrset_deletions_per_change=3)
RRDATAS = {"A": ["192.0.2.1", "192.0.2.2"], "TXT": ['"a"', '"b"'], "CNAME": ["x.example.net.", "y.example.net."]}

record_sets = st.builds(
    lambda name, kind, ttl, choice: {"name": name, "type": kind, "ttl": ttl, "rrdatas": [RRDATAS[kind][choice]]},
    st.sampled_from(["a.example.com.", "b.example.com.", "*.example.com.", "example.com.", "example.net."]),
    st.sampled_from(["A", "A", "TXT", "CNAME"]),
    st.sampled_from([5, 60]),
    st.integers(0, 1),
)
changes = st.tuples(st.lists(st.integers(0, 9) | record_sets, max_size=4), st.lists(record_sets, max_size=5))
"""Deletions, of which a number is one of what is there, and additions."""


class Model:
    """A zone as a dictionary; knows only what may be."""

    def __init__(self) -> None:
        self.sets: dict[Key, Json] = {}

    def change(self, deletions: list[Json], additions: list[Json]) -> bool:
        if not (deletions or additions) or len(deletions) > 3 or len(additions) > 4:
            return False
        sets = dict(self.sets)
        for each in deletions:
            if sets.pop(key(each), None) != each:
                return False
        for each in additions:
            if key(each) in sets or not each["name"].endswith("example.com."):
                return False
            sets[key(each)] = each
        names = [name for name, _ in sets]
        if any(kind == "CNAME" and (names.count(name) > 1 or name == "example.com.") for name, kind in sets):
            return False
        self.sets = sets
        return True


def key(each: Json) -> Key:
    return each["name"], each["type"]


@given(st.lists(changes, max_size=12))
def test_the_fake_takes_what_the_model_takes_and_holds_what_it_holds(asked: list[tuple[list[Any], list[Json]]]) -> None:
    zone, model = Zone("z", "example.com."), Model()
    apex = set(zone.rrsets)
    for number, (chosen, additions) in enumerate(asked):
        there = list(model.sets.values())
        deletions = [
            there[each % len(there)] if isinstance(each, int) else each
            for each in chosen
            if there or not isinstance(each, int)
        ]
        try:
            zone.change({"deletions": deletions, "additions": additions}, QUOTA)
            taken = True
        except Refused:
            taken = False
        assert taken == model.change(deletions, additions), f"change {number}"
        found = {
            place: {part: value for part, value in each.items() if part != "kind"}
            for place, each in zone.rrsets.items()
        }
        assert {place: each for place, each in found.items() if place not in apex} == model.sets
