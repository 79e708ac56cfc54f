"""Who has each hostname outside of the federation's pattern: the service that claimed it first, or somebody else."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.changes import Change
from feddns.model.decisions import Decision
from feddns.model.labels import is_within
from feddns.model.records import CNAME, MANAGED_TYPES, TXT, DnsName, RecordSet
from feddns.model.services import Problem, ServiceKey
from feddns.naming import Names
from feddns.plan.claim import read_claim
from feddns.plan.ownership import owned_name, ownership_name, read_external_dns, read_ownership
from feddns.plan.zone import ZoneContents

_NONE: Final[frozenset[DnsName]] = frozenset()
_CUTS: Final = frozenset({"NS", "DNAME"})
_NOBODY: Final[Mapping[str, RecordSet]] = {}


class Standing(msgspec.Struct, frozen=True):
    """Whose a hostname is.

    Attributes:
        holder: the service that owns it in the zone.
        wanted_by: the services that want it, sorted.
        taken_by: who else has it, for people; empty where nobody has.
    """

    holder: ServiceKey | None
    wanted_by: tuple[ServiceKey, ...]
    taken_by: str


def owned_hostnames(records: Iterable[RecordSet]) -> frozenset[DnsName]:
    """The hostnames whose ownerships are among a service's record sets."""
    texts = [record_set for record_set in records if record_set.type == TXT]
    if not texts:
        return _NONE
    return frozenset(found.hostname for found in map(read_ownership, texts) if found is not None)


def without_hostnames(records: Iterable[RecordSet], hostnames: Collection[DnsName]) -> tuple[RecordSet, ...]:
    """The record sets but those of the hostnames, and their ownerships."""
    left_out = {*hostnames, *map(ownership_name, hostnames)}
    return tuple(record_set for record_set in records if record_set.name not in left_out)


