import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.health import tracks
from feddns.health.witnesses import against, failing, untested, witnessed
from feddns.model.probing import UNTESTED, GrpcProbe, HttpProbe, Probe, ProbeState, TcpProbe, Tls, Track
from tests.builders import NOW

PROBE = Probe(TcpProbe(443), rise=2, fall=2)
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"
results = st.lists(st.booleans(), max_size=8)


def track(found: list[bool], began_at: float = NOW) -> Track:
    """What a probe a second comes to."""
    now, so_far = began_at, UNTESTED
    for succeeded in found:
        so_far = tracks.tested(
            so_far, succeeded=succeeded, text="HTTP 200" if succeeded else "refused", now=now, probe=PROBE
        )
        now += 1
    return so_far


@given(st.dictionaries(st.sampled_from((A, B, C)), results.map(track)))
def test_an_address_is_failing_or_untested_or_neither(probed: dict[str, Track]) -> None:
    assert not failing(probed) & untested(probed)
    assert failing(probed) == {address for address, found in probed.items() if found.state is ProbeState.FAILING}
    assert failing(probed) | untested(probed) <= probed.keys()


def test_an_address_that_cannot_be_asked_waits_for_no_result() -> None:
    assert untested({A: UNTESTED, B: tracks.hindered(UNTESTED, "no route to it")}) == {A}


def test_probes_count_against_an_unknown_cluster_when_they_failed_long_enough_without_a_break() -> None:
    failed_from = NOW + 1
    probed = {A: track([True, *[False] * 55]), B: track([True, True, True]), C: track([False, False, True])}
    assert witnessed(probed, PROBE, failed_from + 59, 60) == (frozenset(), failed_from + 60)
    assert witnessed(probed, PROBE, failed_from + 60, 60) == (frozenset({A}), None)


def test_time_in_which_nothing_was_asked_is_no_witness() -> None:
    stopped = {A: track([False, False])}
    round_s = PROBE.interval_s * 1.1 + PROBE.timeout_s
    assert witnessed(stopped, PROBE, NOW + 1 + round_s, 10) == (frozenset({A}), None)
    assert witnessed(stopped, PROBE, NOW + 2 + round_s, 10) == (frozenset(), NOW + 3 + round_s)
    late = {A: msgspec.structs.replace(stopped[A], tested_at=NOW + 20)}  # as where many dark addresses take turns
    assert witnessed(late, PROBE, NOW + 100, 10) == (frozenset({A}), None)
    hindered = {A: tracks.hindered(stopped[A], "no route to it")}
    assert witnessed(hindered, PROBE, NOW + 1 + round_s, 10) == (frozenset(), None)


def test_one_success_in_between_begins_the_wait_anew() -> None:
    probed = {A: track([False, False, True, False])}
    assert failing(probed) == {A}
    assert witnessed(probed, PROBE, NOW + 62, 60) == (frozenset(), NOW + 63)


@given(st.dictionaries(st.sampled_from((A, B, C)), results.map(track)), st.floats(0, 100), st.floats(0, 100))
def test_the_time_that_is_told_is_when_more_addresses_are_witnessed_and_none_before(
    probed: dict[str, Track], later_s: float, witness_s: float
) -> None:
    now = NOW + later_s
    found, next_at = witnessed(probed, PROBE, now, witness_s)
    assert found <= failing(probed)
    if next_at is None:
        assert witnessed(probed, PROBE, now + 1e6, witness_s)[0] == found
    else:
        assert next_at > now
        assert witnessed(probed, PROBE, (now + next_at) / 2, witness_s)[0] == found
        again = {
            address: msgspec.structs.replace(each, tested_at=next_at) if each.failed_from is not None else each
            for address, each in probed.items()
        }
        assert witnessed(again, PROBE, next_at, witness_s)[0] > found


def test_the_evidence_tells_the_question_the_answer_and_whether_it_speaks_against() -> None:
    probed = {B: track([False, False]), A: track([True])}
    first, second = against(probed, PROBE)
    assert (first.text, first.since, first.against) == (f"{A} TCP 443 passing: HTTP 200", NOW, False)
    assert (second.text, second.since, second.against) == (f"{B} TCP 443 failing: refused", NOW + 1, True)


def test_the_evidence_tells_how_far_an_address_is_from_another_state() -> None:
    probed = {A: track([False, False, True]), B: track([True, False]), C: UNTESTED}
    assert [piece.text for piece in against(probed, None)] == [
        f"{A} failing: HTTP 200, 1 in a row but not enough to pass again",
        f"{B} passing: refused, 1 in a row but not enough to fail",
        f"{C} untested: not asked yet",
    ]


def test_the_evidence_names_each_kind_of_question() -> None:
    asked = {
        "HTTP GET :80/live": HttpProbe(80, path="/live"),
        "HTTPS GET :443/": HttpProbe(443, tls=Tls()),
        "gRPC 50051/shop": GrpcProbe(50051, "shop"),
    }
    for words, question in asked.items():
        (piece,) = against({A: UNTESTED}, msgspec.structs.replace(PROBE, question=question))
        assert words in piece.text
