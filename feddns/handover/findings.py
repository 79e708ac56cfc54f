"""What adopting a zone means: what is asked for, what is found there, and what it comes to."""

from typing import Literal

import msgspec

from feddns.handover.proof import Difference
from feddns.handover.registry import Affixes, Entry
from feddns.handover.takeover import Takeover
from feddns.model.changes import Batch, Change, Limits
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Terms
from feddns.plan.ownership import ExternalDns
from feddns.plan.proposal import Plan

Fate = Literal["same", "ttl", "replaced", "deleted"]
"""What becomes of a found record set once feddns runs: nothing, another TTL, other values, or its end."""


class Request(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        terms: on which the zone will be written.
        limits: of its provider.
        affixes: around the names of ExternalDNS' TXT records.
        registry_owner: the `--txt-owner-id` of the ExternalDNS that is taken over from; empty for any.
        allow_changes: whether a person has said that found records may be others afterwards.
        unseen: the clusters that cannot be seen.
    """

    terms: Terms
    limits: Limits
    affixes: Affixes = Affixes()
    registry_owner: str = ""
    allow_changes: bool = False
    unseen: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, gc=False):
    """A record set at one of the federation's names.

    Attributes:
        external_dns: what ExternalDNS' registry says of it; None where nothing, as for what Kubernetes' cluster
            federation wrote itself.
        fate: what becomes of it afterwards.
    """

    record_set: RecordSet
    external_dns: ExternalDns | None
    fate: Fate


class Adoption(msgspec.Struct, frozen=True):
    """What adopting a zone means.

    Attributes:
        zone: its name.
        is_ours: whether the claim is ours already.
        services: what was found at the federation's names.
        takeovers: hostnames outside of the pattern that become feddns'.
        registry: entries of ExternalDNS that go, so that it no longer takes adopted names for its own.
        unread: record sets where entries would be, that cannot be read as such: they may be encrypted.
        batches: what is to be written; empty where there is nothing to do.
        compared: how many names' answers were compared.
        differences: the names that do not resolve to the same before and after the batches.
        afterwards: what feddns would then do.
        refusals: why it is not done; empty where it may be.
    """

    zone: str
    is_ours: bool
    services: tuple[tuple[ServiceKey, tuple[Found, ...]], ...]
    takeovers: tuple[Takeover, ...]
    registry: tuple[Entry, ...]
    unread: tuple[RecordSet, ...]
    batches: tuple[Batch, ...]
    compared: int
    differences: tuple[Difference, ...]
    afterwards: Plan
    refusals: tuple[str, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, beside the claim."""
        return tuple(change for batch in self.batches for change in batch.changes)
