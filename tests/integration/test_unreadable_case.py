"""A case on record that cannot be read: damaged, or written by a newer release."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.domain.cards import Press
from bot.domain.desk import Command, CommandName
from tests.factories import NOOR, REVIEW
from tests.fakes.moderated_group import ModeratedGroup, commands_of, moderated_group

NEWER = '{"v": 9, "needs": 9, "body": {}}'


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    """A group whose first case's card was drawn, and whose case then came to harm."""
    async with moderated_group() as group:
        await group.says("you idiot")
        await group.act()
        async with group.store._writing.begin() as connection:
            await connection.execute(text("UPDATE cases SET verdict = :it"), {"it": NEWER})
        yield group


async def test_a_press_on_its_card_says_so_and_does_nothing(group: ModeratedGroup) -> None:
    facts = await group.facts()
    reply = await group.press(Press.RESTORE)
    assert (reply.text, reply.accepted) == ("press.unreadable", False)
    assert await group.facts() == facts


async def test_it_is_not_listed_and_named_where_it_is_asked_for(group: ModeratedGroup) -> None:
    commands = commands_of(group, group.adapter)
    for argument, key in (("1", "cases.unreadable"), ("", "cases.none")):
        answer = await commands.command(Command(CommandName.CASES, argument, NOOR, REVIEW))
        assert [each.key for each in answer.sentences] == [key]
