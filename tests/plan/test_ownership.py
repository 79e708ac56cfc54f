import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import TXT, A, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.claim import read_claim
from feddns.plan.ownership import (
    ExternalDns,
    Ownership,
    owned_name,
    ownership,
    read_external_dns,
    read_ownership,
)
from tests.builders import FED, NGINX, a_claim
from tests.strategies import keys

long_labels = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
owners = st.from_regex(r"[A-Za-z0-9._-]{1,63}", fullmatch=True)
hostnames = st.lists(long_labels.filter(lambda label: not label.isdecimal()), min_size=2, max_size=3).map(
    lambda labels: DnsName(".".join(labels) + ".")
)
H = DnsName("nginx.example.com.")


def text(*values: str, name: str = f"_feddns.{H}") -> RecordSet:
    return RecordSet(DnsName(name), TXT, 300, values)


@given(long_labels, owners, st.builds(ServiceKey, long_labels, long_labels), hostnames, st.just("") | long_labels)
def test_what_is_written_is_read_and_no_string_of_it_is_too_long(
    federation: str, owner: str, key: ServiceKey, hostname: DnsName, region: str
) -> None:
    record = ownership(Names.of(federation, "example.com"), owner, key, hostname, region)
    assert read_ownership(record) == Ownership(federation, owner, hostname, key, region)
    assert owned_name(record.name) == hostname
    strings = record.values[0].strip('"').split('" "')
    assert all(0 < len(string) <= 255 for string in strings)
    assert record.values[0].startswith('"') is (len(strings) > 1)


def test_the_text_is_this() -> None:
    assert ownership(FED, "me", NGINX, H) == text("heritage=feddns,federation=fed,owner=me,service=mynamespace/nginx")
    assert ownership(FED, "me", NGINX, H, "eu").values == (
        "heritage=feddns,federation=fed,owner=me,service=mynamespace/nginx,region=eu",
    )


@given(keys, st.data())
def test_no_text_whatever_raises(key: ServiceKey, data: st.DataObject) -> None:
    good = ownership(FED, "me", key, H).values[0]
    cut = data.draw(st.integers(0, len(good)))
    bad = text(good[:cut] + data.draw(st.text(max_size=4)) + good[cut:])
    read_ownership(bad)
    read_external_dns(bad)


@pytest.mark.parametrize(
    "record",
    [
        a_claim(),
        text("heritage=feddns,federation=fed,owner=me,service=a/b", name=H),
        text("heritage=feddns,federation=fed,owner=me,service=a/b", name=f"_feddns._feddns.{H}"),
        text("heritage=feddns,federation=fed,owner=me,service=a/b", name="_feddns.com."),
        text("heritage=feddns,federation=fed,owner=me,service=a/b/c"),
        text("heritage=feddns,federation=fed,owner=me,service=a"),
        text("heritage=feddns,federation=fed,owner=me,service=a/_b"),
        text("heritage=feddns,federation=fed,owner=me,service=a/b,region="),
        text("heritage=feddns,federation=fed,owner=me,service=a/b,region=e.u"),
        text("heritage=feddns,federation=fed,owner=me,service=a/b,more=x"),
        text("heritage=feddns,federation=fed,owner=me,service=a/b", "v=spf1 -all"),
        text(),
        RecordSet(DnsName(f"_feddns.{H}"), A, 60, ("192.0.2.1",)),
    ],
)
def test_what_is_no_ownership(record: RecordSet) -> None:
    assert read_ownership(record) is None


def test_an_ownership_is_no_claim() -> None:
    assert read_claim(ownership(FED, "me", NGINX, H)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "heritage=external-dns,external-dns/owner=prod,external-dns/resource=service/shop/nginx",
            ExternalDns("prod", "service/shop/nginx"),
        ),
        ("heritage=external-dns,external-dns/owner=prod", ExternalDns("prod", "")),
        (r'"\"heritage=external-dns,external-dns/owner=prod\""', ExternalDns("prod", "")),
        ('"heritage=external-dns,external-dns/own" "er=prod"', ExternalDns("prod", "")),
        ("heritage=external-dns", ExternalDns("", "")),
        ("heritage=feddns,federation=fed,owner=me,seq=1", None),
        ("v=spf1 -all", None),
    ],
)
def test_the_registry_of_external_dns_is_read(value: str, expected: ExternalDns | None) -> None:
    assert read_external_dns(text(value, name=H)) == expected
    assert read_external_dns(text("v=spf1 -all", value, name=H)) == expected
    assert read_external_dns(RecordSet(H, A, 60, ("192.0.2.1",))) is None
