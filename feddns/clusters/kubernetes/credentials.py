"""How one cluster is reached and who we are to it, read anew whenever what it rests on changes.

Configuration and TLS are those of `kubernetes.aio`. Credential plugins and OpenID Connect are our own: that package's
loader logs and forgets why a plugin failed, and renews id tokens without verifying the provider's certificate.
"""

import base64
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.incluster_config import InClusterConfigLoader
from kubernetes.aio.config.kube_config import KubeConfigLoader

from feddns.clusters.kubernetes import oidc
from feddns.clusters.kubernetes.exec_plugin import ExecSettings, run_exec_plugin
from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.kubeconfig import Context, find_context, read_context
from feddns.clusters.kubernetes.login import Login, login_of

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")

_EARLY_S: Final = 60.0  # so long before its end a credential is renewed, as clocks differ
_EARLY_SHARE: Final = (
    0.2  # but not earlier than this share of its life, or a short-lived one would be renewed each time
)
_FILES: Final = ("certificate-authority", "client-certificate", "client-key")
_FOREIGN: Final = frozenset({*_FILES, "tokenFile", "exec", "auth-provider"})
# The loader checks little of what it is given, so a wrong type shows as any of these.
_LOADER_ERRORS: Final = (ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError)


class Credentials(Protocol):
    """Where logins come from."""

    async def login(self, *, renew: bool, now: float) -> Login:
        """Read everything now.

        Args:
            renew: whether the credentials were refused, so that remembered ones are of no use.
            now: in seconds since the epoch.

        Raises:
            CredentialsError: something is missing or wrong.
        """


class InCluster:
    """The ServiceAccount of the pod that this process runs in."""

    def __init__(self, folder: Path = SERVICE_ACCOUNT, environ: Mapping[str, str] = os.environ) -> None:
        self._token = folder / "token"
        self._ca = folder / "ca.crt"
        self._environ = environ

    async def login(self, *, renew: bool, now: float) -> Login:
        """See `Credentials`; the token's file is all there is to renew, and it is always read."""
        del renew, now
        configuration = Configuration()
        loader = InClusterConfigLoader(str(self._token), str(self._ca), try_refresh_token=False, environ=self._environ)
        try:
            loader.load_and_set(configuration)
            return login_of(configuration, None, (self._token, self._ca))
        except _LOADER_ERRORS as error:
            raise CredentialsError(f"not inside a cluster, or without a ServiceAccount: {error}") from None


class Kubeconfig:
    """One context of a kubeconfig file.

    Args:
        file: its path.
        context: the context's name; the file's current one by default.
    """

    def __init__(self, file: Path, context: str | None) -> None:
        self._file = file
        self._context = context
        self._given: _Given | None = None
        self._tokens: tuple[oidc.OidcSettings, oidc.OidcSettings] | None = None

    async def login(self, *, renew: bool, now: float) -> Login:
        """See `Credentials`."""
        context = read_context(self._file, self._context)
        given = await self._resolve(context, renew=renew, now=now)
        configuration = Configuration()
        try:
            with tempfile.TemporaryDirectory(prefix="feddns-") as folder:
                cluster = _spilled(context.cluster, Path(folder))
                user = _spilled(given.user, Path(folder))
                await _load(configuration, cluster, user, self._file.parent)
                return login_of(configuration, given.renew_at, self._files(context.cluster, given.user))
        except _LOADER_ERRORS as error:
            raise CredentialsError(f"{self._file}: context {context.name} is not usable: {error}") from None

    def _files(self, cluster: dict[str, Any], user: dict[str, Any]) -> tuple[Path, ...]:
        named = (cluster.get("certificate-authority"), *(user.get(name) for name in (*_FILES, "tokenFile")))
        return (self._file, *(self._file.parent / path for path in named if isinstance(path, str)))

    async def _resolve(self, context: Context, *, renew: bool, now: float) -> "_Given":
        """The user, with what a plugin or provider gives in place of how to ask for it."""
        held = None if renew else self._given
        if "exec" in context.user:
            if held is None or held.source != context.user or _is_over(held.renew_at, now):
                self._given = held = await self._from_plugin(context, now)
            return held
        auth_provider = context.user.get("auth-provider")
        if isinstance(auth_provider, dict) and auth_provider.get("name") == "oidc":
            return await self._from_oidc(auth_provider, renew=renew, now=now)
        return _Given(context.user, context.user, None)

    async def _from_plugin(self, context: Context, now: float) -> "_Given":
        try:
            settings = msgspec.convert(context.user["exec"], ExecSettings)
        except msgspec.ValidationError as error:
            text = f"{self._file}: the exec part of the user of context {context.name} is not usable: {error}"
            raise CredentialsError(text) from None
        status = await run_exec_plugin(settings, context.cluster, self._file.parent)
        user: dict[str, Any] = {"token": status.token} if status.token else {}
        if status.client_certificate_data and status.client_key_data:
            user["client-certificate-data"] = base64.b64encode(status.client_certificate_data.encode())
            user["client-key-data"] = base64.b64encode(status.client_key_data.encode())
        end = status.expiration_timestamp
        return _Given(context.user, user, _renew_at(end.timestamp() if end else None, now))

    async def _from_oidc(self, auth_provider: dict[str, Any], *, renew: bool, now: float) -> "_Given":
        written = oidc.settings_of(auth_provider)
        if self._tokens is None or self._tokens[0] != written:
            self._tokens = (written, written)
        held = self._tokens[1]
        if renew or not held.id_token or _is_over(_renew_at(oidc.expiry(held.id_token), now), now):
            held = await oidc.renew(held, self._file.parent)
            self._tokens = (written, held)
        return _Given(auth_provider, {"token": held.id_token}, _renew_at(oidc.expiry(held.id_token), now))


