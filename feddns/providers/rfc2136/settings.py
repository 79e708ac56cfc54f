"""The settings of the provider `rfc2136`."""

from feddns.config.scalars import Seconds, Section
from feddns.model.address import parse_address
from feddns.providers.tsigkey import TsigSettings


class Rfc2136Settings(Section, frozen=True):
    """A server that takes dynamic updates, such as BIND, Knot or PowerDNS.

    Attributes:
        server: the zone's primary server: `host`, `host:port` or `[IPv6 address]:port`; port 53 by default.
        tsig: the key to sign with; without it the server must know us by our address.
        timeout: seconds until a connection, or an answer, is given up.
        transfer_server: where the zone is read from, if not from `server`: a server that holds each update at once,
            since what it lags behind looks like someone else's change.
    """

    server: str
    tsig: TsigSettings | None = None
    timeout: Seconds = 5.0
    transfer_server: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no address.

        Raises:
            ValueError: a server's address cannot be understood.
        """
        parse_address(self.server)
        if self.transfer_server is not None:
            parse_address(self.transfer_server)
