"""One context of a kubeconfig file, with errors that name the file and what it has instead."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from feddns.clusters.kubernetes.failures import CredentialsError


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


class _Kubeconfig(msgspec.Struct, rename="kebab"):
    clusters: list[_Cluster] | None = None
    users: list[_User] | None = None
    contexts: list[_Context] | None = None
    current_context: str = ""


def read_context(file: Path, name: str | None) -> Context:
    """Read one context.

    Args:
        file: the kubeconfig's path.
        name: the context's name; the file's current one by default.

    Raises:
        CredentialsError: the file cannot be read, is no kubeconfig, or lacks the context, its cluster or its user.
    """
    config = _read(file)
    name = name or config.current_context
    if not name:
        raise CredentialsError(f"{file} has no current-context; name one with `context` in the configuration")
    context = next((each for each in config.contexts or () if each.name == name), None)
    if context is None:
        raise _missing(file, "context", name, (each.name for each in config.contexts or ()))
    refs = context.context
    cluster = next((each.cluster for each in config.clusters or () if each.name == refs.cluster), None)
    if cluster is None:
        raise _missing(file, "cluster", refs.cluster, (each.name for each in config.clusters or ()))
    if not isinstance(cluster.get("server"), str):
        raise CredentialsError(f"{file}: cluster {refs.cluster} has no server")
    if not refs.user:
        return Context(name, cluster, {})
    user = next((each for each in config.users or () if each.name == refs.user), None)
    if user is None:
        raise _missing(file, "user", refs.user, (each.name for each in config.users or ()))
    fields = user.user or {}
    if fields.get("as"):
        raise CredentialsError(f"{file}: user {refs.user} impersonates another (as), which feddns does not do")
    return Context(name, cluster, fields)


def _read(file: Path) -> _Kubeconfig:
    try:
        document = yaml.safe_load(file.read_bytes())
        return msgspec.convert({} if document is None else document, _Kubeconfig)
    except OSError as error:
        raise CredentialsError(f"the kubeconfig {file} cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise CredentialsError(f"{file}{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise CredentialsError(f"{file}: not YAML") from None
    except msgspec.ValidationError as error:
        raise CredentialsError(f"{file}: not a kubeconfig: {error}") from None


def _missing(file: Path, what: str, name: str, there: Iterable[str]) -> CredentialsError:
    names = sorted(there)
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(names[:10]) or 'none'}"
    return CredentialsError(f"{file} has no {what} {name!r}; {hint}")