class HeldKubeconfig:
    """A kubeconfig that came over the network, as from a Secret.

    It must have all in itself. Who may write that Secret could otherwise have feddns run programs, and send what is in
    its files to a server of theirs.

    Args:
        octets: the kubeconfig, of which the current context counts.
        place: where it came from, for people.
    """

    def __init__(self, octets: bytes, place: str) -> None:
        self._octets = octets
        self._place = place

    async def login(self, *, renew: bool, now: float) -> Login:
        """See `Credentials`; there is nothing to renew."""
        del renew, now
        context = find_context(self._octets, self._place, None)
        foreign = sorted(_FOREIGN.intersection((*context.cluster, *context.user)))
        if foreign:
            text = (
                f"{self._place} has {', '.join(foreign)}; a kubeconfig in a Secret must have its credentials in itself"
            )
            raise CredentialsError(text)
        configuration = Configuration()
        try:
            with tempfile.TemporaryDirectory(prefix="feddns-") as name:
                folder = Path(name)
                await _load(configuration, _spilled(context.cluster, folder), _spilled(context.user, folder), folder)
                return login_of(configuration, None, ())
        except _LOADER_ERRORS as error:
            raise CredentialsError(f"{self._place}: context {context.name} is not usable: {error}") from None


class _Given(NamedTuple):
    """A user with credentials in place; secret.

    Attributes:
        source: the kubeconfig's user that they came from.
    """

    source: dict[str, Any]
    user: dict[str, Any]
    renew_at: float | None


def host_credentials(kubeconfig: str | None, context: str | None, folder: Path) -> Credentials:
    """The way into a cluster that the configuration names beside the federation's.

    Args:
        kubeconfig: the path of a kubeconfig; None for the cluster of the pod that feddns runs in.
        context: the context in it; its current one by default.
        folder: which a relative path starts from.
    """
    if kubeconfig is None:
        return InCluster()
    return Kubeconfig(folder / Path(kubeconfig).expanduser(), context)


def _is_over(end: float | None, now: float) -> bool:
    return end is not None and now >= end


def _renew_at(end: float | None, now: float) -> float | None:
    return None if end is None else end - min(_EARLY_S, max(0.0, end - now) * _EARLY_SHARE)


def _spilled(fields: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The fields with inline data in files, which is the only form in which OpenSSL takes a key.

    The loader would do so too, but leave the keys on the disk for as long as the process runs.
    """
    fields = dict(fields)
    for name in _FILES:
        data = fields.pop(f"{name}-data", None)
        if data:
            path = folder / name
            path.write_bytes(base64.b64decode(data))
            fields[name] = str(path)
    return fields


async def _load(configuration: Configuration, cluster: dict[str, Any], user: dict[str, Any], folder: Path) -> None:
    document = {
        "clusters": [{"name": "-", "cluster": cluster}],
        "users": [{"name": "-", "user": user}],
        "contexts": [{"name": "-", "context": {"cluster": "-", "user": "-"}}],
    }
    loader = KubeConfigLoader(document, active_context="-", config_base_path=str(folder))
    await loader.load_and_set(configuration)
