"""Everything around feddns fails, one thing after another, and clients are led as docs/outages.md says."""

import pytest

from tests.outages.conftest import Outcomes
from tests.outages.outages import OUTAGES
from tests.outages.playing import Case
from tests.outages.table import note

CASES = [Case(outage, restarts) for outage in OUTAGES for restarts in (False, True)]


def _told(case: Case) -> str:
    return case.outage.name + ("; feddns restarted" if case.restarts else "")


@pytest.mark.timeout(240)  # the first to be waited for may be the last to get room
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=_told)
async def test_an_outage_is_seen_as_it_should_be(case: Case, outcomes: Outcomes) -> None:
    note(case, await outcomes[case])
