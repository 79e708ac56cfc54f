"""One managed zone: what it holds, and what may become of it."""

from collections import defaultdict
from typing import Any

import msgspec

from tests.providers.fakes.clouddns.rdata import LONGEST_TTL, TYPES, is_name, written_down
from tests.providers.fakes.clouddns.refusal import Cause, Refused, invalid, missing, required

Json = dict[str, Any]
Key = tuple[str, str]

_POLICIES = ("wrr", "geo", "primaryBackup")
_SAME = ("ttl", "rrdatas", "routingPolicy")


class Quota(msgspec.Struct, frozen=True, rename="camel"):
    """What the service allows by default (https://cloud.google.com/dns/quotas)."""

    rrset_additions_per_change: int = 1_000
    rrset_deletions_per_change: int = 1_000
    total_rrdata_size_per_change: int = 100_000
    resource_records_per_rrset: int = 100
    rrsets_per_managed_zone: int = 10_000
    items_per_routing_policy: int = 100
    managed_zones: int = 10_000


class Zone:
    """A managed zone.

    Attributes:
        rrsets: by name and type.
        changes: all that were carried out, the creation first.
    """

    def __init__(self, name: str, dns_name: str, *, private: bool = False, number: int = 1, **more: Any) -> None:
        self.name = name
        self.dns_name = dns_name
        self.private = private
        self._number = number
        self._more = more
        self.rrsets: dict[Key, Json] = {}
        self.changes: list[Json] = []
        self._types: defaultdict[str, set[str]] = defaultdict(set)
        servers = [f"ns-cloud-a{place}.googledomains.com." for place in range(1, 5)]
        self.name_servers = ["ns-gcp-private.googledomains.com."] if private else servers
        soa = f"{self.name_servers[0]} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"
        self.commit(
            [],
            [
                {"name": dns_name, "type": "SOA", "ttl": 21_600, "rrdatas": [soa]},
                {"name": dns_name, "type": "NS", "ttl": 21_600, "rrdatas": self.name_servers},
            ],
        )

    def resource(self) -> Json:
        return {
            "kind": "dns#managedZone",
            "name": self.name,
            "dnsName": self.dns_name,
            "description": "",
            "id": str(self._number),
            "nameServers": self.name_servers,
            "creationTime": "2026-10-01T08:00:00.000Z",
            "visibility": "private" if self.private else "public",
            **self._more,
        }

    def change(self, change: Json, quota: Quota) -> Json:
        """Carry out a change, or nothing of it.

        Raises:
            Refused: it may not be.
        """
        deletions, additions = change.get("deletions", []), change.get("additions", [])
        if not deletions and not additions:
            raise required("entity.change")
        _keep_to(quota, deletions, additions)
        going = [self._checked("deletions", place, rrset, quota) for place, rrset in enumerate(deletions)]
        coming = [self._checked("additions", place, rrset, quota) for place, rrset in enumerate(additions)]
        gone = self._refuse_inexact(going)
        self._refuse_present(coming, gone)
        self._refuse_apex(gone, coming)
        self._refuse_beside_cname(gone, coming)
        if len(self.rrsets) - len(going) + len(coming) > quota.rrsets_per_managed_zone:
            raise Refused(403, Cause("quotaExceeded", "The change would exceed quota for rrsets per managed zone."))
        return self.commit(going, coming)

    def commit(self, deletions: list[Json], additions: list[Json]) -> Json:
        """Carry out what has been looked at already."""
        for rrset in deletions:
            del self.rrsets[_key(rrset)]
            self._types[rrset["name"]].discard(rrset["type"])
        for rrset in additions:
            self.rrsets[_key(rrset)] = {"kind": "dns#resourceRecordSet", **rrset}
            self._types[rrset["name"]].add(rrset["type"])
        done = {
            "kind": "dns#change",
            "additions": [self.rrsets[_key(rrset)] for rrset in additions],
            "deletions": deletions,
            "startTime": "2026-10-01T08:00:00.000Z",
            "id": str(len(self.changes)),
            "status": "pending" if self.changes else "done",
        }
        self.changes.append(done)
        return done

    def _checked(self, side: str, place: int, rrset: Json, quota: Quota) -> Json:
        """A record set as the service writes it down.

        Raises:
            Refused: it is none.
        """
        where = f"entity.change.{side}[{place}]"
        for field in ("name", "type", "ttl"):
            if field not in rrset:
                raise required(f"{where}.{field}")
        name, kind = rrset["name"].lower(), rrset["type"]
        if not is_name(name) or not f".{name}".endswith(f".{self.dns_name}"):
            raise invalid(f"{where}.name", rrset["name"])
        if kind not in TYPES:
            raise invalid(f"{where}.type", kind)
        if not 0 <= rrset["ttl"] <= LONGEST_TTL:
            raise invalid(f"{where}.ttl", rrset["ttl"])
        if kind == "ALIAS" and (self.private or name != self.dns_name):
            raise invalid(f"{where}.type", kind)
        checked = {"name": name, "type": kind, "ttl": rrset["ttl"]}
        if "routingPolicy" in rrset:
            return checked | {"routingPolicy": _policy(where, rrset)}
        return checked | {"rrdatas": _rrdatas(where, rrset, quota)}

    def _refuse_inexact(self, going: list[Json]) -> set[Key]:
        gone: set[Key] = set()
        for place, rrset in enumerate(going):
            key = _key(rrset)
            where = f"entity.change.deletions[{place}]"
            if key not in self.rrsets or key in gone:
                raise missing(where, f"{key[0]} ({key[1]})")
            if any(self.rrsets[key].get(field) != rrset.get(field) for field in _SAME):
                raise Refused(412, Cause("conditionNotMet", f"Precondition not met for '{where}'"))
            gone.add(key)
        return gone

    def _refuse_present(self, coming: list[Json], gone: set[Key]) -> None:
        seen: set[Key] = set()
        for place, rrset in enumerate(coming):
            key = _key(rrset)
            if key in seen or (key in self.rrsets and key not in gone):
                text = f"The resource 'entity.change.additions[{place}]' named '{key[0]} ({key[1]})' already exists"
                raise Refused(409, Cause("alreadyExists", text))
            seen.add(key)

    def _refuse_apex(self, gone: set[Key], coming: list[Json]) -> None:
        keys = [_key(rrset) for rrset in coming]
        for kind in ("SOA", "NS"):
            if (self.dns_name, kind) in gone and (self.dns_name, kind) not in keys:
                text = f"The resource record set of type '{kind}' at the zone's apex cannot be removed."
                raise Refused(400, Cause("invalidZoneApex", text))
        for place, (name, kind) in enumerate(keys):
            if (kind == "SOA" and name != self.dns_name) or (kind == "CNAME" and name == self.dns_name):
                text = (
                    f"The resource record set 'entity.change.additions[{place}]' of type {kind} is not permitted there."
                )
                raise Refused(400, Cause("invalidZoneApex", text))

    def _refuse_beside_cname(self, gone: set[Key], coming: list[Json]) -> None:
        types: dict[str, set[str]] = {}
        for rrset in coming:
            name = rrset["name"]
            left = types.setdefault(name, {kind for kind in self._types[name] if (name, kind) not in gone})
            left.add(rrset["type"])
        for rrset in coming:
            name, kind = rrset["name"], rrset["type"]
            others = sorted(types[name] - {kind})
            if others and (kind == "CNAME" or "CNAME" in others):
                raise _beside_cname(name, kind, others[0])


