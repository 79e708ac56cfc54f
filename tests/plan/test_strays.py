from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import AAAA, A, DnsName, RecordSet
from feddns.plan.strays import Strays, keys
from tests.builders import NGINX
from tests.strategies import zones


@given(zones(), zones(), zones())
def test_what_comes_unasked_is_a_stray_until_it_is_wanted_or_gone(
    there: tuple[RecordSet, ...], ours: tuple[RecordSet, ...], wanted: tuple[RecordSet, ...]
) -> None:
    strays = Strays()
    strays.found(NGINX, there, ours)
    assert strays.of(NGINX) == keys(there) - keys(ours)
    strays.found(NGINX, there, there)  # read again: what was there is known, and a stray still
    assert strays.of(NGINX) == keys(there) - keys(ours)
    strays.adopt(NGINX, wanted)
    assert strays.of(NGINX) == keys(there) - keys(ours) - keys(wanted)
    strays.keep(NGINX, ours)
    assert strays.of(NGINX) == frozenset()
    assert len(strays) == 0


@given(st.sets(st.sampled_from([A, AAAA]), max_size=2))
def test_strays_are_counted(types: set[str]) -> None:
    name = DnsName("x.example.com.")
    strays = Strays()
    strays.found(NGINX, [RecordSet(name, each, 60, ("x",)) for each in types], ())
    assert len(strays) == len(types)


def test_other_values_make_no_stray_of_ours() -> None:
    name = DnsName("x.example.com.")
    strays = Strays()
    strays.found(NGINX, [RecordSet(name, A, 60, ("203.0.113.66",))], [RecordSet(name, A, 60, ("192.0.2.1",))])
    assert len(strays) == 0
