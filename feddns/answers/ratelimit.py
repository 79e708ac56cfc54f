"""Response rate limiting: one token bucket for each network that asks (https://kb.isc.org/docs/aa-01000).

Who floods a name server with queries from a forged address wants the answers to flood that address. So the answers to
one network have a rate; what goes beyond is dropped, but for every n-th, which is a short "come by TCP": that cannot be
forged, and a real resolver behind the address is served there.
"""

import math
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

MOST_NETWORKS: Final = 32_768
"""Buckets kept, of at most 5 MB together; those that are full again are forgotten first, which changes nothing."""

_EXEMPT: Final = math.nan


class Pace(msgspec.Struct, frozen=True):
    """How much one network gets.

    Attributes:
        rate: answers a second in the long run.
        burst: answers at once after a rest.
        slip: every n-th answer beyond is cut instead of dropped; 0 for none, 1 for all.
    """

    rate: int
    burst: int
    slip: int


class RateLimit:
    """The buckets of one address family.

    A bucket is the one moment at which it will be full again (the generic cell rate algorithm of ITU-T I.371): no token
    is ever counted, and a bucket that is full need not be kept. The bucket of an exempt network is NaN, which is less
    than no number, greater than none, and stays what it is whatever is added.
    """

    def __init__(
        self, pace: Pace, mask: int, is_exempt: Callable[[int], bool] = lambda _: False, most: int = MOST_NETWORKS
    ) -> None:
        """Make it, with all buckets full.

        Args:
            pace: how much a network gets.
            mask: what of a client's number is its network's.
            is_exempt: whether a network has no limit at all; asked when it first goes beyond.
            most: buckets kept.
        """
        self._mask = mask
        self._cost_s = 1 / pace.rate
        # A thousandth of a token more, lest rounding takes the last one of the burst away.
        self._deepest_s = (pace.burst - 1 + 0.001) * self._cost_s
        self._slip = pace.slip
        self._is_exempt = is_exempt
        self._most = most
        self._full_at: dict[int, float] = {}
        self._beyond: dict[int, int] = {}

    def __len__(self) -> int:
        """Buckets that are kept."""
        return len(self._full_at)

    def beyond(self, clients: Iterable[int], now: float) -> dict[int, bool]:
        """Take a token for each client; tell which got none.

        Args:
            clients: their addresses as numbers, one for each answer.
            now: seconds, never less than in the last call.

        Returns:
            The places of those beyond the limit among `clients`, and whether each is to get a cut answer.
        """
        beyond: dict[int, bool] = {}
        full_at, mask, cost_s, latest = self._full_at, self._mask, self._cost_s, now + self._deepest_s
        look_up = full_at.get
        for place, client in enumerate(clients):
            network = client & mask
            at = look_up(network, now)
            if at > latest:
                if network not in self._beyond and self._is_exempt(network):
                    full_at[network] = _EXEMPT
                else:
                    beyond[place] = self._is_cut(network)
                continue
            if at < now:  # noqa: PLR1730 - max() would take as long as all the rest
                at = now
            full_at[network] = at + cost_s
        if len(full_at) > self._most:
            self._forget(now)
        return beyond

    def _is_cut(self, network: int) -> bool:
        """Whether it is the turn of a cut answer."""
        count = self._beyond[network] = self._beyond.get(network, 0) + 1
        return self._slip > 0 and count % self._slip == 0

    def _forget(self, now: float) -> None:
        kept = {network: at for network, at in self._full_at.items() if at > now}
        if len(kept) > self._most // 2:
            # Only where the rate is tiny: a server that gives R answers a second empties no more than R / rate buckets.
            kept = {}
        self._full_at = kept
        self._beyond = {network: count for network, count in self._beyond.items() if network in kept}
