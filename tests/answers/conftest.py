"""Fixtures of the tests of answers."""

from tests.rules.conftest import no_io

__all__ = ["no_io"]
