"""`python -m feddns` is `feddns`."""

from feddns.cli.main import main

main()
