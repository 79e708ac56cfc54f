import asyncio

from feddns.turns import in_turns


async def test_others_have_their_turn_after_so_many_and_what_is_looked_at_may_change_meanwhile() -> None:
    everything, seen, others = list(range(10)), list[int](), list[int]()

    async def work() -> None:
        async for each in in_turns(everything, 4):
            seen.append(each)

    task = asyncio.create_task(work())
    while not task.done():
        await asyncio.sleep(0)
        others.append(len(seen))
        everything.clear()
    assert seen == list(range(10))
    assert others[:3] == [4, 8, 10]


async def test_of_nothing_there_is_nothing_and_nobody_waits() -> None:
    nothing: tuple[int, ...] = ()
    assert [each async for each in in_turns(nothing, 1)] == []
