"""Who wants to know about which addresses."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from feddns.health.tracks import hindered
from feddns.model.probing import UNTESTED, Probe, Track
from feddns.probes.allowed import Allowed
from feddns.probes.schedule import Target, User


class _Wish:
    """What one user wants, and what came of it."""

    __slots__ = ("probes", "refused", "targets")

    def __init__(self, probes: dict[str, Probe]) -> None:
        self.probes = probes
        self.targets: dict[str, Target] = {}
        self.refused: dict[str, Track] = {}


_NOTHING: Final = _Wish({})


class Wishes:
    """The wishes of all users, and the targets that follow from them: one for each address and question.

    Args:
        allowed: the addresses that may be asked.
        clock: gives seconds since the epoch.
    """

    def __init__(self, allowed: Allowed, clock: Callable[[], float]) -> None:
        self._allowed = allowed
        self._clock = clock
        self._of_users: dict[User, _Wish] = {}
        self._targets: dict[tuple[str, Probe], Target] = {}

    @property
    def count(self) -> int:
        """How many targets there are."""
        return len(self._targets)

    def targets(self) -> tuple[Target, ...]:
        """All of them."""
        return tuple(self._targets.values())

    def tracks(self, user: User) -> Mapping[str, Track]:
        """What is known now, by address; of one that may not be probed, why."""
        wish = self._of_users.get(user, _NOTHING)
        return {address: target.track for address, target in wish.targets.items()} | wish.refused

    def change(self, user: User, probes: Mapping[str, Probe]) -> tuple[list[Target], list[Target]]:
        """Take a user's wish in place of the last one.

        Returns:
            The targets that are new, and those that nobody wants any more.
        """
        before = self._of_users.get(user, _NOTHING)
        if probes == before.probes:
            return [], []
        wish = _Wish(dict(probes))
        new = [self._enlist(user, wish, address, before.targets.get(address)) for address in probes]
        left = [target for address, target in before.targets.items() if wish.targets.get(address) is not target]
        for target in left:
            target.users.discard(user)
        ended = [target for target in left if not target.users]
        for target in ended:
            del self._targets[target.address, target.probe]
        if probes:
            self._of_users[user] = wish
        else:
            del self._of_users[user]
        return [target for target in new if target is not None], ended

    def _enlist(self, user: User, wish: _Wish, address: str, before: Target | None) -> Target | None:
        """Add one address to a wish; gives its target where that is new."""
        probe = wish.probes[address]
        target = self._targets.get((address, probe))
        is_new = target is None
        if target is None:
            objection = self._allowed.objection(address)
            if objection:
                text = f"never asked: {objection}, and `health.probing.allow` does not list it"
                wish.refused[address] = hindered(UNTESTED, text)
                return None
            target = self._targets[address, probe] = Target(address, probe, self._known(probe, before))
        target.users.add(user)
        wish.targets[address] = target
        return target if is_new else None

    def _known(self, probe: Probe, before: Target | None) -> Track:
        """What a new target begins with: what the user knew of the address, where only the pace is another."""
        if before is not None and before.probe.question == probe.question:
            return before.track
        return msgspec.structs.replace(UNTESTED, since=self._clock())
