"""One account: its hosted zones, its pace and what it is allowed."""

import itertools
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from botocore import xform_name

from tests.providers.fakes.route53.errors import ApiError, Refused
from tests.providers.fakes.route53.faults import AFTERWARDS, Fault, expired, prior_request_not_complete
from tests.providers.fakes.route53.values import normal_name, reversed_labels
from tests.providers.fakes.route53.zone import Zone

_LONGEST_PAGE = 300
_LONGEST_ZONES_PAGE = 100
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/[a-z0-9-]+/route53/aws4_request")


Asked = dict[str, Any]
Answer = dict[str, Any]


class Account:
    """Answers requests; many threads may ask.

    Attributes:
        calls: how many requests of each operation came, refused ones too.
        log: the time and the operation of each, and what it asked.
        keys: the access keys that they were signed with.
        faults: what goes wrong next.
        denied_keys: access keys that may do nothing.
        expired_keys: access keys whose session is over.
        allowed: the operations that are allowed; None for all.
        health_checks: the ids that exist.
    """

    def __init__(
        self,
        *,
        rate: float | None = None,
        burst: int = 5,
        busy_s: float = 0.0,
        pending_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.log: list[tuple[float, str, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.faults: deque[Fault] = deque()
        self.denied_keys: set[str] = set()
        self.expired_keys: set[str] = set()
        self.allowed: frozenset[str] | None = None
        self.health_checks: frozenset[str] = frozenset()
        self.zones: dict[str, Zone] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.clock = clock
        self.busy_s = busy_s
        self.pending_s = pending_s
        self._bucket = None if rate is None else Bucket(rate, burst, clock)
        self._changes: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def add_zone(self, name: str, *, private: bool = False, vpcs: Sequence[str] = ()) -> Zone:
        """Make a hosted zone."""
        zone = Zone(f"Z{next(self._numbers):013}FAKE", name, private=private, vpcs=vpcs)
        self.zones[zone.id] = zone
        return zone

    def answer(
        self, operation: str, authorization: str, read: Callable[[], Asked]
    ) -> tuple[Answer | ApiError, Fault | None]:
        """What comes of a request, and what goes wrong with it.

        Args:
            operation: which.
            authorization: the request's header.
            read: gives what it asks, or raises an ApiError.
        """
        with self._lock:
            self.calls[operation] += 1
            fault = self._next_fault(operation)
            if fault is not None and fault.kind not in AFTERWARDS:
                return fault.error(), fault
            try:
                self._admit(operation, authorization)
                parameters = read()
                self.log.append((self.clock(), operation, parameters))
                return getattr(self, f"_{xform_name(operation)}")(parameters), fault
            except ApiError as error:
                return error, fault

    def _next_fault(self, operation: str) -> Fault | None:
        if self.faults and self.faults[0].operation in {"", operation}:
            return self.faults.popleft()
        return None

    def _admit(self, operation: str, authorization: str) -> None:
        match = _CREDENTIAL.match(authorization)
        if match is None:
            raise ApiError("MissingAuthenticationToken", "Missing Authentication Token", 403)
        self.keys.append(match[1])
        if self._bucket is not None and not self._bucket.take():
            raise ApiError("Throttling", "Rate exceeded")
        if match[1] in self.expired_keys:
            raise expired()
        if match[1] in self.denied_keys or (self.allowed is not None and operation not in self.allowed):
            raise ApiError(
                "AccessDenied",
                f"User: arn:aws:iam::111122223333:user/{match[1]} is not authorized to perform: route53:{operation} "
                f"because no identity-based policy allows the route53:{operation} action",
                403,
            )

    # --- the operations, each with what it is asked

    def _change_resource_record_sets(self, asked: Asked) -> Answer:
        zone = self._zone(asked["HostedZoneId"])
        if self.clock() < zone.busy_until:
            raise prior_request_not_complete()
        zone.change(asked["ChangeBatch"]["Changes"], self.health_checks)
        zone.busy_until = self.clock() + self.busy_s
        return {"ChangeInfo": self._change_info()}

    def _create_hosted_zone(self, asked: Asked) -> Answer:
        reference = asked["CallerReference"]
        if any(zone.reference == reference for zone in self.zones.values()):
            raise ApiError("HostedZoneAlreadyExists", f"A hosted zone was made with {reference} already.", 409)
        private = asked.get("HostedZoneConfig", {}).get("PrivateZone", False) or "VPC" in asked
        if private and "VPC" not in asked:
            raise ApiError("InvalidInput", "When you're creating a private hosted zone, you must specify a VPC.")
        try:
            zone = self.add_zone(asked["Name"], private=private, vpcs=[asked["VPC"]["VPCId"]] if private else [])
        except Refused as refused:
            raise ApiError("InvalidDomainName", str(refused)) from refused
        zone.reference = reference
        told = {"HostedZone": self._told(zone), "ChangeInfo": self._change_info(), "Location": f"/hostedzone/{zone.id}"}
        return {**told, **({"VPC": asked["VPC"]} if private else {}), "DelegationSet": _delegation_set(zone)}

    def _get_change(self, asked: Asked) -> Answer:
        number = asked["Id"]
        if number not in self._changes:
            raise ApiError("NoSuchChange", f"A change with the specified change ID does not exist: {number}", 404)
        return {"ChangeInfo": self._told_change(number)}

    def _get_hosted_zone(self, asked: Asked) -> Answer:
        zone = self._zone(asked["Id"])
        if zone.private:
            return {"HostedZone": self._told(zone), "VPCs": [{"VPCId": vpc} for vpc in zone.vpcs]}
        return {"HostedZone": self._told(zone), "DelegationSet": _delegation_set(zone)}

    def _list_hosted_zones(self, asked: Asked) -> Answer:
        marker, most = asked.get("Marker", ""), _page(asked, _LONGEST_ZONES_PAGE)
        zones = [zone for zone in self.zones.values() if zone.id >= marker]
        more = {"NextMarker": zones[most].id} if len(zones) > most else {}
        told = [self._told(zone) for zone in zones[:most]]
        return {"HostedZones": told, "Marker": marker, "IsTruncated": bool(more), "MaxItems": str(most), **more}

    def _list_hosted_zones_by_name(self, asked: Asked) -> Answer:
        most = _page(asked, _LONGEST_ZONES_PAGE)
        zones = sorted(self.zones.values(), key=lambda zone: (reversed_labels(zone.name), zone.id))
        if "DNSName" in asked:
            start = reversed_labels(normal_name(asked["DNSName"])), asked.get("HostedZoneId", "")
            zones = [zone for zone in zones if (reversed_labels(zone.name), zone.id) >= start]
        truncated = len(zones) > most
        more = {"NextDNSName": zones[most].name, "NextHostedZoneId": zones[most].id} if truncated else {}
        told = [self._told(zone) for zone in zones[:most]]
        return {"HostedZones": told, "IsTruncated": truncated, "MaxItems": str(most), **more}

    def _list_resource_record_sets(self, asked: Asked) -> Answer:
        name, kind, identifier = (asked.get(f"StartRecord{part}", "") for part in ("Name", "Type", "Identifier"))
        if (kind and not name) or (identifier and not kind):
            raise ApiError("InvalidInput", "a type needs a name before it, and an identifier needs a type")
        most = _page(asked, _LONGEST_PAGE)
        try:
            sets, following = self._zone(asked["HostedZoneId"]).page((name, kind, identifier), most)
        except Refused as refused:
            raise ApiError("InvalidInput", str(refused)) from refused
        answer = {"ResourceRecordSets": sets, "IsTruncated": following is not None, "MaxItems": str(most)}
        if following is not None:
            answer |= {"NextRecordName": following["Name"], "NextRecordType": following["Type"]}
            if "SetIdentifier" in following:
                answer["NextRecordIdentifier"] = following["SetIdentifier"]
        return answer

    def _list_tags_for_resource(self, asked: Asked) -> Answer:
        return {"ResourceTagSet": self._tagged(asked["ResourceType"], asked["ResourceId"])}

    def _list_tags_for_resources(self, asked: Asked) -> Answer:
        return {"ResourceTagSets": [self._tagged(asked["ResourceType"], found) for found in asked["ResourceIds"]]}

    # ---

    def _zone(self, zone_id: str) -> Zone:
        if zone_id not in self.zones:
            raise ApiError("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
        return self.zones[zone_id]

    def _told(self, zone: Zone) -> dict[str, Any]:
        return {
            "Id": f"/hostedzone/{zone.id}",
            "Name": zone.name,
            "CallerReference": zone.reference or zone.id,
            "Config": {"PrivateZone": zone.private},
            "ResourceRecordSetCount": len(zone),
        }

    def _change_info(self) -> dict[str, Any]:
        number = f"C{next(self._numbers):013}FAKE"
        self._changes[number] = self.clock() + self.pending_s
        return self._told_change(number)

    def _told_change(self, number: str) -> dict[str, Any]:
        status = "PENDING" if self.clock() < self._changes[number] else "INSYNC"
        return {"Id": f"/change/{number}", "Status": status, "SubmittedAt": "2026-01-01T00:00:00.000Z"}

    def _tagged(self, kind: str, resource: str) -> dict[str, Any]:
        if kind == "hostedzone":
            self._zone(resource)
        tags = [{"Key": key, "Value": value} for key, value in self.tags.get(resource, {}).items()]
        return {"ResourceType": kind, "ResourceId": resource, "Tags": tags}


class Bucket:
    """A token bucket: so many requests a second, and so many at once after a rest."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._at = float(burst), clock()

    def take(self) -> bool:
        """Whether one more request may go."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._rate, self._burst)
        self._at = now
        if self._tokens < 1 - 1e-6:
            return False
        self._tokens -= 1
        return True


def _page(asked: Asked, most: int) -> int:
    wanted = asked.get("MaxItems", str(most))
    if not wanted.isdigit() or int(wanted) < 1:
        raise ApiError("InvalidInput", f"maxitems is a number from 1 on, not {wanted}")
    return min(int(wanted), most)


def _delegation_set(zone: Zone) -> Answer:
    return {"NameServers": [server.rstrip(".") for server in zone.servers or ("ns-0.awsdns-00.com",)]}