def _key(rrset: Json) -> Key:
    return rrset["name"], rrset["type"]


def _beside_cname(name: str, kind: str, other: str) -> Refused:
    text = (
        f"The resource record set 'entity.change.additions[{name}][{kind}]' is invalid because the DNS name '{name}' "
        f"has a resource record set of the type '{other}'. A DNS name may have either one CNAME resource record set or "
        "resource record sets of other types, but not both."
    )
    return Refused(400, Cause("cnameResourceRecordSetConflict", text))


def _keep_to(quota: Quota, deletions: list[Json], additions: list[Json]) -> None:
    """Every quota that is exceeded is told."""
    size = sum(len(text.encode()) for rrset in (*deletions, *additions) for text in rrset.get("rrdatas", ()))
    counted = {
        "additions": (len(additions), quota.rrset_additions_per_change),
        "deletions": (len(deletions), quota.rrset_deletions_per_change),
        "total rrdata size": (size, quota.total_rrdata_size_per_change),
    }
    causes = [
        Cause("quotaExceeded", f"The change would exceed quota for {what} per change.")
        for what, (count, most) in counted.items()
        if count > most
    ]
    if causes:
        raise Refused(403, *causes)


def _rrdatas(where: str, rrset: Json, quota: Quota) -> list[str]:
    texts, kind = rrset.get("rrdatas", []), rrset["type"]
    if not texts:
        raise required(f"{where}.rrdata")
    if len(texts) > (1 if kind in {"CNAME", "ALIAS", "SOA"} else quota.resource_records_per_rrset):
        if kind in {"CNAME", "ALIAS", "SOA"}:
            raise invalid(f"{where}.rrdata", texts)
        raise Refused(403, Cause("quotaExceeded", f"'{where}' would exceed quota for resource records per rrset."))
    written = []
    for place, text in enumerate(texts):
        try:
            written.append(written_down(kind, text))
        except ValueError as error:
            raise invalid(f"{where}.rrdata[{place}]", text) from error
        if written[-1] in written[:-1]:
            raise invalid(f"{where}.rrdata[{place}]", text)
    return written


def _policy(where: str, rrset: Json) -> Json:
    policy: Json = rrset["routingPolicy"]
    if "rrdatas" in rrset or sum(kind in policy for kind in _POLICIES) != 1:
        raise invalid(f"{where}.routingPolicy", sorted(policy))
    for items in (policy[kind].get("items", []) for kind in _POLICIES if kind in policy):
        for item in items:
            for text in item.get("rrdatas", ()):
                try:
                    written_down(rrset["type"], text)
                except ValueError as error:
                    raise invalid(f"{where}.routingPolicy", text) from error
    return policy
