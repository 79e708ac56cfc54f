"""`python -m tests.providers.fakes.clouddns`: a project with one zone, for trying things out."""

import argparse

from tests.providers.fakes.clouddns.server import FakeCloudDns


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.fakes.clouddns", description=main.__doc__)
    parser.add_argument("--project", default="a-project")
    parser.add_argument("--zone", default="example.com.", help="DNS name of its managed zone")
    parser.add_argument("--private", action="store_true", help="make the zone private")
    given = parser.parse_args()
    fake = FakeCloudDns(given.project)
    zone = fake.add_zone(given.zone.rstrip(".").replace(".", "-"), given.zone, private=given.private)
    settings = f"{{endpoint: '{fake.url}', anonymous: true, project: {fake.name}, managedZone: {zone.name}}}"
    print(f"clouddns: {settings}", flush=True)  # noqa: T201 - it is what a person starts it for
    try:
        fake.serve()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
