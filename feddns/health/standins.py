"""Nobody waits, or is kept out, whom no one can stand in for."""

from collections.abc import Mapping, Sequence

from feddns.health.case import Case
from feddns.health.withheld import Word, is_out
from feddns.model.evidence import Sight, Sighting
from feddns.model.topology import ClusterName


def keep_the_last(
    sightings: Sequence[Sighting], cases: Sequence[Case], words: Mapping[ClusterName, Word], now: float
) -> bool:
    """Keep out what a person wants out, and see that nobody waits or is kept out whom no one can stand in for.

    Returns:
        Whether anything answers that would not have otherwise, and that no person wants out.
    """
    for case in cases:
        said = words.get(case.cluster)
        if said is not None and now >= said.from_when:
            case.withheld = said.evidence
    if any(case.answers_by_evidence for case in cases):
        return False
    returned = [case.return_early() for case in cases if case.withheld is None]
    if any(returned):
        return True
    out = [case for case in cases if case.withheld is not None and not words[case.cluster].forced]
    if out:
        _let_back(out, is_only_silence=_may_be_unseen(sightings, cases, words, now))
    return False


def _let_back(out: Sequence[Case], *, is_only_silence: bool) -> None:
    """Let answer again what nobody can stand in for: what is healthy, or all if nothing is known to be."""
    healthy = {case.cluster for case in out if case.return_early()}
    for case in out:
        is_unseen = not case.condition.is_visible
        if not healthy or is_unseen or case.cluster in healthy:
            case.withheld = None
            case.is_let_back = is_only_silence or is_unseen


def _may_be_unseen(
    sightings: Sequence[Sighting], cases: Sequence[Case], words: Mapping[ClusterName, Word], now: float
) -> bool:
    """Whether a cluster that cannot be seen may well answer: silence alone undoes no person's word."""
    by_cluster = {case.cluster: case for case in cases}
    for sighting in sightings:
        cluster = sighting.cluster.name
        case = by_cluster.get(cluster)
        is_silent = sighting.cluster.sight is not Sight.VISIBLE or (case is not None and bool(case.condition.spared))
        may_answer = case is None or (case.answers and case.hold is None)
        if is_silent and may_answer and not is_out(words.get(cluster), now):
            return True
    return False
