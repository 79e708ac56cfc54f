"""What `feddns release` and `feddns purge` have in common: no cluster is asked, only zones are written."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from feddns.cli.agreement import Proposal, propose
from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output
from feddns.cli.plan import painted
from feddns.cli.targets import check_targets
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.handover.departure import Departure
from feddns.handover.tell import departure_lines, departure_value
from feddns.model.changes import Limits
from feddns.model.records import RecordSet
from feddns.naming import Names

Way = Callable[[Iterable[RecordSet], Names, str, Limits], Departure]
"""What leaving a zone means, from its record sets, the federation's names, the owner, and the provider's limits."""

Words = tuple[str, str, str]
"""The question; what has to be typed, `{federation}` for its name, empty for yes or no; and what has been done then."""


def depart(config: str, output: Output, only: Collection[str], words: Words, way: Way, *, yes: bool) -> None:
    """Leave the targets' zones in one way or the other.

    Args:
        config: the configuration file.
        output: the form of the answer.
        only: names of targets; empty for all.
        words: for people.
        way: the way.
        yes: whether a person has said so beforehand.
    """
    loaded = read_configuration(config)
    check_targets(loaded, only)
    question, answer, done = words
    folder = Path(config).parent
    found = asyncio.run(_survey(loaded, folder, only, way))
    proposal = Proposal(
        found=found,
        value=departure_value,
        text=lambda departure: painted(departure_lines(departure)),
        question=question,
        answer=answer.format(federation=loaded.settings.federation),
        carry_out=lambda names: asyncio.run(_carry_out(loaded, folder, {name: found[name] for name in names}, way)),
        done=done,
    )
    propose(loaded, output, proposal, yes=yes)


async def _survey(
    loaded: Loaded, folder: Path, only: Collection[str], way: Way
) -> dict[str, Departure | ProviderError]:
    from feddns.cli.opening import writing  # noqa: PLC0415 - providers' clients, only when they are needed
    from feddns.controller import once, undertaking  # noqa: PLC0415 - likewise
    from feddns.controller.targets import Target  # noqa: PLC0415 - likewise

    async def survey(target: Target) -> Departure:
        look = _look(way, target.policy.names, loaded.settings.owner, target.provider.limits)
        return await undertaking.survey(target.provider, look, loaded.settings.write.deadline)

    async with writing(loaded, folder, only=only) as targets:
        return await once.each(targets, survey)


async def _carry_out(
    loaded: Loaded, folder: Path, shown: Mapping[str, Departure | ProviderError], way: Way
) -> dict[str, ProviderError | None]:
    from feddns.cli.opening import writing  # noqa: PLC0415 - providers' clients, only when they are needed
    from feddns.controller import once  # noqa: PLC0415 - likewise
    from feddns.controller.targets import Target  # noqa: PLC0415 - likewise
    from feddns.controller.undertaking import Undertaking  # noqa: PLC0415 - likewise

    async def carry_out(target: Target) -> None:
        departure = shown[target.name]
        if isinstance(departure, Departure):
            look = _look(way, target.policy.names, loaded.settings.owner, target.provider.limits)
            await Undertaking(target.provider, look, departure, loaded.settings.write.deadline).carry_out()

    async with writing(loaded, folder, only=shown) as targets:
        return await once.each(targets, carry_out)


def _look(way: Way, names: Names, owner: str, limits: Limits) -> Callable[[tuple[RecordSet, ...]], Departure]:
    return lambda record_sets: way(record_sets, names, owner, limits)