class Hostnames:
    """Holds what the zone says of the owners of hostnames against what services want."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._others: Mapping[DnsName, Mapping[str, RecordSet]] = {}
        self._holders: dict[DnsName, ServiceKey] = {}
        self._wanting: dict[DnsName, set[ServiceKey]] = {}
        self._wanted: dict[ServiceKey, frozenset[DnsName]] = {}
        self._refused: dict[ServiceKey, dict[DnsName, str]] = {}

    def read(self, contents: ZoneContents) -> None:
        """Take note of what the zone holds."""
        self._others = contents.others
        self._refused = {}
        self._holders = {
            hostname: key for key, records in contents.services.items() for hostname in owned_hostnames(records)
        }

    def written(self, key: ServiceKey, before: Iterable[RecordSet], after: Iterable[RecordSet]) -> set[ServiceKey]:
        """Take note that a service's records were changed.

        Returns:
            The services that this may concern, besides.
        """
        had, has = owned_hostnames(before), owned_hostnames(after)
        for hostname in had - has:
            self._holders.pop(hostname, None)
        self._holders.update(dict.fromkeys(has, key))
        return self._wanting_any(had ^ has) - {key}

    def want(self, key: ServiceKey, records: Iterable[RecordSet]) -> set[ServiceKey]:
        """Take note of what a service should have.

        Returns:
            The services that this may concern, besides.
        """
        had, has = self._wanted.pop(key, _NONE), owned_hostnames(records)
        if has == had == _NONE:
            return set()
        if has:
            self._wanted[key] = has
        for hostname in has - had:
            self._wanting.setdefault(hostname, set()).add(key)
        for hostname in had - has:
            self._wanting[hostname].discard(key)
            if not self._wanting[hostname]:
                del self._wanting[hostname]
        return self._wanting_any(had ^ has) - {key}

    def rivals(self, key: ServiceKey) -> set[ServiceKey]:
        """The other services that want a hostname that this one wants."""
        return self._wanting_any(self._wanted.get(key, ())) - {key}

    def refuse(self, key: ServiceKey, changes: Iterable[Change], names: frozenset[str], text: str) -> bool:
        """Take note that the provider refuses a service's changes: its hostnames must not hold up its other names.

        They stay as they are until the zone is read again.

        Args:
            key: the service.
            changes: what was refused.
            names: the record names that the provider blames; where it says nothing, hostnames are suspected first.
            text: the reason, for people.

        Returns:
            Whether there are hostnames to blame.
        """
        changed = {change.name for change in changes}
        own = {name for name in changed if self._names.parse(name) is not None}
        if own & names:
            return False
        blamed = {owned_name(name) for name in changed - own if not names or name in names}
        if blamed:
            self._refused.setdefault(key, {}).update(dict.fromkeys(blamed, text))
        return bool(blamed)

    def allowed(
        self,
        key: ServiceKey,
        records: tuple[RecordSet, ...],
        current: tuple[RecordSet, ...],
        aside: Collection[ServiceKey],
    ) -> tuple[tuple[RecordSet, ...], tuple[Problem, ...]]:
        """A service's wanted records but those at hostnames that others have, and a problem for each of these.

        Args:
            key: the service.
            records: what it should have.
            current: what it has.
            aside: services that cannot be written just now, and so claim nothing.
        """
        wanted = self._wanted.get(key, _NONE)
        denied = {hostname: reason for hostname in wanted if (reason := self._denial(key, hostname, aside))}
        refused = {hostname: text for hostname, text in self._refused.get(key, {}).items() if hostname not in denied}
        if not denied and not refused:
            return records, ()
        possible = without_hostnames(records, denied.keys() | refused.keys())
        stay = set(current).difference(without_hostnames(current, refused))
        taken = (_taken(key, hostname, reason) for hostname, reason in sorted(denied.items()))
        failed = (
            Problem("Refused", f"{key}: hostname {hostname}: {text}") for hostname, text in sorted(refused.items())
        )
        return tuple(sorted((*possible, *stay))), (*taken, *failed)

    def standing(self, hostname: DnsName) -> Standing:
        """Whose a hostname is."""
        holder = self._holders.get(hostname)
        taken_by = "" if holder is not None else self._taken_by(hostname)
        return Standing(holder, tuple(sorted(self._wanting.get(hostname, ()))), taken_by)

    def _wanting_any(self, hostnames: Iterable[DnsName]) -> set[ServiceKey]:
        return {key for hostname in hostnames for key in self._wanting.get(hostname, ())}

    def _denial(self, key: ServiceKey, hostname: DnsName, aside: Collection[ServiceKey]) -> str:
        holder = self._holders.get(hostname)
        if holder == key:
            return ""
        if holder is not None:
            return f"belongs to service {holder}, which claimed it first"
        if taken_by := self._taken_by(hostname):
            return f"belongs to {taken_by}; it is free once their records are gone"
        # Nobody has it yet. The order of names makes the same of several services that want it first, whatever the
        # order in which they are looked at.
        first = min(self._wanting[hostname] - set(aside) | {key})
        return "" if first == key else _goes_to(first)

    def _taken_by(self, hostname: DnsName) -> str:
        """Who other than this federation's services has a hostname, for people; empty where nobody has."""
        beside = self._others.get(ownership_name(hostname), _NOBODY)
        if TXT in beside or CNAME in beside:
            return _owner_of(beside)
        there = self._others.get(hostname, _NOBODY)
        # An apex has records of its own, which addresses may stand beside; anywhere else a CNAME must stand alone.
        in_the_way = there.keys() & MANAGED_TYPES if str(hostname) == self._names.zone else there.keys()
        if not in_the_way:
            return self._parted_at(hostname)
        return self._external_dns(hostname) or f"someone who keeps {', '.join(sorted(in_the_way))} there"

    def _parted_at(self, hostname: DnsName) -> str:
        """What leads the names above a hostname out of the zone, so that nobody would see its records."""
        above = hostname.partition(".")[2]
        while is_within(above, self._names.zone) and above != self._names.zone:
            cuts = self._others.get(DnsName(above), _NOBODY).keys() & _CUTS
            if cuts:
                return f"another zone: {above} {min(cuts)} leads there"
            above = above.partition(".")[2]
        return ""

    def _external_dns(self, hostname: DnsName) -> str:
        for prefix in ("", "a-", "aaaa-", "cname-"):
            text = self._others.get(DnsName(prefix + hostname), _NOBODY).get(TXT)
            registered = None if text is None else read_external_dns(text)
            if registered is not None:
                resource = f" ({registered.resource})" if registered.resource else ""
                return f'ExternalDNS of owner "{registered.owner}"{resource}'
        return ""


def _owner_of(beside: Mapping[str, RecordSet]) -> str:
    """Whose the record set is that stands where an ownership would."""
    record_set = beside.get(TXT, beside.get(CNAME))
    if record_set is None:
        return ""
    owned = read_ownership(record_set)
    if owned is not None:
        return f'federation {owned.federation} of owner "{owned.owner}" (service {owned.service})'
    claim = read_claim(record_set)
    if claim is not None:
        return f'federation {claim.federation} of owner "{claim.owner}", whose claim stands there'
    return f"someone who keeps {record_set.type} at {record_set.name}"


def undisputed(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions on several services as an empty zone would take them: of those that want a hostname, one gets it."""
    decisions = list(decisions)
    first: dict[DnsName, ServiceKey] = {}
    for decision in decisions:
        for wanted in decision.hostnames:
            first[wanted.hostname] = min(first.get(wanted.hostname, decision.key), decision.key)
    return [_without_lost(decision, first) for decision in decisions]


def _without_lost(decision: Decision, first: Mapping[DnsName, ServiceKey]) -> Decision:
    lost = [wanted.hostname for wanted in decision.hostnames if first[wanted.hostname] != decision.key]
    if not lost:
        return decision
    problems = (_taken(decision.key, hostname, _goes_to(first[hostname])) for hostname in lost)
    return msgspec.structs.replace(
        decision, records=without_hostnames(decision.records, lost), problems=(*decision.problems, *problems)
    )


def _goes_to(key: ServiceKey) -> str:
    return f"goes to service {key}, which wants it too"


def _taken(key: ServiceKey, hostname: DnsName, reason: str) -> Problem:
    return Problem("HostnameTaken", f"{key}: hostname {hostname} {reason}")
