"""The resources of the API (https://cloud.google.com/dns/docs/reference/rest/v1) that feddns reads and writes.

The library's own listing raises KeyError for a zone with any routed record set, and knows neither a zone's visibility
nor requests by name; so its objects are not used.
"""

from msgspec import UNSET, Raw, Struct, UnsetType

Names = tuple[str, ...]


class ResourceRecordSet(Struct, frozen=True, gc=False, rename="camel"):
    """One record set.

    Attributes:
        rrdatas: presentation form of each record's data; unset where a routing policy has them.
        routing_policy: how the answer depends on who asks; such a set is never feddns' own.
    """

    name: str
    type: str
    ttl: int | UnsetType = UNSET
    rrdatas: tuple[str, ...] | UnsetType = UNSET
    routing_policy: Raw | UnsetType = UNSET


class ResourceRecordSets(Struct, frozen=True, rename="camel"):
    """One page of a zone's record sets."""

    rrsets: tuple[ResourceRecordSet, ...] = ()
    next_page_token: str = ""


class Change(Struct, frozen=True, rename="camel"):
    """Record sets that are taken away and added together; the former first."""

    additions: tuple[ResourceRecordSet, ...] = ()
    deletions: tuple[ResourceRecordSet, ...] = ()


class AcceptedChange(Struct, frozen=True, rename="camel"):
    """A change that is committed.

    Attributes:
        additions: what was added, as the service has written it down.
        status: `pending` until all name servers have it, then `done`.
    """

    id: str
    status: str
    additions: tuple[ResourceRecordSet, ...] = ()


class ManagedZone(Struct, frozen=True, rename="camel"):
    """A zone of a project.

    Attributes:
        name: what it is called in the project.
        dns_name: its apex.
        visibility: `public` or `private`.
        forwarding_config: set where it only forwards queries; likewise the others: such zones hold no records.
    """

    name: str
    dns_name: str
    visibility: str = "public"
    name_servers: Names = ()
    forwarding_config: Raw | UnsetType = UNSET
    peering_config: Raw | UnsetType = UNSET
    service_directory_config: Raw | UnsetType = UNSET

    @property
    def private(self) -> bool:
        """Whether it is answered in VPC networks alone."""
        return self.visibility == "private"

    @property
    def holds_records(self) -> bool:
        """Whether its answers come from records of its own."""
        return self.forwarding_config is self.peering_config is self.service_directory_config is UNSET


class ManagedZones(Struct, frozen=True, rename="camel"):
    """One page of a project's zones."""

    managed_zones: tuple[ManagedZone, ...] = ()
    next_page_token: str = ""


class Quota(Struct, frozen=True, rename="camel"):
    """What one change of a project may hold.

    The defaults are those of https://cloud.google.com/dns/quotas.

    Attributes:
        total_rrdata_size_per_change: octets of all record data, deletions' included.
    """

    rrset_additions_per_change: int = 1_000
    rrset_deletions_per_change: int = 1_000
    total_rrdata_size_per_change: int = 100_000


class Project(Struct, frozen=True, rename="camel"):
    """A project, of which only the quota is of interest."""

    quota: Quota = Quota()
