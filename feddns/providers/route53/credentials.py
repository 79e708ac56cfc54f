"""AWS clients with the credentials that the settings name, which renew themselves as long as they can."""

import functools
import os
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError

from feddns.providers.route53.settings import Route53Settings

_CONNECT_TIMEOUT_S: Final = 3.0
_CONNECTIONS: Final = 4
_SESSION_NAME: Final = "feddns"
"""How CloudTrail tells what feddns did with an assumed role."""
_ANY_REGION: Final = "us-east-1"
"""Route 53 is one service for a whole partition, and botocore wants a region with an endpoint of one's own."""
_FILES: Final = (
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ("AWS_CA_BUNDLE", ""),
)
"""Environment variables that name files, and what stands for them; see the AWS CLI's list of variables."""


class _Assumed:
    """The one source of credentials in a chain: a role that is assumed again before its credentials expire."""

    METHOD = "assume-role"

    def __init__(self, fetcher: Any) -> None:
        self._fetcher = fetcher

    def load(self) -> Any:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


def open_client(settings: Route53Settings, folder: Path) -> Any:
    """A client of Route 53, which takes some 50 ms to make and may be used from many threads.

    Every request is sent once: neither the environment nor a configuration file can make botocore repeat a write.

    Args:
        settings: which credentials, and where the API is.
        folder: where relative paths start from.

    Raises:
        BotoCoreError: there are no credentials, or the configuration files of AWS cannot be used.
    """
    config = Config(
        connect_timeout=min(_CONNECT_TIMEOUT_S, settings.timeout),
        read_timeout=settings.timeout,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=_CONNECTIONS,
        tcp_keepalive=True,
    )
    session = botocore.session.Session(profile=settings.profile)
    if settings.web_identity_token_file is None and session.get_credentials() is None:
        raise NoCredentialsError
    region = settings.region or session.get_config_variable("region") or _ANY_REGION
    if settings.role_arn is not None:
        session = _assuming(session, settings, folder, functools.partial(_sts, session, region, config))
    return boto3.Session(botocore_session=session).client(
        "route53", region_name=region, endpoint_url=settings.endpoint_url, config=config
    )


def credential_files() -> tuple[Path, ...]:
    """The files that a client is made of: AWS' configuration and credentials, and the certificates that it trusts.

    Files with tokens are not among them: botocore reads them whenever credentials are to be renewed.
    """
    named = [os.environ.get(variable, default) for variable, default in _FILES]
    return tuple(Path(name).expanduser() for name in named if name)


def _assuming(source: Any, settings: Route53Settings, folder: Path, sts: Any) -> Any:
    """A session that has the role's credentials alone."""
    extra = {"RoleSessionName": _SESSION_NAME}
    if settings.web_identity_token_file is not None:
        path = folder / settings.web_identity_token_file
        fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
            sts, lambda: path.read_text("utf-8", "replace").strip(), settings.role_arn, extra
        )
    else:
        credentials = source.get_credentials()
        if settings.external_id is not None:
            extra["ExternalId"] = settings.external_id
        fetcher = AssumeRoleCredentialFetcher(sts, credentials, settings.role_arn, extra)
    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([_Assumed(fetcher)]))
    return session


def _sts(session: Any, region: str, timeouts: Config, service: str, config: Config | None = None, **keys: Any) -> Any:
    merged = timeouts if config is None else timeouts.merge(config)
    return session.create_client(service, region_name=region, config=merged, **keys)
