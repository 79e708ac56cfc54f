"""One hosted zone: its sets in order, and the changes that it takes or refuses."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.providers.fakes.route53.errors import ApiError, Refused
from tests.providers.fakes.route53.rules import (
    AWS_NAMES,
    POLICIES,
    Change,
    Set,
    check_form,
    check_size,
    check_values,
)
from tests.providers.fakes.route53.values import normal_name, reversed_labels

Key = tuple[str, str, str]
"""Name, type and identifier."""
Order = tuple[tuple[str, ...], str, str, str]
Undo = Callable[[], None]


class Zone:
    """See the module.

    Attributes:
        vpcs: the ids of those that a private zone is associated with.
        busy_until: before that time, another change is refused.
    """

    def __init__(self, zone_id: str, name: str, *, private: bool = False, vpcs: Sequence[str] = ()) -> None:
        self.id = zone_id
        self.name = normal_name(name)
        self.private = private
        self.vpcs = tuple(vpcs)
        self.reference = ""
        self.busy_until = float("-inf")
        self.servers = (
            () if private else tuple(f"ns-{number}.awsdns-{number:02}.example.net." for number in range(1, 5))
        )
        self._sets: dict[Key, Set] = {}
        self._order: list[Order] = []
        self._at_name: dict[str, set[tuple[str, str]]] = {}
        servers = self.servers or ("ns-0.awsdns-00.com.",)
        self._put(self._plain("NS", 172_800, *servers))
        self._put(self._plain("SOA", 900, f"{servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"))

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[Set]:
        """All sets, in order."""
        return (self._sets[name, kind, identifier] for _, kind, identifier, name in self._order)

    def page(self, start: tuple[str, str, str], most: int) -> tuple[list[Set], Set | None]:
        """So many sets from a name, type and identifier on, and the next one if there is any."""
        name, kind, identifier = start
        first = bisect_left(self._order, (reversed_labels(normal_name(name)), kind, identifier, "")) if name else 0
        found = [self._sets[at[3], at[1], at[2]] for at in self._order[first : first + most + 1]]
        return found[:most], found[most] if len(found) > most else None

    def change(self, changes: Sequence[Change], health_checks: frozenset[str]) -> None:
        """Carry out all changes, in order, or none of them.

        Raises:
            ApiError: with every reason at once.
        """
        check_size(changes)
        for change in changes:
            check_form(change)
            check = change["ResourceRecordSet"].get("HealthCheckId")
            if check is not None and check not in health_checks:
                raise ApiError("NoSuchHealthCheck", f"No health check exists with the specified ID: {check}", 404)
        undo: list[Undo] = []
        reasons: list[str] = []
        seen: dict[Key, str] = {}
        for change in changes:
            try:
                self._carry_out(change, seen, undo)
            except Refused as refused:
                reasons.append(str(refused))
        if reasons:
            for step in reversed(undo):
                step()
            raise ApiError("InvalidChangeBatch", f"[{', '.join(reasons)}]")

    def _carry_out(self, change: Change, seen: dict[Key, str], undo: list[Undo]) -> None:
        action = change["Action"]
        wanted = {**change["ResourceRecordSet"], "Name": normal_name(change["ResourceRecordSet"]["Name"])}
        key = _key(wanted)
        before, seen[key] = seen.get(key), action
        if before is not None and (before, action) != ("DELETE", "CREATE"):
            raise Refused(
                f"The request contains an invalid set of changes for a resource record set '{action} {key[1]} {key[0]}'"
            )
        if not f".{key[0]}".endswith(f".{self.name}"):
            raise Refused(f"RRSet with DNS name {key[0]} is not permitted in zone {self.name}")
        check_values(wanted)
        if action == "DELETE":
            self._check_deletion(wanted)
            undo.append(self._drop(key))
            return
        if action == "UPSERT" and key in self._sets:
            undo.append(self._drop(key))
        self._check_creation(wanted)
        undo.append(self._put(wanted))

    def _check_deletion(self, wanted: Set) -> None:
        found = self._sets.get(_key(wanted))
        if found is None:
            raise Refused(f"Tried to delete resource record set {_told(wanted)} but it was not found")
        if _comparable(found) != _comparable(wanted):
            raise Refused(
                f"Tried to delete resource record set {_told(wanted)} but the values provided do not match the current "
                f"values"
            )
        if wanted["Name"] == self.name and wanted["Type"] in {"NS", "SOA"}:
            raise Refused(f"A HostedZone must contain at least one {wanted['Type']} record for the zone itself.")

    def _check_creation(self, wanted: Set) -> None:
        name, kind, identifier = _key(wanted)
        here = self._at_name.get(name, set())
        if (kind, identifier) in here:
            raise Refused(f"Tried to create resource record set {_told(wanted)} but it already exists")
        if kind == "CNAME":
            self._check_cname(name, here)
        elif any(other == "CNAME" for other, _ in here):
            raise Refused(
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME "
                f"with the same DNS name already exists in zone {self.name}"
            )
        for other, beside in here:
            if other == kind:
                _check_policies(wanted, self._sets[name, other, beside])
        if "AliasTarget" in wanted:
            self._check_alias(wanted)

    def _check_cname(self, name: str, here: set[tuple[str, str]]) -> None:
        if name == self.name:
            raise Refused(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {self.name}")
        if any(other != "CNAME" for other, _ in here):
            raise Refused(
                f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with "
                f"the same DNS name in zone {self.name}"
            )

    def _check_alias(self, wanted: Set) -> None:
        target, kind = wanted["AliasTarget"], wanted["Type"]
        zone_id, name = target["HostedZoneId"], normal_name(target["DNSName"])
        told = f"Tried to create an alias that targets {name}, type {kind} in zone {zone_id}, but"
        suffix = self.name if zone_id == self.id else AWS_NAMES.get(zone_id)
        if suffix is None:
            raise Refused(f"{told} that target was not found")
        if not f".{name}".endswith(f".{suffix}"):
            raise Refused(f"{told} the alias target name does not lie within the target zone")
        if zone_id == self.id and not any(other == kind for other, _ in self._at_name.get(name, ())):
            raise Refused(f"{told} that target was not found")
        if zone_id != self.id and kind not in {"A", "AAAA"}:
            raise Refused(f"{told} that target was not found")

    def _put(self, wanted: Set) -> Undo:
        key = _key(wanted)
        self._sets[key] = wanted
        insort(self._order, _order(key))
        self._at_name.setdefault(key[0], set()).add(key[1:])

        def undo() -> None:
            self._drop(key)

        return undo

    def _drop(self, key: Key) -> Undo:
        found = self._sets.pop(key)
        del self._order[bisect_left(self._order, _order(key))]
        self._at_name[key[0]].discard(key[1:])

        def undo() -> None:
            self._put(found)

        return undo

    def _plain(self, kind: str, ttl: int, *values: str) -> Set:
        return {"Name": self.name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def _check_policies(wanted: Set, beside: Set) -> None:
    """Sets of one name and type are either one, or many of one policy that differ in it."""
    kinds = [[policy for policy in POLICIES if policy in found] for found in (wanted, beside)]
    if kinds[0] != kinds[1] or not kinds[0]:
        raise Refused(
            f"RRSet with DNS name {wanted['Name']}, type {wanted['Type']} cannot be created as other RRSets exist with "
            f"the same name and type."
        )
    (policy,) = kinds[0]
    if policy in {"Failover", "Region", "GeoLocation"} and wanted[policy] == beside[policy]:
        raise Refused(
            f"RRSet with DNS name {wanted['Name']}, type {wanted['Type']}, SetIdentifier {wanted['SetIdentifier']} "
            f"cannot be created because a RRSet with the same name, type and {policy} already exists."
        )


def _key(found: Set) -> Key:
    return found["Name"], found["Type"], found.get("SetIdentifier", "")


def _order(key: Key) -> Order:
    return (reversed_labels(key[0]), key[1], key[2], key[0])


def _comparable(found: Set) -> dict[str, Any]:
    target = found.get("AliasTarget")
    if target is None:
        return found
    return {**found, "AliasTarget": {**target, "DNSName": normal_name(target["DNSName"])}}


def _told(found: Set) -> str:
    identifier = f", set identifier='{found['SetIdentifier']}'" if "SetIdentifier" in found else ""
    return f"[name='{found['Name']}', type='{found['Type']}'{identifier}]"
