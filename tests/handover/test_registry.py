import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.handover.registry import Affixes, overlooked, read_registry
from feddns.model.records import TXT, DnsName, RecordSet

SAID = "heritage=external-dns,external-dns/owner=old,external-dns/resource=service/shop/nginx"


def entry(name: str, text: str = SAID) -> RecordSet:
    return RecordSet(DnsName(name), TXT, 300, (text,))


FORMS = [  # as kubernetes-sigs/external-dns 0.21 makes and reads them
    ("", "", "nginx.example.com.", ("nginx.example.com.", "")),
    ("", "", "a-nginx.example.com.", ("nginx.example.com.", "A")),
    ("", "", "aaaa-nginx.example.com.", ("nginx.example.com.", "AAAA")),
    ("", "", "cname-nginx.example.com.", ("nginx.example.com.", "CNAME")),
    ("", "", "my-nginx.example.com.", ("my-nginx.example.com.", "")),
    ("owner-", "", "owner-a-nginx.example.com.", ("nginx.example.com.", "A")),
    ("owner-", "", "owner-nginx.example.com.", ("nginx.example.com.", "")),
    ("owner.", "", "owner.a-nginx.example.com.", ("nginx.example.com.", "A")),
    ("Owner.", "", "owner.a-nginx.example.com.", ("nginx.example.com.", "A")),
    ("owner-", "", "a-nginx.example.com.", None),
    ("%{record_type}-owner.", "", "cname-owner.example.com.", ("example.com.", "CNAME")),
    ("%{record_type}-owner.", "", "aaaa-owner.www.example.com.", ("www.example.com.", "AAAA")),
    ("owner-%{record_type}.", "", "owner-.www.example.com.", ("www.example.com.", "")),
    ("", "-owner", "a-nginx-owner.example.com.", ("nginx.example.com.", "A")),
    ("", "-owner", "nginx-owner.example.com.", ("nginx.example.com.", "")),
    ("", "-owner", "nginx.example.com.", None),
    ("", "-%{record_type}-owner", "nginx-cname-owner.example.com.", ("nginx.example.com.", "CNAME")),
    ("", "-.%{record_type}", "www-.cname.example.com.", ("www.example.com.", "CNAME")),
    ("", "-owner", "-owner.example.com.", None),
]


@pytest.mark.parametrize(("prefix", "suffix", "name", "subject"), FORMS)
def test_a_name_of_the_registry_speaks_for_what_external_dns_reads_it_for(
    prefix: str, suffix: str, name: str, subject: tuple[str, str] | None
) -> None:
    assert Affixes(prefix, suffix).subject(name) == subject


def written(name: str, kind: str, prefix: str, suffix: str) -> str:
    """The name that ExternalDNS gives to the record that speaks for this name and type."""
    first, _, rest = name.partition(".")
    if "%{record_type}" not in prefix + suffix:
        first = f"{kind.lower()}-{first}"
    made = f"{prefix}{first}{suffix}".replace("%{record_type}", kind.lower())
    return f"{made}.{rest}"


AFFIXES = [
    *((prefix, "") for prefix in ("", "owner-", "owner.", "%{record_type}-", "x-%{record_type}-", "%{record_type}.o.")),
    *(("", suffix) for suffix in ("-owner", "-owner.x", "-%{record_type}", ".%{record_type}", "-o-%{record_type}-x")),
]


@given(
    label=st.from_regex(r"[b-z][a-z0-9]{0,8}(-[b-z][a-z0-9]{0,3})?", fullmatch=True),
    kind=st.sampled_from(["A", "AAAA", "CNAME", "MX"]),
    affixes=st.sampled_from(AFFIXES),
)
def test_what_external_dns_writes_is_read_back(label: str, kind: str, affixes: tuple[str, str]) -> None:
    name = f"{label}-b.shop.example.com."
    assert Affixes(*affixes).subject(written(name, kind, *affixes)) == (name, kind)


def test_only_texts_of_external_dns_for_types_that_feddns_has_are_entries() -> None:
    ours = [entry("a-nginx.example.com."), entry("nginx.example.com."), entry("cname-x.example.com.", f'"{SAID}"')]
    others = [
        entry("mx-nginx.example.com."),
        entry("a-www.example.com.", "heritage=feddns,federation=f,owner=o,seq=1"),
        entry("txt.example.com.", "v=spf1 -all"),
        RecordSet(DnsName("a-odd.example.com."), TXT, 300, ()),
    ]
    entries = read_registry([*ours, *others], Affixes())
    assert [found.text for found in entries] == sorted(ours)
    assert {found.said.owner for found in entries} == {"old"}


def test_the_old_form_covers_every_type_but_aaaa() -> None:
    (found,) = read_registry([entry("nginx.example.com.")], Affixes())
    record_sets = [RecordSet(DnsName("nginx.example.com."), kind, 60, ("x",)) for kind in ("A", "AAAA", "CNAME")]
    assert [found.covers(record_set) for record_set in record_sets] == [True, False, True]
    (typed,) = read_registry([entry("aaaa-nginx.example.com.")], Affixes())
    assert [typed.covers(record_set) for record_set in record_sets] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "is_overlooked"),
    [
        ("extdns-a-nginx.shop.example.com.", True),
        ("extdns.a-nginx.shop.example.com.", True),
        ("a-nginx-own.shop.example.com.", True),
        ("nginx.own.shop.example.com.", True),
        ("a-web.shop.example.com.", False),
        ("a-nginx.example.com.", False),
    ],
)
def test_an_entry_with_affixes_that_were_not_given_is_noticed(name: str, *, is_overlooked: bool) -> None:
    entries = read_registry([entry(name)], Affixes("other-"))
    assert bool(overlooked(entries, [DnsName("nginx.shop.example.com.")])) is is_overlooked
