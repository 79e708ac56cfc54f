"""Credentials from a program that the kubeconfig names (client.authentication.k8s.io ExecCredential)."""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.wire import UNREADABLE

_DEADLINE_S: Final = 60.0
_MOST_TOLD: Final = 300  # characters of what a failing plugin says that go into a message

_TOLD_OF_CLUSTER: Final = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
)


class ExecVariable(msgspec.Struct):
    """One variable of the plugin's environment."""

    name: str
    value: str = ""


class ExecSettings(msgspec.Struct, rename="camel"):
    """The part `exec` of a kubeconfig's user."""

    command: str
    api_version: str
    args: list[str] | None = None
    env: list[ExecVariable] | None = None
    install_hint: str | None = None
    provide_cluster_info: bool = False


class ExecStatus(msgspec.Struct, rename="camel"):
    """The credentials that a plugin gives; secret."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: datetime | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str
    status: ExecStatus | None = None


async def run_exec_plugin(settings: ExecSettings, cluster: dict[str, Any], folder: Path) -> ExecStatus:
    """Run the plugin and read its answer.

    The protocol is that of https://kubernetes.io/docs/reference/access-authn-authz/authentication/ ("client-go
    credential plugins"). The plugin has no terminal, so it must not ask questions.

    Args:
        settings: which program, and how to call it.
        cluster: the kubeconfig's cluster, for plugins that want to know it.
        folder: of the kubeconfig, which a relative path of the program starts from.

    Raises:
        CredentialsError: the program cannot be run, fails, takes too long or answers something else.
    """
    command = settings.command
    if "/" in command:
        command = str(folder / command)
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *(settings.args or ()),
            env=_environment(settings, cluster),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        hint = f". {settings.install_hint.strip()}" if settings.install_hint else ""
        text = f"the credential plugin {settings.command} cannot be run: {error.strerror}{hint}"
        raise CredentialsError(text) from None
    output, complaint = await _finish(process, settings.command)
    if process.returncode != 0:
        told = complaint.decode(errors="replace").strip()[-_MOST_TOLD:]
        text = f"the credential plugin {settings.command} ended with {process.returncode}: {told or 'no message'}"
        raise CredentialsError(text)
    return _read(output, settings)


async def _finish(process: asyncio.subprocess.Process, command: str) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(_DEADLINE_S):
            return await process.communicate()
    except TimeoutError:
        raise CredentialsError(f"the credential plugin {command} took longer than {_DEADLINE_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _environment(settings: ExecSettings, cluster: dict[str, Any]) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if settings.provide_cluster_info:
        spec["cluster"] = {key: cluster[key] for key in _TOLD_OF_CLUSTER if key in cluster}
    info = {"apiVersion": settings.api_version, "kind": "ExecCredential", "spec": spec}
    extra = {variable.name: variable.value for variable in settings.env or ()}
    return {**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _read(output: bytes, settings: ExecSettings) -> ExecStatus:
    try:
        credential = msgspec.json.decode(output, type=_ExecCredential)
    except UNREADABLE as error:
        raise CredentialsError(f"the credential plugin {settings.command} gave no ExecCredential: {error}") from None
    status = credential.status
    if credential.api_version != settings.api_version:
        text = f"answered in {credential.api_version}, but the kubeconfig asks for {settings.api_version}"
        raise CredentialsError(f"the credential plugin {settings.command} {text}")
    if status is None or not (status.token or (status.client_certificate_data and status.client_key_data)):
        text = "gave neither a token nor a client certificate with its key"
        raise CredentialsError(f"the credential plugin {settings.command} {text}")
    return status
