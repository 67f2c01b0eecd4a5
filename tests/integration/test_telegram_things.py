"""Polls, contacts, places and dice: brought back as what they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.telegram import Message
from tests.fakes.telegram_bot import Scene, scene


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def brought_back(at_work: Scene, said: Message, kind: str) -> Message:
    """What stands there after a message was reported, hidden and restored."""
    om = at_work.server.user("om")
    at_work.lobby.joins(om).says(om, "/report", reply_to=said)
    await at_work.press("Hide it")
    await at_work.eventually(lambda: said.is_deleted)
    await at_work.press("Undo")
    await at_work.eventually(lambda: any(kind in m.body for m in at_work.lobby.living()))
    [back] = [m for m in at_work.lobby.living() if kind in m.body]
    return back


def header(at_work: Scene) -> Message:
    """The line that says whose it was."""
    [line] = [m for m in at_work.lobby.living() if "Reviewers brought it back" in m.text]
    return line


async def test_a_poll_comes_back_as_a_poll_and_says_that_its_votes_are_lost(
    at_work: Scene,
) -> None:
    poll = at_work.lobby.asks(
        at_work.asha,
        "who is the idiot",
        "@noor",
        "nobody",
        is_anonymous=False,
        allows_multiple_answers=True,
        total_voter_count=4,
    )
    await at_work.eventually(lambda: poll.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if "poll" in m.body]
    names = ("question", "is_anonymous", "type", "allows_multiple_answers")
    assert [back.body["poll"][name] for name in names] == [
        poll.body["poll"][name] for name in names
    ]
    assert [each["text"] for each in back.body["poll"]["options"]] == ["@noor", "nobody"]
    line = header(at_work)
    assert line.text.startswith("Asha wrote this")
    assert "Votes given before are lost" in line.text
    assert "idiot" not in line.text  # the poll says it


async def test_a_quiz_comes_back_as_a_poll_since_bots_are_not_told_its_answer(
    at_work: Scene,
) -> None:
    quiz = at_work.lobby.asks(
        at_work.asha, "idiot or not", "yes", "no", type="quiz", explanation="look at them"
    )
    await at_work.eventually(lambda: quiz.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if "poll" in m.body]
    assert back.body["poll"]["type"] == "regular"
    assert back.body["poll"]["description"] == "look at them"
    assert "It was a quiz" in header(at_work).text


async def test_a_contact_comes_back(at_work: Scene) -> None:
    said = at_work.lobby.shares_contact(at_work.asha, "Ravi", "+100", last_name="Rao")
    back = await brought_back(at_work, said, "contact")
    assert back.body["contact"] == said.body["contact"]
    assert header(at_work).text == "Asha wrote this. Reviewers brought it back:"


async def test_a_place_comes_back(at_work: Scene) -> None:
    said = at_work.lobby.shares_place(at_work.asha, 12.97, 77.59)
    back = await brought_back(at_work, said, "location")
    assert back.body["location"] == said.body["location"]


async def test_a_venue_comes_back(at_work: Scene) -> None:
    said = at_work.lobby.shares_place(at_work.asha, 1.0, 2.0, title="Cafe", address="1 Road")
    back = await brought_back(at_work, said, "venue")
    assert back.body["venue"] == said.body["venue"]


async def test_dice_come_back_with_what_they_had_shown(at_work: Scene) -> None:
    said = at_work.lobby.throws(at_work.asha, "🎯", 6)
    back = await brought_back(at_work, said, "dice")
    assert back.body["dice"]["emoji"] == "🎯"
    assert "It had shown 6" in header(at_work).text


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("story", {"chat": {"id": 7, "type": "private", "first_name": "Asha"}, "id": 3}),
        ("paid_media", {"star_count": 5, "paid_media": [{"type": "preview", "duration": 9}]}),
    ],
)
async def test_what_no_bot_can_send_is_reported_named_and_told_to_be_lost(
    at_work: Scene, kind: str, told: dict[str, Any]
) -> None:
    said = at_work.lobby.shows(at_work.asha, kind, told)
    at_work.lobby.says(at_work.owner, "/report", reply_to=said)
    await at_work.card_says(f"Not shown here: {kind.replace('_', ' ')}")
    await at_work.press("Hide it")
    await at_work.eventually(lambda: said.is_deleted)
    await at_work.press("Undo")
    await at_work.eventually(
        lambda: any("brought it back" in m.text for m in at_work.lobby.living())
    )
    assert "not come back" in header(at_work).text
