"""Clusters that Secrets bring in: each Secret with the label `feddns.io/cluster` has the kubeconfig of one."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import msgspec

from feddns.clock import STEADY
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Credentials
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.kubernetes.following import Objects, decoded, follow, list_objects
from feddns.clusters.members import Member
from feddns.clusters.wire import Metadata, Wire
from feddns.config.settings import ClusterSettings, WatchSettings
from feddns.errors import ClusterError
from feddns.model.labels import is_label
from feddns.telemetry.events import LogEvent, log

LABEL: Final = "feddns.io/cluster"
"""Of a Secret; its value is the cluster's name."""
REGION: Final = "feddns.io/region"
ZONES: Final = "feddns.io/zones"
"""Annotations of a Secret that say where its cluster is."""
KEY: Final = "kubeconfig"
"""Of a Secret's data."""

_QUERY: Final = {"labelSelector": LABEL}
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class _Secret(Wire):
    """The part of a core/v1 Secret in use."""

    metadata: Metadata
    data: dict[str, str] | None = None


class SecretRoster:
    """See `feddns.clusters.roster.Roster`.

    Args:
        namespace: of the Secrets.
        credentials: of the cluster that has them.
        watch: time limits.
    """

    def __init__(self, namespace: str, credentials: Credentials, watch: WatchSettings) -> None:
        self._namespace = namespace
        self._path = f"/api/v1/namespaces/{namespace}/secrets"
        self._credentials = credentials
        self._watch = watch

    def describe(self) -> str:
        """See `Roster`."""
        return f"the Secrets labelled {LABEL} in the namespace {self._namespace}"

    async def read(self) -> tuple[Member, ...]:
        """See `Roster`."""
        access = Access(self._credentials, self._watch, STEADY)
        try:
            objects, _ = await list_objects(access, self._path, _QUERY)
            return members(decoded(bytes(each), _Secret) for each in objects)
        except ClusterError as error:
            raise ClusterError(self._explained(error)) from None
        finally:
            await access.close()

    async def watch(self, seen: Callable[[tuple[Member, ...]], None]) -> None:
        """See `Roster`."""
        access = Access(self._credentials, self._watch, STEADY)
        told = ""

        def tell(found: Iterable[_Secret]) -> None:
            nonlocal told
            told = ""
            seen(members(found))

        def trouble(error: ClusterError) -> None:
            nonlocal told
            text = self._explained(error)
            if text != told:
                log(LogEvent.MEMBERS_UNREADABLE, reason=text)
            told = text

        try:
            await follow(access, Objects(self._path, _QUERY), _Following(tell), self._watch, trouble)
        finally:
            await access.close()

    def _explained(self, error: ClusterError) -> str:
        if isinstance(error, Refused) and error.status == HTTPStatus.FORBIDDEN:
            return (
                f"{self.describe()} may not be read: {error}. A Role in that namespace must allow list and watch "
                "of secrets"
            )
        return f"{self.describe()} cannot be read: {error}"


class _Following:
    """The Secrets as they are told of, by name."""

    def __init__(self, tell: Callable[[Iterable[_Secret]], None]) -> None:
        self._tell = tell
        self._secrets: dict[str, _Secret] = {}

    def listed(self, objects: Sequence[msgspec.Raw]) -> None:
        """See `Followed`."""
        found = [decoded(bytes(each), _Secret) for each in objects]
        self._secrets = {each.metadata.name: each for each in found}
        self._tell(self._secrets.values())

    def put(self, each: msgspec.Raw) -> None:
        """See `Followed`."""
        secret = decoded(bytes(each), _Secret)
        self._secrets[secret.metadata.name] = secret
        self._tell(self._secrets.values())

    def gone(self, each: msgspec.Raw) -> None:
        """See `Followed`."""
        self._secrets.pop(decoded(bytes(each), _Secret).metadata.name, None)
        self._tell(self._secrets.values())


def members(secrets: Iterable[_Secret]) -> tuple[Member, ...]:
    """What Secrets say, the oldest first, so that a younger one takes no cluster's name."""
    oldest_first = sorted(secrets, key=lambda each: (each.metadata.creation_timestamp or _FIRST, each.metadata.name))
    return tuple(member for each in oldest_first if (member := _member(each)) is not None)


def _member(secret: _Secret) -> Member | None:
    name = (secret.metadata.labels or {}).get(LABEL)
    if not name:
        return None
    annotations = secret.metadata.annotations or {}
    origin = f"Secret {secret.metadata.namespace}/{secret.metadata.name}"
    region = annotations.get(REGION, "").strip() or None
    zones = tuple(filter(None, (zone.strip() for zone in annotations.get(ZONES, "").split(",")))) or None
    settings = ClusterSettings(name, region=region, zones=zones)
    kubeconfig, fault = _kubeconfig(secret.data or {})
    return Member(settings, kubeconfig, origin, fault or _fault(region, zones))


def _kubeconfig(data: dict[str, str]) -> tuple[bytes, str]:
    if KEY not in data:
        return b"", f"it has no key {KEY}"
    try:
        return b64decode(data[KEY], validate=True), ""
    except ValueError:
        return b"", f"its key {KEY} is not base64"


def _fault(region: str | None, zones: tuple[str, ...] | None) -> str:
    for annotation, values in ((REGION, (region,) if region else ()), (ZONES, zones or ())):
        for value in values:
            if not is_label(value):
                return f"its annotation {annotation} has {value[:70]!r}, which is no DNS label"
    if zones and not region:
        return f"it has the annotation {ZONES}, but not {REGION}; a zone's name stands below its region's"
    return ""
