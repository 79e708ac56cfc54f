"""Every error that feddns raises, sorted by what the one who catches it should do.

FeddnsError
├── ConfigError               the operator must act: file, line, what would be right
├── InvalidNameError          this one service has no valid DNS name
├── OrdersError               what operators have ordered cannot be read, changed or carried out
├── MembershipError           a cluster cannot join or leave
├── HeadersError              a probe's headers cannot be had: the probe is not sent
├── WebError                  the address for metrics and probes cannot be listened on
├── UntoldError               a running feddns does not tell what it was asked
├── ClusterError              becomes evidence: that cluster is Unknown
└── ProviderError
    ├── Throttled             later; nothing was changed; says when
    ├── Unavailable           later; may say that the outcome of a write is unknown
    ├── Conflict              the zone moved under us: read again, plan again
    ├── Rejected              never by retrying: names the refused record sets
    └── Unauthorized          never by retrying: a person must grant something
"""


class FeddnsError(Exception):
    """The root of all errors of feddns; its text is for people."""


class ConfigError(FeddnsError):
    """The configuration cannot be used.

    Attributes:
        file: the path as the operator wrote it.
        line: 1-based line in the file, or None where no line is to blame.
    """

    def __init__(self, file: str, line: int | None, text: str) -> None:
        self.file = file
        self.line = line
        self.text = text
        super().__init__(f"{file}:{line}: {text}" if line is not None else f"{file}: {text}")


class InvalidNameError(FeddnsError):
    """A service, region or zone cannot be written as a DNS name (RFC 1035 section 2.3.4, RFC 1123 section 2.1)."""


class OrdersError(FeddnsError):
    """Orders cannot be read, changed or carried out; says where they are, and what would be right."""


class MembershipError(FeddnsError):
    """A cluster cannot join the federation or leave it; says what stands in the way, and what would be right."""


class HeadersError(FeddnsError):
    """Headers of a probe cannot be had; the text names the file or the Secret's key, and never a value."""


class WebError(FeddnsError):
    """HTTP cannot be answered; starting again cannot mend it."""


class UntoldError(FeddnsError):
    """A running feddns does not tell what it was asked: it does not answer, or what answers is none."""


class ClusterError(FeddnsError):
    """A cluster cannot be read; its shards become Unknown."""


class ProviderError(FeddnsError):
    """A DNS provider did not do what was asked."""


class Throttled(ProviderError):
    """The provider asks to come later; nothing was changed.

    Attributes:
        retry_after_s: the least time to wait in seconds, 0.0 where the provider did not say.
    """

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(text)


class Unavailable(ProviderError):
    """The provider cannot be reached or answered with a passing failure.

    Attributes:
        outcome_unknown: True where a write was sent and no answer came: it may or may not have been done, so the zone
            must be read before anything else is written.
    """

    def __init__(self, text: str, *, outcome_unknown: bool = False) -> None:
        self.outcome_unknown = outcome_unknown
        super().__init__(text)


class Conflict(ProviderError):
    """The fence or a record is not what the batch expected, so nothing of the batch was written."""


class Rejected(ProviderError):
    """The provider refuses what was asked, and will again.

    Attributes:
        names: the record names that the provider blames, where it says.
    """

    def __init__(self, text: str, names: frozenset[str] = frozenset()) -> None:
        self.names = names
        super().__init__(text)


class Unauthorized(ProviderError):
    """The credentials are missing, wrong or not allowed to do this."""
