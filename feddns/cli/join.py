"""`feddns join`: a cluster becomes one of the federation, from wherever a kubeconfig leads to it."""

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from feddns.cli.hosting import (
    Host,
    HostOptions,
    account_options,
    check_label,
    find_host,
    host_options,
    kubeconfig_option,
)
from feddns.cli.options import Output, common_options
from feddns.cli.output import emit
from feddns.cli.warnings import warn
from feddns.config.durations import parse_duration
from feddns.errors import MembershipError
from feddns.membership.account import Account, Claim, Grants, manifests, namespace_manifest, token_names, token_secret
from feddns.membership.contexts import (
    Place,
    authority_file,
    checked_server,
    endpoint_of,
    find_place,
    is_own_address,
    kubeconfig_files,
)
from feddns.membership.terms import Joined, Wish, secret_name
from feddns.model.labels import is_label
from feddns.model.printable import printable

_SHORTEST_S: Final = 600  # the least that an API server gives (authentication.k8s.io/v1, expirationSeconds)


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return check_label(value)


def _lifetime(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        seconds = math.ceil(parse_duration(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if seconds < _SHORTEST_S:
        raise click.BadParameter("API servers give no token for less than 10m")
    return seconds


def _region(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    return value if not value else check_label(value)


def _zones(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(check_label(zone.strip()) for zone in value.split(",") if zone.strip())


def _secrets(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By namespace, the names of Secrets, of values such as `shop/probe-headers`."""
    by_namespace: dict[str, list[str]] = {}
    for value in values:
        namespace, _, name = value.partition("/")
        if not is_label(namespace) or not all(map(is_label, name.split("."))):
            raise click.BadParameter(f"{value!r} is not NAMESPACE/NAME of a Secret")
        by_namespace.setdefault(namespace, []).append(name)
    return tuple((namespace, tuple(sorted(set(names)))) for namespace, names in sorted(by_namespace.items()))


@click.command("join")
@common_options
@click.argument("context")
@click.option("--name", required=True, callback=_name, metavar="NAME", help="What the federation calls the cluster.")
@kubeconfig_option
@click.option("--region", callback=_region, metavar="REGION", help="Where it is, if its nodes do not say so.")
@click.option("--zones", callback=_zones, metavar="A,B", help="Its zones in that region, likewise.")
@click.option("--server", metavar="URL", help="The API server as the host cluster reaches it, if not as you do.")
@click.option("--certificate-authority", type=click.Path(), metavar="FILE", help="What that is trusted by, likewise.")
@account_options
@click.option("--events", is_flag=True, help="Let feddns write Events, which tell owners about their Services.")
@click.option(
    "--probe-secret",
    "headers",
    multiple=True,
    callback=_secrets,
    metavar="NAMESPACE/NAME",
    help="Let feddns read this Secret, for headers of probes; may be given more than once.",
)
@click.option(
    "--token-lifetime", callback=_lifetime, metavar="SPAN", help="Have a token that ends; join again before it does."
)
@click.option("--new-token", is_flag=True, help="Replace the token, and delete the one before it.")
@click.option("--replace", is_flag=True, help="Take over a name, or an account, that another cluster has.")
@host_options
@click.option("--dry-run", is_flag=True, help="Print what would be made in the cluster as YAML, and make nothing.")
def command(config: str, output: Output, context: str, *, dry_run: bool, **asked: Any) -> None:
    """Have the cluster of CONTEXT join under a name of its own.

    It makes an account there that may only read, and writes a Secret with its kubeconfig into the host cluster. It can
    be done again at any time: that puts right what is missing.
    """
    if asked["new_token"] and asked["token_lifetime"] is not None:
        raise click.UsageError("--new-token is for tokens without an end; with --token-lifetime each is new")
    place = find_place(kubeconfig_files(asked["kubeconfig"]), context)
    wish = _wish(place, asked)
    if is_own_address(wish.far.server):
        text = f"{wish.far.server} leads each machine to itself, so pods of the host cluster find no API server there"
        warn(f"{text}; say by --server where they reach it")
    if dry_run:
        _print_manifests(wish, output)
        return
    hosted = HostOptions(asked["host_context"], asked["host_kubeconfig"], asked["host_namespace"])
    host = find_host(config, hosted, asked["kubeconfig"])
    _check_name_is_free(host, wish.cluster)
    joined = asyncio.run(_join(place, host, wish))
    emit(joined, output, lambda _: "\n".join(map(printable, _lines(joined))))


def _wish(place: Place, asked: dict[str, Any]) -> Wish:
    near, default = endpoint_of(place), Account()
    far = near
    if asked["server"] is not None:
        far = msgspec.structs.replace(near, server=checked_server(asked["server"]), server_name="")
    if asked["certificate_authority"] is not None:
        authority = authority_file(Path(asked["certificate_authority"]).expanduser())
        far = msgspec.structs.replace(far, authority=authority)
    return Wish(
        cluster=asked["name"],
        account=Account(asked["namespace"] or default.namespace, asked["account"] or default.name),
        near=near,
        far=far,
        events=asked["events"],
        headers=asked["headers"],
        region=asked["region"],
        zones=asked["zones"],
        lifetime_s=asked["token_lifetime"],
        new_token=asked["new_token"],
        replace=asked["replace"],
    )


def _print_manifests(wish: Wish, output: Output) -> None:
    grants = Grants(not (wish.region and wish.zones), wish.events, wish.headers)
    claim = Claim(wish.cluster)
    made = [namespace_manifest(wish.account), *manifests(wish.account, grants, claim)]
    if wish.lifetime_s is None:
        made.append(token_secret(wish.account, claim, token_names(wish.account)[0]))
    if output == "json":
        emit(made, output, str)
        return
    click.echo(f"# A kubeconfig of this account, for {wish.far.server}, would go into the host cluster as the Secret")
    click.echo(f"# {secret_name(wish.cluster)}.")
    for manifest in made:
        click.echo("---")
        emit(manifest, "yaml", str)


def _check_name_is_free(host: Host, cluster: str) -> None:
    configured = () if host.loaded is None else (each.name for each in host.loaded.settings.clusters)
    if cluster in configured:
        text = f"the configuration has a cluster {cluster!r} already, which would go before the Secret"
        raise MembershipError(f"{text}; take it out there, or choose another name")


async def _join(place: Place, host: Host, wish: Wish) -> Joined:
    from feddns.membership.joining import join  # noqa: PLC0415 - kubernetes costs a second
    from feddns.membership.objects import at  # noqa: PLC0415 - likewise

    async with at(place, "the cluster") as member, at(host.place, "the host cluster") as hosting:
        return await join(member, hosting, host.namespace, wish)


def _lines(joined: Joined) -> Iterator[str]:
    yield f"{joined.cluster} has joined{' again' if joined.again else ''}: {joined.server}"
    kept = f", which {joined.kept_by} keeps, and was left as it is" if joined.kept_by else ""
    yield f"account: {joined.account}{kept}"
    yield f"Secret:  {joined.secret} in the host cluster"
    if joined.region:
        yield f"place:   {', '.join((joined.region, *joined.zones))}"
    if joined.token_ends:
        yield f"token:   ends {joined.token_ends}; join again before that"
    if joined.left_behind:
        yield f"left behind: {joined.left_behind}; delete it there"
    yield "`feddns clusters` shows whether feddns sees it"
