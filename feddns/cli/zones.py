"""`feddns zones`: the zones that each target's credentials can see, and the delegation of the one that is written."""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.output import Painted, table
from feddns.cli.targets import check_targets, show_each
from feddns.config.parse import Loaded
from feddns.controller.delegation import Delegation, check, parse_resolver, system_resolvers
from feddns.errors import ProviderError, Rejected
from feddns.model.endpoint import Endpoint
from feddns.model.zones import HostedZone
from feddns.plan.claim import Claim, read_claim
from feddns.plan.zone import sort_zone

if TYPE_CHECKING:
    from feddns.controller.targets import Target

_COLOURS = {"delegated": "green", "partly": "yellow", "not delegated": "red", "unknown": "yellow"}


class Seen(msgspec.Struct, frozen=True, rename="camel"):
    """What a target's credentials show.

    Attributes:
        provider: where and as whom.
        atomic: whether batches are taken whole or not at all, so that a claim can fence them.
        zones: all that can be seen, with what is known of their delegation.
        claim: who has claimed the federation's names in the zone that is written; None where nobody has, or where that
            was not asked for.
    """

    provider: str
    atomic: bool
    zones: tuple[tuple[HostedZone, Delegation | None], ...]
    claim: Claim | None = None


@click.command("zones")
@common_options
@target_option
@click.option("--resolver", metavar="ADDRESS[:PORT]", help="Ask this DNS server for delegations, not the system's.")
@click.option("--claims", is_flag=True, help="Read each zone that is written, and tell who has claimed the names.")
def command(config: str, output: Output, target: tuple[str, ...], resolver: str | None, *, claims: bool) -> None:
    """Show the zones that each target's credentials can see, and check the delegation of the one that is written.

    The exit code is 1 where a provider refuses, or has no such zone; what is missing is told.
    """
    try:
        resolvers = (parse_resolver(resolver),) if resolver is not None else system_resolvers()
    except ValueError:
        raise click.BadParameter(
            f'"{resolver}" is no address; write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353',
            param_hint="--resolver",
        ) from None
    loaded = read_configuration(config)
    check_targets(loaded, target)
    outcomes = asyncio.run(_zones(loaded, Path(config).parent, target, resolvers, claims=claims))
    show_each(loaded, outcomes, output, _value, _text)


async def _zones(
    loaded: Loaded, folder: Path, only: Collection[str], resolvers: Sequence[Endpoint], *, claims: bool
) -> dict[str, Seen | ProviderError]:
    from feddns.cli.opening import writing  # noqa: PLC0415 - providers' clients, only when they are needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async def see(target: "Target") -> Seen:
        found = sorted(await target.provider.zones(), key=lambda zone: (not zone.written, zone))
        names = target.policy.names
        if not any(zone.written for zone in found):
            others = ", ".join(zone.name for zone in found) or "none"
            raise Rejected(f"{target.provider.identity} has no zone {names.zone}; the zones that can be seen: {others}")
        checked = [zone for zone in found if zone.name == names.zone]
        delegations = dict(zip(checked, await check(checked, resolvers), strict=True))
        claim = sort_zone(await target.provider.read_zone(), names).claim if claims else None
        return Seen(
            provider=target.provider.identity,
            atomic=target.provider.limits.atomic,
            zones=tuple((zone, delegations.get(zone)) for zone in found),
            claim=None if claim is None else read_claim(claim),
        )

    async with writing(loaded, folder, only=only) as targets:
        return await once.each(targets, see)


def _value(seen: Seen) -> dict[str, Any]:
    return {
        "provider": seen.provider,
        "atomic": seen.atomic,
        "claim": None if seen.claim is None else msgspec.to_builtins(seen.claim),
        "zones": [
            {
                "name": zone.name,
                "id": zone.id,
                "private": zone.private,
                "written": zone.written,
                "nameServers": list(zone.name_servers),
                "delegation": None if delegation is None else msgspec.to_builtins(delegation),
            }
            for zone, delegation in seen.zones
        ],
    }


def _text(seen: Seen) -> str:
    rows = [
        (
            zone.name,
            zone.id or "-",
            "private" if zone.private else "public",
            "yes" if zone.written else "-",
            Painted("-", "")
            if delegation is None
            else Painted(delegation.verdict, _COLOURS.get(delegation.verdict, "")),
            "" if delegation is None else delegation.text,
        )
        for zone, delegation in seen.zones
    ]
    lines = [f"{seen.provider}: batches are {'fenced' if seen.atomic else 'not atomic, so nothing fences them'}"]
    if seen.claim is not None:
        lines.append(f'claimed by owner "{seen.claim.owner}", batch {seen.claim.seq}')
    lines.append(table(("zone", "id", "kind", "written", "delegation", "reason"), rows))
    return "\n".join(lines)
