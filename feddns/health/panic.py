"""Panic: where too few shards of a scope would stay, the evidence itself is doubted, and no more is withdrawn."""

from collections.abc import Collection, Sequence
from typing import Final

from feddns.config.health import HealthSettings
from feddns.health.case import Case, Hold
from feddns.model.services import keeping
from feddns.model.topology import Scope
from feddns.model.verdicts import Brake

_SMALLEST: Final = {"global": 0, "region": 1, "zone": 2}


def panics(case: Case, cases: Sequence[Case], staying: Collection[Case], rules: HealthSettings) -> Hold | None:
    """What keeps a shard that is to go, because too few would stay without it; None where enough do.

    Args:
        case: of the shard that is to go.
        cases: of all shards of the service.
        staying: those that answer without it.
        rules: the settings.
    """
    if rules.panic_evidence == "probes" and not case.is_going_by_probes:
        return None
    if keeping((each.condition.shard.panic for each in cases), rules.panic) == "drop":
        return None
    for scope in case.condition.topology.scopes():
        if _depth(scope) > _SMALLEST[rules.panic_scope]:
            continue
        all_inside = sum(_is_inside(each, scope) for each in cases)
        staying_inside = sum(_is_inside(each, scope) for each in staying)
        if staying_inside < rules.panic_share * all_inside:
            text = (
                f"only {staying_inside} of {all_inside} shards would stay in the answer of {scope}, fewer than "
                f"health.panicShare ({rules.panic_share:.0%}) of them; `feddns evict {case.cluster}` takes it out"
            )
            return Hold(Brake.PANIC, None, text)
    return None


def _is_inside(case: Case, scope: Scope) -> bool:
    condition = case.condition
    return scope in condition.topology.scopes() and bool(condition.addresses or condition.shard.hostnames)


def _depth(scope: Scope) -> int:
    return bool(scope.region) + bool(scope.zone)
