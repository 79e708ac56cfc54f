from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.scalars import FilePath, FolderPath, Seconds, Section
from feddns.errors import ConfigError
from tests.config.test_lines import trees
from tests.config.texts import SMALLEST, changed, complaints, read


class Key(Section, frozen=True):
    """A key.

    Attributes:
        key_file: where the key is.
    """

    key_file: FilePath

    def __post_init__(self) -> None:
        if self.key_file.startswith("/dev"):
            raise ValueError("a device is no key")


class ProviderSettings(Section, frozen=True):
    """A provider's own settings.

    Attributes:
        server: who is asked.
        keys: what opens.
        timeout: seconds until it is given up.
        state: where it is kept.
        either: one or the other.
        servers: at least one.
    """

    server: str
    keys: tuple[Key, ...] = ()
    timeout: Seconds = 5.0
    state: FolderPath | None = None
    either: Annotated[int, msgspec.Meta(gt=3)] | Literal["auto"] = "auto"
    servers: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("a",)
    labels: dict[str, int] = msgspec.field(default_factory=dict)


def with_provider(text: str) -> str:
    return changed("route53: {}", text)


def is_clean(line: str) -> bool:
    return line.isprintable() and line.startswith("feddns.yaml:") and line.split(":")[1].isdigit()


@given(trees)
def test_any_tree_is_settings_or_an_error_with_its_line(tree: object) -> None:
    lines = complaints(msgspec.yaml.encode(tree).decode())
    assert lines
    assert all(is_clean(line) for line in lines)


@given(st.sampled_from(["federation", "dns.zone", "clusters.0.name", "dns.ttl", "watch", "services.selector"]), trees)
def test_any_value_at_any_place_is_taken_or_refused_with_a_line(place: str, value: object) -> None:
    tree = msgspec.yaml.decode(SMALLEST)
    *way, last = (int(step) if step.isdigit() else step for step in place.split("."))
    inner = tree
    for step in way:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
    inner[last] = value
    assert all(is_clean(line) for line in complaints(msgspec.yaml.encode(tree).decode()))


def test_the_smallest_configuration_has_the_defaults() -> None:
    loaded = read(SMALLEST)
    assert loaded.settings.dns.ttl == 180
    assert loaded.settings.owner == "default"
    assert [target.provider for target in loaded.targets] == ["route53"]


def test_json_is_yaml_too() -> None:
    text = msgspec.json.encode(msgspec.yaml.decode(SMALLEST)).decode()
    assert read(text).settings == read(SMALLEST).settings


def test_spans_of_time_are_numbers_or_text() -> None:
    watch = read(
        SMALLEST + "watch: {silence: 1m, lostAfter: 1h30m, connectTimeout: 250ms, startGrace: 7}"
    ).settings.watch
    assert (watch.silence, watch.lost_after, watch.connect_timeout, watch.start_grace) == (60, 5400, 0.25, 7)


def test_a_section_that_is_left_empty_has_its_defaults() -> None:
    assert read(SMALLEST + "watch:\nbudget:\n  deletions:\n").settings == read(SMALLEST).settings


def test_the_zone_is_folded() -> None:
    assert read(changed("example.com", "Example.COM.")).targets[0].zone == "example.com."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            changed("example.com", 'example.com\n  ttl: "abc"'),
            'feddns.yaml:4: dns.ttl must be a whole number of seconds from 1 to 604800, not "abc"',
        ),
        (
            changed("example.com", "example.com\n  ttl: 0"),
            "feddns.yaml:4: dns.ttl must be a whole number of seconds from 1 to 604800, not 0",
        ),
        (
            changed("example.com", "example.com\n  ttl: 1.5"),
            "feddns.yaml:4: dns.ttl must be a whole number of seconds from 1 to 604800, not 1.5",
        ),
        (
            changed("example.com", "example.com\n  ttl:"),
            "feddns.yaml:4: dns.ttl must be a whole number of seconds from 1 to 604800, not nothing",
        ),
        (
            changed("example.com", "example.com\n  maxvalues: 3"),
            'feddns.yaml:4: unknown setting dns.maxvalues; did you mean "maxValues"? there are: loadBalancerHost',
        ),
        (
            changed("example.com", "example.com\n  noHealthyShards: drop"),
            'feddns.yaml:4: dns.noHealthyShards must be "remove" or "keep", not "drop"',
        ),
        (
            changed("name: us", "name: no"),
            "feddns.yaml:7: clusters[0].name must be text of 1 to 253 characters, not false",
        ),
        (
            changed("  zone: example.com\n", ""),
            "feddns.yaml:2: dns.zone is missing: the DNS zone that the names are written into",
        ),
        (
            SMALLEST + "watch:\n  silence: 10x\n",
            "feddns.yaml:10: watch.silence must be a number of seconds, or a span such as 1h30m, 10s or 250ms; from",
        ),
        (SMALLEST + "watch: {silence: .inf}", "feddns.yaml:9: watch.silence must be a number of seconds"),
        (SMALLEST + "watch: {silence: .nan}", "feddns.yaml:9: watch.silence must be a number of seconds"),
        (SMALLEST + "budget: 5", "feddns.yaml:9: budget must be a mapping of settings, not 5"),
        (
            SMALLEST + "budget: {deletions: {share: 2}}",
            "feddns.yaml:9: budget.deletions.share must be a number from 0 to 1, not 2",
        ),
        (
            SMALLEST + "budget: {deletions: {atLeast: -1}}",
            "feddns.yaml:9: budget.deletions.atLeast must be a whole number of at least 0, not -1",
        ),
        (
            SMALLEST + 'owner: "a b"',
            "feddns.yaml:9: owner must be 1 to 63 letters, digits, dots, hyphens and underscores",
        ),
        (SMALLEST + 'owner: "a\\n"', "feddns.yaml:9: owner must be 1 to 63 letters"),
        (
            changed("kubeconfig: us.kubeconfig", 'kubeconfig: ""'),
            "feddns.yaml:8: clusters[0].kubeconfig must be the path of",
        ),
        (changed("provider:\n    route53: {}", "provider: route53"), "feddns.yaml:4: dns.provider must be a mapping"),
        ("- a\n", "feddns.yaml:1: the file must be a mapping of settings, not a list"),
    ],
)
def test_a_misfit_is_told_with_its_line_and_what_would_be_right(text: str, expected: str) -> None:
    assert len(complaints(text)) == 1
    assert complaints(text)[0].startswith(expected)


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    text = SMALLEST.replace("example.com", "5").replace("- name: us", "- nam: us")
    assert [line.split(" ")[0] for line in complaints(text)] == ["feddns.yaml:3:", "feddns.yaml:7:", "feddns.yaml:7:"]


