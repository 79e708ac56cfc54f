"""A service's DNS name at each scope, and back.

    S.N.F.svc.<zone>.<region>.D        S.N.F.svc.<region>.D        S.N.F.svc.D

for service S in namespace N of federation F, in the DNS zone D: the scheme of Kubernetes' cluster federation.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from feddns.errors import InvalidNameError
from feddns.model.labels import LABEL_OCTETS, NAME_OCTETS, absolute, is_label
from feddns.model.records import DnsName, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope

_SVC: Final = "svc"


class Names(msgspec.Struct, frozen=True):
    """The names of one federation in one zone.

    Attributes:
        federation: a DNS label.
        zone: the zone's apex.
        inner: zones below it that the federation writes too. Their names are not of this zone, though a provider may
            keep both in one place, where a label of the inner zone would look like a region.
    """

    federation: str
    zone: ZoneName
    inner: tuple[ZoneName, ...] = ()

    @classmethod
    def of(cls, federation: str, zone: str, zones: Iterable[ZoneName] = ()) -> "Names":
        """The names of a federation in a zone.

        Args:
            federation: its name.
            zone: with or without final dot, in any case.
            zones: all zones that the federation writes.
        """
        apex = ZoneName(absolute(zone))
        return cls(federation, apex, tuple(sorted({each for each in zones if each.endswith(f".{apex}")})))

    @property
    def claim(self) -> DnsName:
        """The name of the record that says who may write the federation's names."""
        return DnsName(f"_feddns.{self.federation}.{_SVC}.{self.zone}")

    def name(self, key: ServiceKey, scope: Scope) -> DnsName:
        """The name of a service at a scope.

        Raises:
            InvalidNameError: a label or the whole name is too long, or a label is no host label.
        """
        labels = [key.name, key.namespace, self.federation, _SVC]
        if scope.zone:
            labels.append(scope.zone)
        if scope.region:
            labels.append(scope.region)
        for label in labels:
            if not is_label(label):
                raise InvalidNameError(
                    f'{key}: "{label}" is no DNS label: 1 to {LABEL_OCTETS} lower-case letters, digits, inner hyphens'
                )
        name = ".".join(labels) + "." + self.zone
        if len(name) - 1 > NAME_OCTETS:
            raise InvalidNameError(f"{key}: {name} has {len(name) - 1} octets, and a DNS name at most {NAME_OCTETS}")
        if self.inner and self._is_inner(name):
            raise InvalidNameError(
                f"{key}: {name} is in a zone of its own that is written too; rename that or the region"
            )
        return DnsName(name)

    def parse(self, name: str) -> tuple[ServiceKey, Scope] | None:
        """The service and scope that a name stands for, or None where it is none of the federation's names."""
        if not name.endswith("." + self.zone) or (self.inner and self._is_inner(name)):
            return None
        labels = name[: -len(self.zone) - 1].split(".")
        if not 4 <= len(labels) <= 6 or labels[2] != self.federation or labels[3] != _SVC:
            return None
        if not all(is_label(label) for label in labels):
            return None
        key = ServiceKey(namespace=labels[1], name=labels[0])
        match labels[4:]:
            case [zone, region]:
                return key, Scope(region, zone)
            case [region]:
                return key, Scope(region)
            case _:
                return key, GLOBAL

    def _is_inner(self, name: str) -> bool:
        return any(name.endswith(f".{zone}") for zone in self.inner)
