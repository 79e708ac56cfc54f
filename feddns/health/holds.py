"""Which withdrawals of one service are held for now, and by which brake."""

from collections.abc import Sequence

from feddns.config.health import HealthSettings
from feddns.health.brakes import ClusterBrake
from feddns.health.case import Case, Hold
from feddns.health.panic import panics
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake


def count(key: ServiceKey, cases: Sequence[Case], now: float, brake: ClusterBrake) -> None:
    """Tell the brake on clusters where the service stands, and what it is about to leave."""
    for case in cases:
        if case.is_leaving:
            brake.leaves(case.cluster, key, now)
        elif case.gives(case.answer):
            brake.stands(case.cluster, key, now, is_visible=case.condition.is_visible)
        else:
            brake.stands_no_more(case.cluster, key)


def hold(wanted: Sequence[Case], now: float, rules: HealthSettings, brake: ClusterBrake) -> None:
    """Hold what may not go now.

    Those that go are asked in the order in which evidence turned against them; those that go by probes alone last,
    since panic must know what is left by then. What stands only because this process has not probed it yet, or never
    with success, is no stand-in.

    Args:
        wanted: the cases of clusters that no person wants out: these need no brake, and are no stand-ins.
        now: in seconds since the epoch.
        rules: the settings.
        brake: the one on clusters.
    """
    for case in wanted:
        case.release()
    going = [case for case in wanted if case.is_going]
    if not going:
        return
    proved = [case for case in wanted if not case.is_presumed]
    undecided = {case.cluster for case in going}
    for case in sorted(going, key=_turn):
        undecided.discard(case.cluster)
        staying = [each for each in proved if each is not case and (each.is_staying or each.cluster in undecided)]
        held = panics(case, wanted, staying, rules) or _held_by_clusters(case, now, brake)
        if held is not None:
            case.keep(held)


def _held_by_clusters(case: Case, now: float, brake: ClusterBrake) -> Hold | None:
    allowed_at = brake.allowed_at(case.cluster, now, is_visible=case.condition.is_visible)
    if allowed_at <= now:
        return None
    text = f"{brake.text()}; `feddns evict {case.cluster}` takes it out now"
    return Hold(Brake.CLUSTERS, allowed_at, text)


def _turn(case: Case) -> tuple[bool, float, ClusterName]:
    since = [step.since for step in case.steps.values() if step.since is not None]
    return case.is_going_by_probes, min(since, default=0.0), case.cluster
