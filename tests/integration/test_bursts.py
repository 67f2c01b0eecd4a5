"""One sentence over several messages: from the messages to the case, on real stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.cards import Press
from bot.domain.effects import EffectKind
from bot.domain.messages import Message
from bot.domain.terms import Term
from bot.streams.bursts import RedisBursts
from tests.factories import NOW, a_message, a_policy
from tests.fakes.moderated_group import THREAT, ModeratedGroup, moderated_group

PIECES = ("you will", "not live", "long")


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as group:
        yield group


def pieces() -> list[Message]:
    return [
        a_message(text, id=f"m{number}", posted_at=NOW + timedelta(seconds=number))
        for number, text in enumerate(PIECES)
    ]


async def test_a_threat_in_pieces_is_one_case_with_all_of_it(group: ModeratedGroup) -> None:
    for piece in pieces():
        assert await group.messages.judge([piece]) == [True]
    await group.act()
    case = await group.case()
    assert case.message_id == "m2"
    assert case.verdict.reason.endswith("read as one from 3 messages")
    card = group.adapter.cards()[-1]
    assert card.message is not None
    assert card.message.text == THREAT


async def test_all_its_pieces_are_hidden_and_restored(group: ModeratedGroup) -> None:
    await group.messages.judge(pieces())
    await group.act()
    [hide] = [each for each in group.adapter.orders if each.effect.kind is EffectKind.HIDE]
    assert hide.targets == ("m2", "m0", "m1")
    await group.press(Press.RESTORE)
    restore = next(each for each in group.adapter.orders if each.effect.kind is EffectKind.RESTORE)
    assert restore.message is not None
    assert restore.message.text == THREAT
    assert set(restore.targets) == {"m0", "m1", "m2"}


async def test_taken_in_twice_it_stays_one_case(group: ModeratedGroup) -> None:
    for _ in range(3):
        for piece in pieces():
            await group.messages.judge([piece])
        await group.messages.judge(pieces())
    assert (await group.facts()).count("case.opened") == 1


async def test_pieces_that_several_workers_take_at_once_are_one_case(
    group: ModeratedGroup,
) -> None:
    await asyncio.gather(*(group.messages.judge([piece]) for piece in pieces()))
    assert (await group.case()).verdict.reason.endswith("read as one from 3 messages")


async def test_the_next_message_is_no_part_of_what_has_its_case(group: ModeratedGroup) -> None:
    await group.messages.judge(pieces())
    await group.says("lol", id="m9", posted_at=NOW + timedelta(seconds=3))
    assert len(await group.cases()) == 1


async def test_an_insult_takes_no_innocent_neighbour_with_it(group: ModeratedGroup) -> None:
    await group.says("you idiot", id="m1")
    await group.says("sorry, wrong chat", id="m2", posted_at=NOW + timedelta(seconds=1))
    assert [each.message_id for each in await group.cases()] == ["m1"]


async def test_an_insult_that_nobody_finished_judging_takes_no_neighbour_with_it(
    group: ModeratedGroup,
) -> None:
    insult = a_message("you idiot", id="m2", posted_at=NOW + timedelta(seconds=1))
    await RedisBursts(group.redis).note([insult])  # and then its worker was killed
    await group.says("good morning", id="m1")
    assert await group.cases() == []
    await group.messages.judge([insult])
    assert [each.message_id for each in await group.cases()] == ["m2"]


async def test_a_listed_term_in_pieces_is_found() -> None:
    policy = a_policy(deny=(Term("free coins here", hide=True),))
    async with moderated_group(policy) as group:
        await group.says("free coins", id="m1")
        await group.says("here", id="m2", posted_at=NOW + timedelta(seconds=1))
        assert "free coins here" in (await group.case()).verdict.reason


async def test_what_reviewers_and_exempt_people_say_is_not_remembered() -> None:
    policy = a_policy()
    async with moderated_group(policy) as group:
        author = a_message().author
        admin = type(author)(author.person, roles=frozenset({"admin"}))
        await group.messages.judge([a_message("you will", author=admin)])
        assert await group.redis.keys("*burst*") == []


async def test_allowed_text_leaves_no_trace_beyond_seconds(group: ModeratedGroup) -> None:
    await group.says("good morning")
    [key] = await group.redis.keys("*burst*")
    assert await group.redis.pttl(key) > 0
    assert await group.cases() == []


async def test_without_the_memory_each_message_is_judged_by_itself(
    group: ModeratedGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.domain.errors import FlowUnavailable

    async def gone(*_: object) -> list[list[Message]]:
        raise FlowUnavailable("Redis is not there")

    monkeypatch.setattr(RedisBursts, "note", gone)
    for piece in pieces():
        assert await group.messages.judge([piece]) == [True]
    assert await group.says("you idiot", id="m9")
    assert [each.message_id for each in await group.cases()] == ["m9"]
