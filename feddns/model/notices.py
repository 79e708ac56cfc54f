"""What the owner of a Service is told: that something turned, and the words in which problems are named."""

import enum
from collections.abc import Mapping
from typing import Final

import msgspec


class Turn(enum.Enum):
    """Something that turned; each has the reason and the type that Kubernetes Events have."""

    BECAME_HEALTHY = ("BecameHealthy", "Normal", "The shard of this cluster is healthy; DNS answers with it, or will.")
    BECAME_UNHEALTHY = (
        "BecameUnhealthy",
        "Warning",
        "Evidence speaks against the shard of this cluster; says which, and what follows for DNS.",
    )
    BECAME_UNKNOWN = (
        "BecameUnknown",
        "Warning",
        "feddns cannot see the cluster; its last answers stay, unless a second witness speaks against them.",
    )
    FAILED_OVER = (
        "FailedOver",
        "Warning",
        "A name of this cluster's zone or region no longer has addresses of its own, and leads to the next wider one.",
    )
    FAILED_BACK = ("FailedBack", "Normal", "A name of this cluster's zone or region has addresses of its own again.")

    def __init__(self, reason: str, type_: str, meaning: str) -> None:
        self.reason = reason
        self.type = type_
        self.meaning = meaning


class Notice(msgspec.Struct, frozen=True, gc=False):
    """One turn of one thing about a Service.

    Attributes:
        topic: the thing: of several turns of it that nobody was told of, only what they come to counts.
        before: its state before.
        after: its state now.
        turn: what kind of turn that is.
        text: what became of it and why, for people.
    """

    topic: str
    before: str
    after: str
    turn: Turn
    text: str


PROBLEMS: Final[Mapping[str, str]] = {
    "ApexNeedsAddresses": "A hostname is the zone's apex, where no CNAME may stand, and there are no addresses for it.",
    "ChangesFrozen": "Changes wait as long as everything is frozen; `feddns thaw` releases them.",
    "DeletionHeld": "Records stay because a budget of deletions is used up; the text says what releases them.",
    "ForeignRecords": "Somebody else keeps records at a name of this Service, which stays as it is.",
    "HostnameInNoZone": "A hostname is in no zone that is written.",
    "HostnameLoops": "A host name would lead to itself.",
    "HostnameNotAllowed": "The configuration does not allow this namespace this hostname.",
    "HostnameNotResolved": "A load balancer's host name has no address just now.",
    "HostnameReserved": "A hostname is one of the federation's own names.",
    "HostnameTaken": "A hostname belongs to another Service, or to somebody else.",
    "HostnameWithoutRegion": "A hostname is asked for a region in which this Service has no name.",
    "HostnamesDiffer": "Clusters ask for different things at the same hostname.",
    "InvalidAnnotation": "An annotation, or an entry of one, has a value that is refused and counts as not given.",
    "InvalidHostname": "A hostname cannot be written.",
    "InvalidLoadBalancerEntry": "An entry of the load balancer's status is no address that clients can connect to.",
    "InvalidName": "The Service, region or zone makes no valid DNS name.",
    "NoPortToProbe": "The probe asks for a port that the Service does not have.",
    "Refused": "The DNS provider refuses the records of this Service; the others go on.",
    "TTLsDiffer": "Clusters ask for different TTLs.",
    "TooManyLoadBalancerEntries": "The load balancer has more entries than are read.",
    "UnknownAnnotation": "An annotation begins with `feddns.io/` and does not exist.",
    "WithdrawalHeld": "A brake keeps in the answers what evidence speaks against; the text says what releases it.",
}
"""The reasons of problems that are told beside a Service, each as a Warning, and what they mean."""
