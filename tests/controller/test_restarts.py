"""What a restart in the midst of something makes of it, with all parts at work."""

from tests.regressions.federation import VIRTUAL, Federation

pytestmark = VIRTUAL


async def test_a_restart_in_the_midst_of_a_moment_makes_no_failover_of_it() -> None:
    """What had just begun to settle, or begins to while feddns is away, goes no sooner for it."""
    async with Federation() as federation:
        before, writes = federation.text(), federation.writes
        for _ in range(3):
            federation.clusters["eu"].ready()
            await federation.wait(1)
            await federation.restart()
            await federation.wait(1)
            federation.clusters["eu"].ready("eu-a")
            await federation.wait(10)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.clusters["eu"].ready()
        await federation.restart()
        await federation.wait(5)
        assert federation.ask("eu") == ["global", *federation.without("eu")]
