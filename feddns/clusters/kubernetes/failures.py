"""Why an API server could not be read, sorted by what its watcher does next.

ClusterError
├── Unreachable       the connection: try again where it broke off
├── CredentialsError  the kubeconfig, a file that it names, or a plugin: try again, it may be put right
└── Refused           the API server's answer, with its HTTP status
    └── Expired       the version asked for is too old: list again
"""

from feddns.errors import ClusterError


class Unreachable(ClusterError):
    """There is no connection, or it broke, or it went silent."""


class CredentialsError(ClusterError):
    """There are no credentials, or no settings to connect with."""


class Refused(ClusterError):
    """The API server answered with an error.

    Attributes:
        status: the HTTP status.
        retry_after_s: the least time to wait in seconds, 0.0 where the server did not say.
    """

    def __init__(self, text: str, status: int, retry_after_s: float = 0.0) -> None:
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(text)


class Expired(Refused):
    """The resource version, or the continuation of a list, is older than what the API server remembers."""
