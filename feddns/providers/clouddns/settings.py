"""The settings of the provider `clouddns`."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from feddns.config.scalars import FilePath, Seconds, Section
from feddns.model.address import is_loopback

Name = Annotated[str, msgspec.Meta(min_length=1)]


class CloudDnsSettings(Section, frozen=True):
    """Google Cloud DNS.

    Attributes:
        project: the project that the managed zone is in; by default that of `GOOGLE_CLOUD_PROJECT` or of the
            credentials.
        managed_zone: the managed zone's name in that project; by default the one whose DNS name is the longest that
            `dns.zone` ends in.
        private: true for a private managed zone, false for a public one; tells apart two of the same DNS name.
        credentials_file: path of a service account's key, or of a configuration of workload identity federation; by
            default Application Default Credentials, such as GKE's workload identity.
        impersonate: e-mail address of a service account to act as, which the credentials may make tokens for.
        quota_project: the project whose API quota is used and billed; by default that of the credentials.
        wait_for_done: whether a batch is only done when all of Google's name servers have it; otherwise when it is
            committed.
        timeout: seconds until a connection, or silence instead of an answer, is given up.
        requests_per_second: requests to the API for long, for all zones of the project together.
        burst: requests that may go at once after a rest.
        gather: seconds from a batch that was sent to the next that is not full; a change after a rest goes at once.
        endpoint: another address of the API, such as `https://dns.private.example.com`; without TLS only on this
            machine.
        anonymous: true to send no credentials, which only an `endpoint` on this machine is for, such as an emulator.
    """

    project: Name | None = None
    managed_zone: Name | None = None
    private: bool | None = None
    credentials_file: FilePath | None = None
    impersonate: Name | None = None
    quota_project: Name | None = None
    wait_for_done: bool = False
    timeout: Seconds = 10.0
    requests_per_second: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    burst: Annotated[int, msgspec.Meta(ge=1)] = 5
    gather: Seconds = 0.5
    endpoint: str | None = None
    anonymous: bool = False

    def __post_init__(self) -> None:
        """Refuse what would send credentials in clear, or nobody's requests to Google.

        Raises:
            ValueError: says which.
        """
        is_local = self.endpoint is not None and _is_local(self.endpoint)
        if self.anonymous and not is_local:
            raise ValueError(
                "anonymous is for an endpoint on this machine, such as http://127.0.0.1:8080, and no other"
            )
        if self.anonymous and (self.credentials_file or self.impersonate or self.quota_project):
            raise ValueError("anonymous sends no credentials: leave out credentialsFile, impersonate and quotaProject")
        if self.anonymous and not self.project:
            raise ValueError("anonymous needs project: without credentials nothing else tells it")

    @property
    def source(self) -> str:
        """As whom requests are made, as far as the settings tell."""
        if self.anonymous:
            return "nobody"
        return self.impersonate or self.credentials_file or "Application Default Credentials"


def _is_local(endpoint: str) -> bool:
    """Whether an endpoint is on this machine.

    Raises:
        ValueError: it is no endpoint, or one whose traffic others could read.
    """
    parts = urlsplit(endpoint)
    if not parts.hostname or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query:
        raise ValueError(f'"{endpoint}" is no endpoint: write https://host or https://host:port')
    is_local = is_loopback(parts.hostname)
    if parts.scheme == "http" and not is_local:
        raise ValueError(f'"{endpoint}" would send credentials in clear: write https://')
    return is_local
