import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import InvalidNameError
from feddns.explain import which, which_hostname
from feddns.model.records import ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from tests.strategies import keys, labels

NAMES = Names.of("ufp", "example.com")
ZONES = (ZoneName("example.com."), ZoneName("eu.example.com."))
scopes = st.one_of(st.just(GLOBAL), st.builds(Scope, labels), st.builds(Scope, labels, labels))


@given(keys, scopes, st.booleans(), st.booleans())
def test_a_full_name_is_understood_in_any_case_with_and_without_the_final_dot(
    key: ServiceKey,
    scope: Scope,
    dot: bool,  # noqa: FBT001 - drawn
    upper: bool,  # noqa: FBT001 - drawn
) -> None:
    name = str(NAMES.name(key, scope))
    text = name if dot else name.removesuffix(".")
    assert which(text.upper() if upper else text, NAMES) == (key, scope)


@given(keys, scopes)
def test_a_name_without_the_zone_is_understood(key: ServiceKey, scope: Scope) -> None:
    assert which(str(NAMES.name(key, scope)).removesuffix(".example.com."), NAMES) == (key, scope)


@given(keys)
def test_the_pods_short_form_and_namespace_slash_service_stand_for_the_global_name(key: ServiceKey) -> None:
    assert which(f"{key.name}.{key.namespace}.ufp", NAMES) == (key, GLOBAL)
    assert which(str(key), NAMES) == (key, GLOBAL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nginx",
        "/",
        "/nginx",
        "mynamespace/",
        "mynamespace/nginx/eu",
        "My Namespace/nginx",
        "mynamespace/-x",
        "nginx.mynamespace.other",
        "nginx.mynamespace.other.svc.example.com",
        "nginx.mynamespace.ufp.svc.some.example.net",
        "nginx.mynamespace.ufp.svc.one.two.three.example.com",
        "a" * 64 + ".mynamespace.ufp",
    ],
)
def test_anything_else_is_told_with_what_would_be_right(text: str) -> None:
    with pytest.raises(InvalidNameError) as raised:
        which(text, NAMES)
    assert str(raised.value) == (
        f'"{text}" is no name of federation ufp: it may be SERVICE.NAMESPACE.ufp, '
        "SERVICE.NAMESPACE.ufp.svc[.ZONE][.REGION].example.com. or NAMESPACE/SERVICE"
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("www.example.com", ("www.example.com.", "example.com.")),
        ("WWW.EU.Example.com.", ("www.eu.example.com.", "eu.example.com.")),
        ("example.com", ("example.com.", "example.com.")),
        ("www.example.net", None),
        ("www", None),
        ("-x.example.com", None),
        ("*.example.com", None),
        ("", None),
    ],
)
def test_a_hostname_belongs_to_the_innermost_zone(text: str, meant: tuple[str, str] | None) -> None:
    assert which_hostname(text, ZONES) == meant
