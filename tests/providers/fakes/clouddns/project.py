"""A project of Cloud DNS, asked with decoded requests."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tests.providers.fakes.clouddns.discovery import Discovery, Method
from tests.providers.fakes.clouddns.faults import Cut, Script
from tests.providers.fakes.clouddns.identity import PERMISSIONS, Identities, Principal, require
from tests.providers.fakes.clouddns.rate import Rate
from tests.providers.fakes.clouddns.refusal import Cause, Refused, missing
from tests.providers.fakes.clouddns.zone import Quota, Zone

Json = dict[str, Any]


class Request(msgspec.Struct, frozen=True):
    """One request, decoded; names of headers in lower case."""

    verb: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class Dropped(Exception):
    """The connection is to be reset without an answer."""


class Project:
    """What one project holds, and how it answers.

    Attributes:
        name: the project's id.
        zones: managed zones by name.
        quota: what a change may hold.
        largest_page: as many resources as one answer has at most, whatever is asked for.
        pending_polls: so many times `changes.get` says that a change is pending, before it is done.
        identities: who may ask.
        faults: what goes wrong next.
        rate: how many requests are taken.
        calls: how often each method was asked.
        quota_projects: what the header `X-Goog-User-Project` said.
        defects: where the fake itself broke the published description; a test must find none.
    """

    def __init__(self, name: str = "a-project", clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.zones: dict[str, Zone] = {}
        self.quota = Quota()
        self.largest_page = 1_000
        self.pending_polls = 1
        self.identities = Identities()
        self.faults = Script()
        self.rate = Rate(clock)
        self.calls: Counter[str] = Counter()
        self.quota_projects: set[str] = set()
        self.defects: list[str] = []
        self._discovery = Discovery.shipped()
        self._polled: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add_zone(self, name: str, dns_name: str = "example.com.", *, private: bool = False, **more: Any) -> Zone:
        """Make a managed zone; `more` are other fields of its resource."""
        zone = self.zones[name] = Zone(name, dns_name, private=private, number=len(self.zones) + 1, **more)
        return zone

    def answer(self, request: Request) -> Json:
        """Carry out a request.

        Raises:
            Refused: it is refused.
            Dropped: the connection breaks.
        """
        found = self._discovery.find(request.verb, request.path)
        if found is None:
            raise Refused(404, Cause("notFound", f"{request.verb} {request.path}: there is no such method"))
        method, parameters = found
        with self._lock:
            self.calls[method.name] += 1
            self.quota_projects.add(request.headers.get("x-goog-user-project", ""))
            fault = self.faults.take(method.name)
            if isinstance(fault, Refused):
                raise fault
            if fault is Cut.BEFORE:
                raise Dropped
            answer = self._carry_out(method, parameters, request)
            self._look_at(method, answer)
            if fault is Cut.AFTER:
                raise Dropped
            return answer

    def _carry_out(self, method: Method, parameters: Mapping[str, str], request: Request) -> Json:
        principal = self.identities.who(request.headers.get("authorization", ""))
        self.rate.take()
        faults = self._discovery.query_faults(method, request.query)
        if faults:
            raise Refused(400, Cause("badRequest", f"Unknown or malformed parameters: {'; '.join(faults)}"))
        if method.name not in PERMISSIONS:
            raise Refused(501, Cause("notImplemented", f"this fake does not do {method.name}"))
        if parameters["project"] != self.name:
            raise Refused(403, Cause("forbidden", f"Permission denied on resource project {parameters['project']}."))
        require(principal, *PERMISSIONS[method.name])
        body = self._body(method, request.body)
        return _DO[method.name](self, parameters, request.query, body, principal)

    def _body(self, method: Method, octets: bytes) -> Json:
        if not method.request:
            return {}
        try:
            body = msgspec.json.decode(octets)
        except msgspec.DecodeError as error:
            raise Refused(400, Cause("parseError", f"Parse Error: {error}")) from error
        faults = self._discovery.faults(method.request, body)
        if faults:
            raise Refused(400, Cause("badRequest", f"Invalid JSON payload received. {'; '.join(faults)}"))
        return dict(body)

    def _look_at(self, method: Method, answer: Json) -> None:
        """Hold our own answer against the description."""
        faults = self._discovery.faults(method.response, answer)
        if faults:
            self.defects.append(f"{method.name} answered {'; '.join(faults)}")
            raise Refused(500, Cause("backendError", self.defects[-1]))

    def _zone(self, parameters: Mapping[str, str]) -> Zone:
        name = parameters["managedZone"]
        by_number = {zone.resource()["id"]: zone for zone in self.zones.values()}
        zone = self.zones.get(name) or by_number.get(name)
        if zone is None:
            raise missing("parameters.managedZone", name)
        return zone

    def _get_project(self, *_: Any) -> Json:
        quota = {"kind": "dns#quota", **msgspec.to_builtins(self.quota)}
        return {"kind": "dns#project", "id": self.name, "number": "123456789", "quota": quota}

    def _get_zone(self, parameters: Mapping[str, str], *_: Any) -> Json:
        return self._zone(parameters).resource()

    def _list_zones(self, _: Mapping[str, str], query: Mapping[str, str], *__: Any) -> Json:
        wanted = query.get("dnsName")
        zones = [zone.resource() for zone in self.zones.values() if wanted in {None, zone.dns_name}]
        return {"kind": "dns#managedZonesListResponse"} | self._page("managedZones", zones, query)

    def _list_rrsets(self, parameters: Mapping[str, str], query: Mapping[str, str], *_: Any) -> Json:
        if "type" in query and "name" not in query:
            raise Refused(400, Cause("invalid", "Invalid value for 'parameters.type': it needs 'parameters.name'"))
        rrsets = self._zone(parameters).rrsets
        wanted = [
            rrsets[key]
            for key in sorted(rrsets)
            if query.get("name") in {None, key[0]} and query.get("type") in {None, key[1]}
        ]
        return {"kind": "dns#resourceRecordSetsListResponse"} | self._page("rrsets", wanted, query)

    def _create_change(self, parameters: Mapping[str, str], _: Any, body: Json, principal: Principal) -> Json:
        unknown = body.keys() - {"additions", "deletions", "kind"}
        if unknown:
            raise Refused(400, Cause("badRequest", f"Output only: {sorted(unknown)}"))
        require(principal, *_needed(body))
        return dict(self._zone(parameters).change(body, self.quota))

    def _get_change(self, parameters: Mapping[str, str], *_: Any) -> Json:
        zone, number = self._zone(parameters), parameters["changeId"]
        if not number.isdecimal() or int(number) >= len(zone.changes):
            raise missing("parameters.changeId", number)
        self._polled[zone.name, number] += 1
        if self._polled[zone.name, number] > self.pending_polls:
            zone.changes[int(number)]["status"] = "done"
        return zone.changes[int(number)]

    def _list_changes(self, parameters: Mapping[str, str], query: Mapping[str, str], *_: Any) -> Json:
        is_descending = query.get("sortOrder") == "descending"
        changes = sorted(self._zone(parameters).changes, key=lambda change: int(change["id"]), reverse=is_descending)
        return {"kind": "dns#changesListResponse"} | self._page("changes", changes, query)

    def _page(self, field: str, resources: Sequence[Json], query: Mapping[str, str]) -> Json:
        size = min(int(query.get("maxResults", "100")), self.largest_page)
        if size < 1:
            raise Refused(400, Cause("invalid", "Invalid value for 'parameters.maxResults': '0'"))
        start = _place(query.get("pageToken", ""))
        page: Json = {field: list(resources[start : start + size])}
        if start + size < len(resources):
            page["nextPageToken"] = base64.urlsafe_b64encode(f"at {start + size}".encode()).decode()
        return page


def _place(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).removeprefix(b"at "))
    except ValueError as error:
        raise Refused(400, Cause("invalid", f"Invalid value for 'parameters.pageToken': '{token}'")) from error


def _needed(change: Json) -> set[str]:
    """A set that is taken away and added again is updated (https://cloud.google.com/dns/docs/access-control)."""
    going, coming = (
        {(rrset.get("name"), rrset.get("type")) for rrset in change.get(side, [])}
        for side in ("deletions", "additions")
    )
    verbs = {"update": going & coming, "create": coming - going, "delete": going - coming}
    return {f"dns.resourceRecordSets.{verb}" for verb, keys in verbs.items() if keys}


_DO: Mapping[str, Callable[..., Json]] = {
    "projects.get": Project._get_project,  # noqa: SLF001 - the table of the class's own methods
    "managedZones.get": Project._get_zone,  # noqa: SLF001
    "managedZones.list": Project._list_zones,  # noqa: SLF001
    "resourceRecordSets.list": Project._list_rrsets,  # noqa: SLF001
    "changes.create": Project._create_change,  # noqa: SLF001
    "changes.get": Project._get_change,  # noqa: SLF001
    "changes.list": Project._list_changes,  # noqa: SLF001
}
