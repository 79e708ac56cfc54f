"""One context of a kubeconfig, with errors that name where it stands and what it has instead."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from feddns.clusters.kubernetes.failures import CredentialsError

_UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, ValueError, RecursionError)
"""What PyYAML raises for a tag that does not fit its text, a date of no calendar, or what is nested without end."""


class Context(msgspec.Struct, frozen=True):
    """A cluster and a user, still as the file has them; `user` and `cluster` may hold secrets."""

    name: str
    cluster: dict[str, Any]
    user: dict[str, Any]

    def __repr__(self) -> str:
        return f"Context({self.name})"


class _Cluster(msgspec.Struct):
    name: str
    cluster: dict[str, Any]


class _User(msgspec.Struct):
    name: str
    user: dict[str, Any] | None = None


class _ContextRefs(msgspec.Struct):
    cluster: str = ""
    user: str = ""


class _Context(msgspec.Struct):
    name: str
    context: _ContextRefs


class KubeconfigDocument(msgspec.Struct, rename="kebab"):
    """The parts of a kubeconfig that find each other by name; may hold secrets."""

    clusters: list[_Cluster] | None = None
    users: list[_User] | None = None
    contexts: list[_Context] | None = None
    current_context: str = ""


def read_context(file: Path, name: str | None) -> Context:
    """Read one context from a file.

    Args:
        file: the kubeconfig's path.
        name: the context's name; the file's current one by default.

    Raises:
        CredentialsError: the file cannot be read, is no kubeconfig, or lacks the context, its cluster or its user.
    """
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise CredentialsError(f"the kubeconfig {file} cannot be read: {error.strerror}") from None
    return find_context(octets, str(file), name)


def find_context(octets: bytes, place: str, name: str | None) -> Context:
    """Find one context in a kubeconfig.

    Args:
        octets: the kubeconfig.
        place: where it stands, for people.
        name: the context's name; the current one by default.

    Raises:
        CredentialsError: it is no kubeconfig, or lacks the context, its cluster or its user.
    """
    config = parse_kubeconfig(octets, place)
    name = name or config.current_context
    if not name:
        raise CredentialsError(f"{place} has no current-context; name one with `context` in the configuration")
    context = next((each for each in config.contexts or () if each.name == name), None)
    if context is None:
        raise _missing(place, "context", name, (each.name for each in config.contexts or ()))
    refs = context.context
    cluster = next((each.cluster for each in config.clusters or () if each.name == refs.cluster), None)
    if cluster is None:
        raise _missing(place, "cluster", refs.cluster, (each.name for each in config.clusters or ()))
    if not isinstance(cluster.get("server"), str):
        raise CredentialsError(f"{place}: cluster {refs.cluster} has no server")
    if not refs.user:
        return Context(name, cluster, {})
    user = next((each for each in config.users or () if each.name == refs.user), None)
    if user is None:
        raise _missing(place, "user", refs.user, (each.name for each in config.users or ()))
    fields = user.user or {}
    if fields.get("as"):
        raise CredentialsError(f"{place}: user {refs.user} impersonates another (as), which feddns does not do")
    return Context(name, cluster, fields)


def parse_kubeconfig(octets: bytes, place: str) -> KubeconfigDocument:
    """Parse a kubeconfig.

    Args:
        octets: the kubeconfig.
        place: where it stands, for people.

    Raises:
        CredentialsError: it is none.
    """
    try:
        document = yaml.safe_load(octets)
        return msgspec.convert({} if document is None else document, KubeconfigDocument)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise CredentialsError(f"{place}{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise CredentialsError(f"{place}: not YAML") from None
    except msgspec.ValidationError as error:
        raise CredentialsError(f"{place}: not a kubeconfig: {error}") from None
    except _UNREADABLE:  # whose text may hold a part of the file
        raise CredentialsError(f"{place}: not YAML that can be read") from None


def _missing(place: str, what: str, name: str, there: Iterable[str]) -> CredentialsError:
    names = sorted(there)
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(names[:10]) or 'none'}"
    return CredentialsError(f"{place} has no {what} {name!r}; {hint}")
