import pytest

from tests.config.texts import SMALLEST, changed, complaints, read

TWO = changed(
    "  zone: example.com\n  provider:\n    route53: {}\n",
    """\
  targets:
  - zone: Example.com.
    provider: {route53: {}}
  - zone: corp.example.com
    provider: {embedded: {}}
    name: inside
""",
)


def one(line: str) -> str:
    """Only one target, of these lines."""
    return changed("  zone: example.com\n  provider:\n    route53: {}\n", f"  targets:\n  - {line}\n")


def test_one_zone_is_one_target_named_after_it() -> None:
    (target,) = read(SMALLEST).targets
    assert (target.name, target.zone, target.provider) == ("example.com", "example.com.", "route53")


def test_targets_are_named_after_their_zones_or_as_they_like_in_the_order_of_the_file() -> None:
    targets = read(TWO).targets
    assert [(target.name, target.zone, target.provider) for target in targets] == [
        ("example.com", "example.com.", "route53"),
        ("inside", "corp.example.com.", "embedded"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            TWO.replace("  targets:", "  zone: example.com\n  targets:"),
            "feddns.yaml:3: dns has both zone and targets; move the zone into one of the targets",
        ),
        (
            TWO.replace("  targets:", "  provider: {embedded: {}}\n  targets:"),
            "feddns.yaml:3: dns has both provider and targets; move the provider into one of the targets",
        ),
        (
            TWO.replace("corp.example.com", "example.com").replace("    name: inside\n", ""),
            'feddns.yaml:6: the target on line 4 is called "example.com" too; give each its own name',
        ),
        (
            one("zone: a b\n    provider: {embedded: {}}"),
            "feddns.yaml:4: dns.targets[0].zone must be a DNS name such as example.com, not ",
        ),
        (
            one("zone: example.com\n    provider: {embeded: {}}"),
            'feddns.yaml:5: unknown provider "embeded"; did you mean "embedded"?',
        ),
        (
            one("zone: example.com\n    provider: {}"),
            "feddns.yaml:5: dns.targets[0].provider must have exactly one key, the provider's name, not none",
        ),
        (one("zone: example.com"), "feddns.yaml:4: dns.targets[0].provider is missing: exactly one key"),
        (changed("  zone: example.com\n", ""), "feddns.yaml:2: dns.zone is missing: the DNS zone"),
        (
            changed("  zone: example.com\n  provider:\n    route53: {}\n", "  targets: []\n"),
            "feddns.yaml:2: dns.provider is missing: exactly one key",
        ),
    ],
)
def test_what_is_wrong_with_targets_is_told_with_its_line(text: str, expected: str) -> None:
    lines = complaints(text)
    assert any(line.startswith(expected) for line in lines), lines
