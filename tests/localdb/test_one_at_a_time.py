"""Turns: one at a time, in the order of asking, whoever goes away."""

import asyncio

import pytest

from deploy.localdb.turns import Turns


async def test_those_who_wait_get_it_in_the_order_of_asking():
    turns = Turns()
    order: list[int] = []

    async def use(number: int) -> None:
        await turns.take()
        order.append(number)
        await asyncio.sleep(0)
        turns.give()

    await asyncio.gather(*map(use, range(4)))

    assert order == [0, 1, 2, 3]
    assert not turns.taken


async def test_who_goes_away_is_passed_over():
    turns = Turns()
    assert turns.take_at_once()
    first, second = (asyncio.ensure_future(turns.take()) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    turns.give()
    await second

    assert not turns.take_at_once()


async def test_who_goes_away_with_it_hands_it_on():
    turns = Turns()
    assert turns.take_at_once()
    first, second = (asyncio.ensure_future(turns.take()) for _ in range(2))
    await asyncio.sleep(0)

    turns.give()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    turns.give()

    assert not turns.taken
