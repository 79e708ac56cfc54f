"""`feddns status`: what a running feddns sees, believes and writes."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote

import click
import msgspec

from feddns.cli.configuration import read_configuration
from feddns.cli.live import Screen
from feddns.cli.options import Output, common_options
from feddns.cli.output import render
from feddns.cli.picture import services_text, status_text
from feddns.cli.portrait import story_text
from feddns.cli.remote import Remote, default_url
from feddns.errors import UntoldError
from feddns.model.asked import MOST
from feddns.model.pages import Services
from feddns.model.status import ServiceVerdict, Status
from feddns.model.stories import Service, ServiceStory
from feddns.orders.telling import instant

_FEW: Final = 20
"""So many services are shown where nobody asks for more; those that are not healthy go first."""

_UNHEALTHY: Final = [verdict.value for verdict in ServiceVerdict if verdict is not ServiceVerdict.HEALTHY]

Drawing = tuple[msgspec.Struct, Callable[[int | None], str]]
"""What was told, and how it looks in so many characters a line."""


class Wanted(NamedTuple):
    """What is to be shown: the federation at a glance, or services.

    Attributes:
        service: this one alone, with all that is known of it.
        namespace: only services of this one.
        unhealthy: only services that are not healthy.
        all_services: every service.
    """

    service: tuple[str, str] | None
    namespace: str
    unhealthy: bool
    all_services: bool


@click.command("status")
@common_options
@click.option("--url", metavar="URL", help="Where feddns answers.  [default: as web.listen has it]")
@click.option("--service", metavar="NAMESPACE/NAME", help="All that is known of one service.")
@click.option("--namespace", metavar="NAMESPACE", default="", help="The services of a namespace.")
@click.option("--unhealthy", is_flag=True, help="The services that are not healthy in all their clusters.")
@click.option("--all", "all_services", is_flag=True, help="All services.")
@click.option("--watch", is_flag=True, help="Show it again and again, until Ctrl-C or `q`.")
@click.option("--interval", type=click.FloatRange(0.2, 3600), default=2.0, metavar="SECONDS", help="How often.  [2]")
def command(  # noqa: PLR0913 - options of one verb
    config: str,
    output: Output,
    url: str | None,
    service: str | None,
    namespace: str,
    *,
    unhealthy: bool,
    all_services: bool,
    watch: bool,
    interval: float,
) -> None:
    """Show what a running feddns sees, believes and writes; it is asked over HTTP.

    Clusters, services with their answers, what waits to be written, what holds it and how that is released, and the
    last failovers.
    """
    wanted = Wanted(_key(service), namespace, unhealthy=unhealthy, all_services=all_services)
    remote = Remote(url or default_url(read_configuration(config, with_provider=False).settings))
    if not watch:
        told, drawn = _ask(remote, wanted)
        click.echo(render(told, output, lambda _: drawn(_width())))
    elif output == "text" and sys.stdout.isatty():
        _watch(remote, wanted, interval)
    else:
        _append(remote, wanted, output, interval)


def _key(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    namespace, _, name = text.partition("/")
    if not namespace or not name or "/" in name:
        raise click.BadParameter(f'"{text}" is no service; write NAMESPACE/NAME', param_hint="--service")
    return namespace, name


def _ask(remote: Remote, wanted: Wanted) -> Drawing:
    if wanted.service is not None:
        namespace, name = wanted.service
        story = remote.ask(f"/services/{quote(namespace, safe='')}/{quote(name, safe='')}", ServiceStory)
        return story, lambda width: story_text(story, width)
    if wanted.namespace or wanted.unhealthy or wanted.all_services:
        services = _all(remote, wanted)
        return services, lambda width: _listed(services, width)
    status = remote.ask("/status", Status)
    few = _few(remote, status)
    return status, lambda width: status_text(status, few, width)


def _few(remote: Remote, status: Status) -> tuple[Service, ...]:
    verdicts = [] if status.services.total <= _FEW else _UNHEALTHY
    if verdicts and status.services.healthy == status.services.total:
        return ()
    return remote.ask("/services", Services, limit=_FEW, verdict=verdicts).services


def _all(remote: Remote, wanted: Wanted) -> Services:
    """All pages as one."""
    verdicts = _UNHEALTHY if wanted.unhealthy else []
    page = remote.ask("/services", Services, limit=MOST, namespace=wanted.namespace, verdict=verdicts)
    services = list(page.services)
    while page.next:
        more = {"limit": MOST, "namespace": wanted.namespace, "verdict": verdicts, "continue": page.next}
        page = remote.ask("/services", Services, **more)
        services.extend(page.services)
    return Services(page.at, len(services), "", tuple(services))


def _listed(services: Services, width: int | None) -> str:
    return services_text(services.services, None, width) or "no services"


def _width() -> int | None:
    """Of the terminal; None where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _watch(remote: Remote, wanted: Wanted, interval_s: float) -> None:
    """Draw it in place, also through restarts of what is asked."""
    _, drawn = _ask(remote, wanted)
    trouble = ""
    with Screen() as screen:
        while True:
            title = click.style(trouble, fg="red") if trouble else f"{remote.url} at {instant(time.time())}"
            screen.show(f"{title}   every {interval_s:g} s, q ends", drawn(_width()))
            if screen.is_left(interval_s):
                return
            try:
                _, drawn = _ask(remote, wanted)
                trouble = ""
            except UntoldError as error:
                trouble = trouble or f"since {instant(time.time())}: {error}"


def _append(remote: Remote, wanted: Wanted, output: Output, interval_s: float) -> None:
    """Print it again and again; JSON as one line each, YAML as one document each."""
    while True:
        try:
            told, drawn = _ask(remote, wanted)
        except UntoldError as error:
            click.echo(f"feddns: {error}", err=True)
        else:
            click.echo(_appended(told, drawn, output))
            sys.stdout.flush()
        time.sleep(interval_s)


def _appended(told: msgspec.Struct, drawn: Callable[[int | None], str], output: Output) -> str:
    if output == "json":
        return msgspec.json.encode(told).decode()
    if output == "yaml":
        return f"---\n{render(told, output, str)}"
    return f"# {instant(time.time())}\n{drawn(_width())}\n"
