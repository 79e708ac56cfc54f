"""The fake as a process: it prints its URL and the id of its zone, and serves until it is killed."""

import argparse
import signal

from tests.providers.fakes.route53.account import Account
from tests.providers.fakes.route53.server import FakeRoute53


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.fakes.route53", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for a free one")
    parser.add_argument("--rate", type=float, default=None, help="requests a second of the account; unlimited without")
    parser.add_argument("--burst", type=int, default=5, help="requests at once after a rest")
    parser.add_argument("--busy", type=float, default=0.0, help="seconds that a zone is busy with one change")
    parser.add_argument("--pending", type=float, default=0.0, help="seconds until a change is INSYNC")
    parser.add_argument("--zone", action="append", default=[], help="a hosted zone to begin with; may be repeated")
    options = parser.parse_args()
    account = Account(rate=options.rate, burst=options.burst, busy_s=options.busy, pending_s=options.pending)
    zones = [account.add_zone(name) for name in options.zone or ["example.com"]]
    with FakeRoute53(account, options.port) as fake:
        print(fake.url, *(f"{zone.name}={zone.id}" for zone in zones), flush=True)  # noqa: T201  # what callers wait for
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        print(dict(account.calls), flush=True)  # noqa: T201  # how many calls of each operation there were


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
