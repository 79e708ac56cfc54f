import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.selector import Requirement, parse_selector
from tests.lab import objects
from tests.lab.api import Refused
from tests.lab.federation import Lab

PROD_WEB = {"tier": "web", "env": "prod", "example.com/team": "a"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("  ", True),
        ("tier", True),
        ("!tier", False),
        ("nothing", False),
        ("!nothing", True),
        ("tier=web", True),
        ("tier == web", True),
        ("tier!=web", False),
        ("nothing!=web", True),
        ("tier=", False),
        ("tier in (api, web)", True),
        ("tier notin (api,web)", False),
        ("nothing notin (api)", True),
        ("nothing in (api)", False),
        ("tier=web,env!=dev", True),
        ("tier=web,env=dev", False),
        ("example.com/team in (a),!canary", True),
        ("in in (in)", False),
    ],
)
def test_a_selector_matches_as_in_kubernetes(text: str, *, matches: bool) -> None:
    assert parse_selector(text).matches(PROD_WEB) is matches


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tier=web env=prod", "expected a comma before 'env' in the label selector"),
        ("tier>3", "'>' after 'tier' is no operator of a label selector; there are =, ==, !=, in (...), notin (...)"),
        ("tier is web", "'is' after 'tier' is no operator"),
        ("=web", "expected the key of a label in the label selector, found '='"),
        ("tier=web,", "expected the key of a label in the label selector, found the end"),
        ("!", "expected the key of a label in the label selector, found the end"),
        ("tier in web", "the values of label 'tier' must stand in brackets, such as tier in (a, b)"),
        ("tier in (web", "the brackets after label 'tier' are not closed"),
        ("tier in (web api)", "a comma is missing between values"),
        ("tier=-web", "'-web' cannot be a value of label 'tier'"),
        ("tier=" + "x" * 64, "at most 63 letters"),
        ("Example.com/tier", "found 'Example.com/tier'"),
        ("a/b/c=d", "found 'a/b/c'"),
        ("tier=wéb", "'wéb' cannot be a value"),
        ("tier=web\N{NO-BREAK SPACE}", "cannot be a value"),
    ],
)
def test_what_is_no_selector_is_told_with_what_would_be_right(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        parse_selector(text)


LABEL = st.from_regex(r"[a-z]([a-z._-]{0,5}[a-z])?", fullmatch=True)
REQUIREMENTS = st.one_of(
    st.builds(Requirement, LABEL, st.none(), st.booleans()),
    st.builds(Requirement, LABEL, st.frozensets(LABEL | st.just(""), min_size=1, max_size=3), st.booleans()),
)


def written(requirement: Requirement) -> str:
    if requirement.values is None:
        return f"!{requirement.key}" if requirement.negated else requirement.key
    operator = "notin" if requirement.negated else "in"
    return f"{requirement.key} {operator} ({','.join(sorted(requirement.values))})"


@given(st.lists(REQUIREMENTS, max_size=4))
def test_what_is_written_is_read(requirements: list[Requirement]) -> None:
    assert parse_selector(" , ".join(map(written, requirements))).requirements == tuple(requirements)


@given(st.text("ab=!,() <>/.\té"))
def test_any_text_is_a_selector_or_a_value_error(text: str) -> None:
    try:
        parse_selector(text).matches({"a": "b"})
    except ValueError as error:
        assert str(error)  # noqa: PT017  # both outcomes are right; only another exception is not


LABELS = {
    "web": {"tier": "web", "env": "prod"},
    "api": {"tier": "api", "in": "notin", "example.com/team": "a"},
    "empty": {"tier": "", "env": "dev"},
    "none": {},
}
AS_KUBERNETES = [
    *(
        "",
        " ",
        "tier",
        "!tier",
        "tier=web",
        "tier==web",
        "tier = web",
        "tier!=web",
        "tier=",
        "tier!=",
        "env",
        "!env,tier",
    ),
    *(
        "tier in (web)",
        "tier in (web,api)",
        "tier notin (web)",
        "tier in ()",
        "tier notin ()",
        "tier in (,)",
        "tier in (a,)",
    ),
    *(
        "tier in(web)",
        "tier in (web),env",
        "tier in (web) , env=prod",
        "in",
        "in=notin",
        "in in (notin)",
        "notin",
        "!in",
    ),
    *("example.com/team", "example.com/team=a", "example.com/team!=a", "Example.com/team", "/team", "a/b/c", "a/"),
    *("tier=web,", ",tier=web", "tier=web,,env", "tier web", "tier=web env=prod", "=web", "!", "! tier", "!tier=web"),
    *(
        "tier in web",
        "tier in (web",
        "tier in web)",
        "tier in (web api)",
        "tier===web",
        "tier=!web",
        "tier=-web",
        "-tier",
    ),
    *(
        "tier=web-",
        "tier_x",
        "tier.x",
        "tier=w_e.b",
        "t" * 63,
        "t" * 64,
        "a" * 253 + "/t",
        "a" * 254 + "/t",
        "tier=" + "x" * 64,
    ),
    *(
        "tier\t=\tweb",
        "tier\n=web",
        "(tier)",
        "tier)",
        "tier=(web)",
        "tier=a=b",
        "tier in (a=b)",
        "tier in (!a)",
        "tier@x",
        "é",
    ),
]


async def test_selectors_mean_what_they_mean_to_a_real_api_server(lab: Lab, namespace: str) -> None:
    api = lab["us"].api
    for name, labels in LABELS.items():
        await api.create(objects.service(namespace, name, labels=labels))
    for text in AS_KUBERNETES:
        path = f"/api/v1/namespaces/{namespace}/services?labelSelector={quote(text)}"
        try:
            theirs = {item["metadata"]["name"] for item in (await api.request("GET", path))["items"]}
        except Refused:
            theirs = None
        try:
            ours = {name for name, labels in LABELS.items() if parse_selector(text).matches(labels)}
        except ValueError:
            ours = None
        assert ours == theirs, text
