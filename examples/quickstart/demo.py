"""The federation of the quickstart, running: three clusters, one DNS answer, and a failover to try.

It copies this folder to `.demo`, so that what you change is yours, and runs `feddns run` on the copy until Ctrl-C.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
COPY = Path(".demo")
FEDDNS = (sys.executable, "-m", "feddns")
NAME = "nginx.mynamespace.myfederation.svc"
QUESTIONS = (f"{NAME}.europe-west1-b.europe-west1.example.com", f"{NAME}.example.com")


def main() -> int:
    """Run the demo; the exit code is that of `feddns run`."""
    if COPY.exists():
        shutil.rmtree(COPY)
    shutil.copytree(HERE, COPY, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with subprocess.Popen(
        [*FEDDNS, "run", "--config", str(COPY / "feddns.yaml")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FEDDNS_LOG": "json"},
    ) as run:
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: run.terminate())
            follow(run)
        finally:
            run.terminate()
    return run.returncode


def follow(run: subprocess.Popen[str]) -> None:
    """Show what there is once it is served, and then what happens."""
    address, is_written, is_introduced = "", False, False
    for event in read_events(run):
        if is_introduced or event["level"] != "info":
            told = " ".join(f"{key}={value}" for key, value in event.items() if key not in {"time", "level", "event"})
            print(f"  {event['time'][11:19]} {event['event']} {told}", flush=True)
        elif event["event"] == "serving":
            address = event["addresses"][0]
        elif event["event"] == "records written":
            is_written = True
        if address and is_written and not is_introduced:
            introduce(*address.rsplit(":", 1))
            is_introduced = True


def read_events(run: subprocess.Popen[str]) -> Iterator[dict[str, str]]:
    """What feddns logs, as it does."""
    assert run.stderr is not None  # noqa: S101 - it was asked for above
    for line in run.stderr:
        try:
            yield json.loads(line)
        except ValueError:
            print(line, end="", file=sys.stderr)


def introduce(host: str, port: str) -> None:
    """Show what is there, and what to try."""
    print("Three clusters have the Service nginx in mynamespace; the federation has these records:\n", flush=True)
    subprocess.run([*FEDDNS, "records", "--config", str(COPY / "feddns.yaml")], check=False)
    for question in QUESTIONS:
        print(f"\n$ dig @{host} -p {port} +short {question}", flush=True)
        ask(host, port, question)
    slices = COPY / "clusters" / "europe-west1" / "endpointslices.yaml"
    print(
        f"\nNow let Europe fail: its pods are no longer ready,\n\n"
        f"  sed -i 's/ready: true/ready: false/' {slices}\n\n"
        f"and ask again: the zone's name leads on to the region, and that to the clusters that are left.\n"
        f"`feddns explain --config {COPY}/feddns.yaml {NAME.removesuffix('.svc')}` tells why. Ctrl-C ends this.\n",
        flush=True,
    )


def ask(host: str, port: str, question: str) -> None:
    """Answer as `dig +short` does, by dig itself where it is installed."""
    if shutil.which("dig"):
        subprocess.run(["dig", f"@{host}", "-p", port, "+short", question], check=False)
        return
    import dns.message  # noqa: PLC0415 - only where dig is missing
    import dns.query  # noqa: PLC0415

    answer = dns.query.udp(dns.message.make_query(question, "A"), host, port=int(port), timeout=3)
    for records in answer.answer:
        for record in records:
            print(record.to_text())


if __name__ == "__main__":
    sys.exit(main())
