"""The kubeconfig files of whoever runs the command, in the order in which kubectl reads them."""

import difflib
import ipaddress
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import yaml

from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.kubeconfig import KubeconfigDocument, parse_kubeconfig, read_context
from feddns.errors import MembershipError
from feddns.model.address import is_loopback

VARIABLE: Final = "KUBECONFIG"
_AUTHORITY: Final = "certificate-authority"


class Place(NamedTuple):
    """A context, and the file that has it."""

    file: Path
    context: str


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """Where an API server is, and how it is known to be the right one.

    Attributes:
        server: its URL.
        authority: the certificates that it is trusted by, in base64; empty for those that the system trusts.
        server_name: that its certificate bears, where it is not the host in the URL.
        proxy: that it is reached through from here.
    """

    server: str
    authority: str = ""
    server_name: str = ""
    proxy: str = ""


def kubeconfig_files(given: str | None, environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The files to look into: the one that is given, else those of `KUBECONFIG`, else `~/.kube/config`."""
    if given is not None:
        return (Path(given).expanduser(),)
    listed = [Path(part).expanduser() for part in environ.get(VARIABLE, "").split(os.pathsep) if part]
    return tuple(dict.fromkeys(listed)) or (Path.home() / ".kube" / "config",)


def find_place(files: Sequence[Path], context: str | None) -> Place:
    """The file that has a context with its cluster and user.

    As kubectl merges files, the first that has a name counts, for contexts, clusters and users each. Where these
    three come from different files, this is refused rather than guessed.

    Args:
        files: in their order; of several, those that are not there are left out, as kubectl does.
        context: its name; by default the current one of the first file that has one.

    Raises:
        MembershipError: there is no such context, or its parts are in several files.
        CredentialsError: a file cannot be read, or is no kubeconfig.
    """
    documents = _read(files)
    name = context or next((each.current_context for each in documents.values() if each.current_context), "")
    if not name:
        raise MembershipError(f"{_listed(files)} has no current-context; name a context")
    contexts = _first(documents, "contexts")
    if name not in contexts:
        close = difflib.get_close_matches(name, contexts, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(contexts)[:10]) or 'none'}"
        raise MembershipError(f"{_listed(files)} has no context {name!r}; {hint}")
    file, entry = contexts[name]
    for part, wanted in (("clusters", entry.context.cluster), ("users", entry.context.user)):
        other, _ = _first(documents, part).get(wanted, (file, None))
        if other != file:
            text = f"context {name!r} is in {file}, but kubectl takes its {part[:-1]} {wanted!r} from {other}"
            raise MembershipError(f"{text}; put both into one: kubectl config view --flatten --context {name}")
    return Place(file, name)


def endpoint_of(place: Place) -> Endpoint:
    """Where a context's API server is.

    Raises:
        CredentialsError: the context cannot be read.
        MembershipError: its API server is not verified, so that a token must not be sent to it again and again.
    """
    cluster = read_context(place.file, place.context).cluster
    if cluster.get("insecure-skip-tls-verify"):
        text = f"context {place.context!r} does not verify its API server (insecure-skip-tls-verify)"
        raise MembershipError(f"{text}, so anybody on the way could take the token; give it {_AUTHORITY}-data")
    server, server_name, proxy = (str(cluster.get(key) or "") for key in ("server", "tls-server-name", "proxy-url"))
    return Endpoint(checked_server(server), _authority(cluster, place.file), server_name, proxy)


def checked_server(url: str) -> str:
    """The URL of an API server that a token may be sent to.

    Raises:
        MembershipError: it is none.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise MembershipError(
            f"{url!r} is no address of an API server that a token may be sent to, such as https://HOST"
        )
    return url.rstrip("/")


def is_own_address(url: str) -> bool:
    """Whether an address leads to whatever machine it is used on, as those of kind and of tunnels do."""
    host = urlsplit(url).hostname or ""
    try:
        is_any = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        is_any = False
    return is_any or is_loopback(host)


def authority_file(file: Path) -> str:
    """Certificates from a file in PEM, in base64.

    Raises:
        CredentialsError: it cannot be read, or has none.
    """
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise CredentialsError(f"the {_AUTHORITY} {file} cannot be read: {error.strerror}") from None
    if b"-----BEGIN CERTIFICATE-----" not in octets:
        raise CredentialsError(f"the {_AUTHORITY} {file} has no certificate in PEM")
    return b64encode(octets).decode()


def sealed(name: str, endpoint: Endpoint, namespace: str, user: str, token: str) -> bytes:
    """A kubeconfig that needs nothing beside itself; secret.

    Args:
        name: of its context and cluster.
        endpoint: of the API server.
        namespace: of the account.
        user: the account's name.
        token: the account's token.
    """
    cluster = {
        "server": endpoint.server,
        f"{_AUTHORITY}-data": endpoint.authority,
        "tls-server-name": endpoint.server_name,
        "proxy-url": endpoint.proxy,
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {key: value for key, value in cluster.items() if value}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user, "namespace": namespace}}],
        "current-context": name,
    }
    return yaml.safe_dump(document, sort_keys=False).encode()


def _read(files: Sequence[Path]) -> dict[Path, KubeconfigDocument]:
    documents = {}
    for file in files:
        try:
            documents[file] = parse_kubeconfig(file.read_bytes(), str(file))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise CredentialsError(f"the kubeconfig {file} cannot be read: {error.strerror}") from None
    if not documents:
        raise CredentialsError(f"there is no kubeconfig {_listed(files)}; name one by --kubeconfig or {VARIABLE}")
    return documents


def _first(documents: Mapping[Path, KubeconfigDocument], part: str) -> dict[str, tuple[Path, Any]]:
    """By name, the entry that counts and the file that it is in."""
    found: dict[str, tuple[Path, Any]] = {}
    for file, document in documents.items():
        for entry in getattr(document, part) or ():
            found.setdefault(entry.name, (file, entry))
    return found


def _authority(cluster: Mapping[str, Any], file: Path) -> str:
    data, named = cluster.get(f"{_AUTHORITY}-data"), cluster.get(_AUTHORITY)
    if data:
        return str(data)
    return authority_file(file.parent / str(named)) if named else ""


def _listed(files: Sequence[Path]) -> str:
    return ", ".join(map(str, files))
