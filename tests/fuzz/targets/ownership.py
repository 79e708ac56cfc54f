"""TXT records that may be a claim, an ownership or ExternalDNS': what is read is what would be written."""

from feddns.model.labels import is_hostname, is_label
from feddns.model.records import TXT, DnsName, RecordSet
from feddns.naming import Names
from feddns.plan.claim import next_fence, read_claim
from feddns.plan.ownership import ownership, read_external_dns, read_ownership


def fuzz(data: bytes) -> None:
    name, _, text = data.decode("utf-8", "replace").partition("\n")
    record_set = RecordSet(DnsName(name), TXT, 300, tuple(sorted(text.split("\n"))))
    claim = read_claim(record_set)
    if claim is not None:
        fence = next_fence(Names.of("fed", "example.com"), "owner", record_set)
        assert fence.desired is not None
        again = read_claim(fence.desired)
        assert again is not None
        assert again.seq == claim.seq + 1 or claim.seq == 10**18 - 1
        assert {each.cause for each in again.spent} == {each.cause for each in claim.spent}
    owned = read_ownership(record_set)
    if owned is not None:
        assert is_hostname(owned.hostname)
        assert is_label(owned.service.name)
        assert is_label(owned.service.namespace)
        made = ownership(
            Names.of(owned.federation, "example.com"), owned.owner, owned.service, owned.hostname, owned.region
        )
        assert read_ownership(made) == owned
    read_external_dns(record_set)
