"""Reviewers who act in a topic of a forum, on a loopback Telegram server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.domain.cases import Case, Status
from bot.domain.messages import Place
from handlers.community import bind_community
from tests.fakes.telegram import Group, Message
from tests.fakes.telegram_bot import Scene, scene


@dataclass
class Board:
    """A forum in one of whose topics a community's reviewers act, beside their channel."""

    scene: Scene
    forum: Group
    topic: int

    async def card(self) -> Message:
        """The card of an insult."""
        said = self.scene.lobby.says(self.scene.asha, "you idiot")
        await self.scene.eventually(lambda: said.is_deleted and bool(self._cards()))
        [card] = self._cards()
        assert card.thread == self.topic
        await self.scene.eventually(lambda: self._on_record(card))
        return card

    async def case(self) -> Case:
        """The one there is."""
        [case] = await self.scene.cases()
        return case

    async def _on_record(self, card: Message) -> bool:
        async with self.scene.store.reading() as tx:
            refs = await tx.cards.refs(Place("telegram", str(self.forum.id), str(self.topic)))
        return list(refs) == [str(card.id)]

    def _cards(self) -> list[Message]:
        return [m for m in self.forum.living() if m.text.startswith("Case ")]


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    async with scene(tmp_path) as at_work:
        forum = at_work.server.group("Board", owner=at_work.owner, forum=True)
        topic = forum.joins(at_work.noor).add(at_work.bot).opens_topic("Cases").id
        place = Place("telegram", str(forum.id), str(topic))
        async with at_work.store.transaction() as tx:
            [community] = await tx.communities.all()
            await bind_community(tx, community, "test", utc_now, reviews=[place])
        yield Board(at_work, forum, topic)


def old(card: Message) -> Message:
    """A card that Telegram tells of by its chat and id alone, as of one that it cannot show."""
    card.out_of_sight = True
    return card


async def test_a_press_on_an_old_card_in_a_topic_is_taken(board: Board) -> None:
    card = old(await board.card())
    answer = await board.scene.noor.presses(card, "Restore")
    assert answer is not None
    assert "stands in the group" in answer.text
    assert (await board.case()).status is Status.DECIDED


async def test_on_what_is_no_card_of_the_case_its_button_is_pressed_in_vain(board: Board) -> None:
    card = await board.card()
    [data] = [each["callback_data"] for each in card.buttons if each["text"] == "Restore"]
    board.forum.says(board.scene.noor, "/settings", topic=board.topic)
    await board.scene.eventually(lambda: bool(board.forum.living()[-1].text.startswith("Only")))
    answer = await board.scene.noor.forges(old(board.forum.living()[-1]), data)
    assert answer is not None
    assert "Only reviewers" in answer.text
    assert (await board.case()).status is Status.OPEN


async def test_who_is_no_reviewer_presses_an_old_card_in_vain(board: Board) -> None:
    card = old(await board.card())
    board.forum.restricts(board.scene.noor)
    answer = await board.scene.noor.presses(card, "Restore")
    assert answer is not None
    assert "Only reviewers" in answer.text
    assert (await board.case()).status is Status.OPEN
