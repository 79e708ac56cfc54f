"""A small valid configuration, and what `load` says of a text."""

from feddns.config.parse import Loaded, load
from feddns.errors import ConfigError

PROVIDERS = ("embedded", "rfc2136", "route53")
FILE = "feddns.yaml"

SMALLEST = """\
federation: myfederation
dns:
  zone: example.com
  provider:
    route53: {}
clusters:
- name: us
  kubeconfig: us.kubeconfig
"""


def read(text: str) -> Loaded:
    return load(text, FILE, PROVIDERS)


def complaints(text: str) -> list[str]:
    """The lines of the error that `text` leads to; none where it is valid."""
    try:
        read(text)
    except ConfigError as error:
        return str(error).split("\n")
    return []


def changed(old: str, new: str) -> str:
    """The smallest configuration with one piece replaced."""
    assert SMALLEST.count(old) == 1, f"{old!r} must stand once in the smallest configuration"
    return SMALLEST.replace(old, new)