def test_an_empty_file_lacks_what_has_no_default() -> None:
    assert [line.partition(" is missing")[0] for line in complaints("")] == [
        "feddns.yaml:1: dns",
        "feddns.yaml:1: federation",
    ]


def test_the_settings_of_a_provider_are_its_own() -> None:
    loaded = read(with_provider("rfc2136: {server: a, keys: [{keyFile: b}], timeout: 1m, either: 4, labels: {x: 1}}"))
    assert loaded.provider(loaded.targets[0], ProviderSettings) == ProviderSettings(
        "a", (Key("b"),), 60.0, either=4, labels={"x": 1}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rfc2136:", "feddns.yaml:5: dns.provider.rfc2136.server is missing: who is asked"),
        (
            "rfc2136:\n      sever: a\n      server: b",
            "feddns.yaml:6: unknown setting dns.provider.rfc2136.sever; did you",
        ),
        (
            "rfc2136:\n      server: a\n      keys:\n      - keyFile: 3",
            "feddns.yaml:8: dns.provider.rfc2136.keys[0].keyFile must be the path of a file, not empty, not 3",
        ),
        (
            "rfc2136:\n      server: a\n      keys:\n      - keyFile: a\n      - keyFile: /dev/null",
            "feddns.yaml:9: dns.provider.rfc2136.keys[1]: a device is no key",
        ),
        (
            "rfc2136:\n      server: a\n      either: 2",
            'feddns.yaml:7: dns.provider.rfc2136.either must be a whole number above 3 or "auto", not 2',
        ),
        (
            "rfc2136:\n      server: a\n      servers: []",
            "feddns.yaml:7: dns.provider.rfc2136.servers must be a list of at least 1, each item text, not an empty",
        ),
        (
            "rfc2136:\n      server: a\n      labels:\n        x: y",
            'feddns.yaml:8: dns.provider.rfc2136.labels.x must be a whole number, not "y"',
        ),
    ],
)
def test_a_misfit_in_the_settings_of_a_provider_has_its_line(text: str, expected: str) -> None:
    loaded = read(with_provider(text))
    with pytest.raises(ConfigError) as caught:
        loaded.provider(loaded.targets[0], ProviderSettings)
    assert str(caught.value).startswith(expected)


def test_every_file_and_folder_that_is_named_can_be_found() -> None:
    text = with_provider("rfc2136: {server: a, keys: [{keyFile: b}], state: c}")
    loaded = read(text + "- {name: eu, manifests: d, region: eu, zones: [a]}\n")
    provider = loaded.provider(loaded.targets[0], ProviderSettings)
    assert list(loaded.places({loaded.targets[0]: provider})) == [
        (("clusters", 0, "kubeconfig"), "file", "us.kubeconfig"),
        (("clusters", 1, "manifests"), "folder", "d"),
        (("dns", "provider", "rfc2136", "keys", 0, "keyFile"), "file", "b"),
        (("dns", "provider", "rfc2136", "state"), "folder", "c"),
    ]


def test_a_value_is_never_shown_where_it_could_be_a_secret() -> None:
    loaded = read(with_provider("rfc2136: {server: a, password: hunter2, keys: [{keyFile: {secret: hunter2}}]}"))
    with pytest.raises(ConfigError) as caught:
        loaded.provider(loaded.targets[0], ProviderSettings)
    assert "hunter2" not in str(caught.value)
