"""As whom the API is asked: Application Default Credentials, a file, or another service account by means of these."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import google.auth
import msgspec
from google.auth import aws, environment_vars, identity_pool, impersonated_credentials
from google.auth.credentials import AnonymousCredentials, Credentials, CredentialsWithQuotaProject
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
from google.oauth2 import credentials as user
from google.oauth2 import service_account

from feddns.errors import ProviderError, Rejected, Unauthorized, Unavailable
from feddns.providers.clouddns import keyfile
from feddns.providers.clouddns.settings import CloudDnsSettings

_SCOPE: Final = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"
_IMPERSONATION_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_WAYS: Final = (
    "on GKE, let feddns' Kubernetes ServiceAccount use workload identity; elsewhere set `credentialsFile`, or the "
    "variable GOOGLE_APPLICATION_CREDENTIALS, to a service account's key or a configuration of workload identity "
    "federation, or run `gcloud auth application-default login`"
)

_Loader = Callable[..., Credentials]
_impersonate: Final[_Loader] = impersonated_credentials.Credentials
_anonymous: Final[_Loader] = AnonymousCredentials


class Access(msgspec.Struct, frozen=True):
    """What requests are made with.

    Attributes:
        project: the project that is written.
        who: the identity, for people.
    """

    credentials: Credentials
    project: str
    who: str


def find_access(settings: CloudDnsSettings, folder: Path) -> Access:
    """Look for credentials and the project; blocks, and may ask GKE's metadata server.

    Args:
        settings: which credentials are wanted.
        folder: where relative paths start.

    Raises:
        Unauthorized: there are no credentials, or they are not usable.
        Unavailable: who would tell of them cannot be reached.
        Rejected: the project is not known.
    """
    scope = _IMPERSONATION_SCOPE if settings.impersonate else _SCOPE
    try:
        credentials, project = _find(settings, folder, scope)
        if settings.impersonate:
            credentials = _impersonate(credentials, settings.impersonate, (_SCOPE,))
        if settings.quota_project and isinstance(credentials, CredentialsWithQuotaProject):
            with_quota: _Loader = credentials.with_quota_project
            credentials = with_quota(settings.quota_project)
    except GoogleAuthError as error:
        raise auth_failure(error) from error
    project = settings.project or _project_of_environment() or project
    if not project:
        raise Rejected("the project of the managed zone is not known: set `project`, or GOOGLE_CLOUD_PROJECT")
    return Access(credentials, project, _who(settings, credentials))


def auth_failure(error: GoogleAuthError) -> ProviderError:
    """The error that a failure to get an access token means; what it was for has not been done."""
    text = " ".join(str(error.args[0] if error.args else type(error).__name__).split())
    if isinstance(error, DefaultCredentialsError):
        return Unauthorized(f"Cloud DNS: there are no usable credentials: {text} {_WAYS}")
    if isinstance(error, TransportError) or error.retryable:
        return Unavailable(f"Cloud DNS: no access token can be had: {text}")
    return Unauthorized(f"Cloud DNS: the credentials are not accepted: {text}")


def _find(settings: CloudDnsSettings, folder: Path, scope: str) -> tuple[Credentials, str | None]:
    if settings.anonymous:
        return _anonymous(), None
    if settings.credentials_file is None:
        return google.auth.default(scopes=(scope,))
    path = folder / settings.credentials_file
    info = keyfile.read_keyfile(path)
    return _load(info, path, scope), info.get("project_id") or info.get("quota_project_id")


def _load(info: dict[str, Any], path: Path, scope: str) -> Credentials:
    """The credentials of a file; by a loader of its type, as google-auth wants it for the sake of safety."""
    try:
        return _LOADERS[str(info["type"])](info, scopes=(scope,))
    except DefaultCredentialsError as error:
        raise Unauthorized(f"{path} holds no usable credentials: {error.args[0]}") from error
    except (ValueError, KeyError) as error:
        # What cryptography says of a broken key does not tell more, and might tell of the key.
        raise Unauthorized(f"{path} holds no usable credentials: a key or a field is missing or damaged") from (
            error if isinstance(error, KeyError) else None
        )


def _external(info: dict[str, Any], **options: Any) -> Credentials:
    is_aws = info.get("subject_token_type") == "urn:ietf:params:aws:token-type:aws4_request"
    load: _Loader = aws.Credentials.from_info if is_aws else identity_pool.Credentials.from_info
    return load(info, **options)


_LOADERS: Final[dict[str, _Loader]] = {
    keyfile.SERVICE_ACCOUNT: service_account.Credentials.from_service_account_info,
    keyfile.EXTERNAL_ACCOUNT: _external,
    keyfile.AUTHORIZED_USER: user.Credentials.from_authorized_user_info,
    keyfile.IMPERSONATED: impersonated_credentials.Credentials.from_impersonated_service_account_info,
}


def _project_of_environment() -> str | None:
    return os.environ.get(environment_vars.PROJECT) or os.environ.get(environment_vars.LEGACY_PROJECT)


def _who(settings: CloudDnsSettings, credentials: Credentials) -> str:
    email = getattr(credentials, "service_account_email", None)
    # GKE's metadata server calls the pod's identity `default` until the first token.
    return settings.source if settings.impersonate or email in {None, "default"} else str(email)
