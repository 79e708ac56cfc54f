"""What would have become of the answers of one zone in the end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import msgspec

from feddns.model.changes import Change
from feddns.model.records import CNAME, DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.whatif.holding import Holding
from feddns.whatif.simulation import Simulation
from feddns.whatif.zone import Story, Version, Zone

_MOST_STEPS: Final = 8
"""CNAMEs that others have changed could lead in circles."""


class Lowered(msgspec.Struct, frozen=True, gc=False):
    """A TTL that is lowered before the answer itself changes.

    Attributes:
        after_s: when the zone has it, in seconds from the beginning.
        ttl_s: what it is then.
    """

    after_s: float
    ttl_s: int


class Changed(msgspec.Struct, frozen=True, gc=False):
    """A name that answers something else in the end; all times are in seconds.

    Attributes:
        before: its record sets when it began.
        after: those in the end.
        first_s: from the beginning until its first change is decided.
        decided_s: from the beginning until its last one is: all that it takes to notice and to make sure.
        write_s: from then until the zone has it, as it is estimated.
        ttl_s: from then until no resolver may keep an older answer any more.
        lowered: whether and when its TTL is lowered first.
        followers: names that lead to it by an unchanged CNAME, sorted.
    """

    service: ServiceKey
    name: DnsName
    before: tuple[RecordSet, ...]
    after: tuple[RecordSet, ...]
    first_s: float
    decided_s: float
    write_s: float
    ttl_s: float
    lowered: Lowered | None = None
    followers: tuple[DnsName, ...] = ()

    @property
    def moved_s(self) -> float:
        """Seconds until all clients have moved."""
        return self.decided_s + self.write_s + self.ttl_s


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A name that still leads, in the end, to what clients should have left.

    Attributes:
        values: addresses and host names of load balancers that are left among its records, sorted.
        clusters: whose these are, sorted.
        others: how many values it has beside these.
        reasons: what keeps them, for people.
    """

    service: ServiceKey
    name: DnsName
    values: tuple[str, ...]
    clusters: tuple[ClusterName, ...]
    others: int
    reasons: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True):
    """What would have become of one zone.

    Attributes:
        pending: what is not written yet before it begins, and is taken as written.
        is_over: whether nothing more would happen by itself after it.
    """

    zone: ZoneName
    changed: tuple[Changed, ...]
    kept: tuple[Kept, ...]
    pending: tuple[Change, ...] = ()
    is_over: bool = True

    @property
    def moved_s(self) -> float | None:
        """Seconds until all clients of all names that change have moved; None where none changes."""
        return max((each.moved_s for each in self.changed), default=None)


def outcome(zone: Zone, simulation: Simulation, pending: tuple[Change, ...] = ()) -> Outcome:
    """What has become of a zone when a simulation has been run.

    Args:
        zone: the zone.
        simulation: that it took part in.
        pending: what was not written yet then.
    """
    found = (_changed(name, story, simulation.began_at) for name, story in zone.stories.items())
    changed = {each.name: each for each in found if each is not None}
    followers = _followers(zone, changed)
    return Outcome(
        zone=zone.policy.names.zone,
        changed=tuple(
            msgspec.structs.replace(each, followers=tuple(sorted(followers[each.name])))
            for each in sorted(changed.values(), key=lambda each: (each.service, each.name))
        ),
        kept=tuple(_all_kept(zone, simulation)),
        pending=pending,
        is_over=simulation.is_over,
    )


def _changed(name: DnsName, story: Story, began_at: float) -> Changed | None:
    versions = story.versions
    before, after = versions[0], versions[-1]
    if before.answer == after.answer:
        return None
    last = _last_change(versions)
    final = versions[last]
    first = next(each for each in versions if each.answer != before.answer)
    outdated = [
        following.written_at + _ttl_s(each)
        for each, following in pairwise(versions[: last + 1])
        if each.answer != after.answer
    ]
    return Changed(
        service=story.service,
        name=name,
        before=before.records,
        after=after.records,
        first_s=first.decided_at - began_at,
        decided_s=final.decided_at - began_at,
        write_s=final.written_at - final.decided_at,
        ttl_s=max(0.0, max(outdated) - final.written_at),
        lowered=_lowered(versions, began_at),
    )


def _last_change(versions: list[Version]) -> int:
    """Where among the versions the answer became what it stays."""
    last = len(versions) - 1
    while versions[last - 1].answer == versions[-1].answer:
        last -= 1
    return last


def _ttl_s(version: Version) -> int:
    return max((each.ttl for each in version.records), default=0)


def _lowered(versions: list[Version], began_at: float) -> Lowered | None:
    before = versions[0]
    for each in versions[1:]:
        if each.answer != before.answer:
            return None
        if _ttl_s(each) < _ttl_s(before):
            return Lowered(each.written_at - began_at, _ttl_s(each))
    return None


def _followers(zone: Zone, changed: Iterable[DnsName]) -> defaultdict[DnsName, set[DnsName]]:
    """The names that lead by CNAMEs which do not change to those that do."""
    changed = frozenset(changed)
    followers: defaultdict[DnsName, set[DnsName]] = defaultdict(set)
    for key in zone.agenda.keys():  # noqa: SIM118 - an agenda is no mapping
        leads = {each.name: DnsName(each.values[0]) for each in zone.agenda.published(key) if each.type == CNAME}
        for name in leads.keys() - changed:
            end, steps = leads[name], 0
            while end not in changed and end in leads and steps < _MOST_STEPS:
                end, steps = leads[end], steps + 1
            if end in changed:
                followers[end].add(name)
    return followers


def _all_kept(zone: Zone, simulation: Simulation) -> Iterator[Kept]:
    holding = Holding(zone, simulation)
    for key, course in simulation.courses.items():
        if not course.gone:
            continue
        for name in sorted({each.name for each in zone.agenda.published(key)}):
            values = {value for each in zone.answers(name, key) for value in each.values}
            left = sorted(values & course.gone.keys())
            if left:
                clusters = tuple(sorted({course.gone[value] for value in left}))
                yield Kept(key, name, tuple(left), clusters, len(values) - len(left), holding.reasons(key, name, left))
