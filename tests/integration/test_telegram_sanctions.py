"""What is done to people on Telegram, who have one standing each, set whole by every call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.telegram import Message, TelegramServer
from tests.fakes.telegram_bot import Scene, scene
from tests.integration.test_telegram_story import NOT_YET_EPHEMERAL

FOR_EVER = 0


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def two_cards(at_work: Scene) -> tuple[Message, Message]:
    """The cards of two insults by one author."""
    for text in ("you idiot", "idiot again"):
        at_work.lobby.says(at_work.asha, text)
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    first, second = at_work.cards()
    return first, second


def standing(at_work: Scene) -> str:
    return at_work.lobby.member(at_work.asha).status


@pytest.mark.parametrize(("milder", "says"), [("Mute", "muted already"), ("Kick", "left already")])
async def test_a_milder_sanction_lets_nobody_back_in_who_is_banned(
    at_work: Scene, milder: str, says: str
) -> None:
    first, second = await two_cards(at_work)
    await at_work.press("Ban", card=first)
    await at_work.press("Yes, ban", card=first)
    await at_work.eventually(lambda: standing(at_work) == "kicked")
    await at_work.press(milder, card=second)
    await at_work.eventually(lambda: says in second.text)
    assert standing(at_work) == "kicked"


@pytest.mark.parametrize("until", [FOR_EVER, 30 * 24 * 3600])
async def test_a_mute_does_not_end_a_longer_one_that_an_admin_gave(
    at_work: Scene, until: int
) -> None:
    given = until and at_work.server.clock.date() + until
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card()
    at_work.lobby.restricts(at_work.asha, until_date=given)
    await at_work.press("Mute")
    await at_work.eventually(lambda: "muted already" in card.text)
    assert at_work.lobby.member(at_work.asha).until_date == given


async def test_a_mute_goes_beyond_a_shorter_one_that_an_admin_gave(at_work: Scene) -> None:
    soon = at_work.server.clock.date() + 600
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card()
    at_work.lobby.restricts(at_work.asha, until_date=soon)
    await at_work.press("Mute")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).until_date > soon)


@pytest.mark.parametrize("before", [True, False])
async def test_undo_ends_no_mute_that_an_admin_gave(at_work: Scene, before: bool) -> None:
    given = at_work.server.clock.date() + 30 * 24 * 3600
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card()
    if before:
        at_work.lobby.restricts(at_work.asha, until_date=given)
    await at_work.press("Mute")
    await at_work.eventually(lambda: "muted already" in card.text or "Author muted" in card.text)
    if not before:
        at_work.lobby.restricts(at_work.asha, until_date=given)
    await at_work.press("Undo")
    await at_work.card_says("not known to be the bot's own")
    assert at_work.lobby.member(at_work.asha).until_date == given


PARTLY = ("can_send_messages", "can_send_polls")


@pytest.mark.parametrize(
    ("granted", "for_s"), [(PARTLY, FOR_EVER), (PARTLY, 40 * 24 * 3600), ((), 23 * 3600)]
)
async def test_undo_gives_back_what_an_admin_had_set_before(
    at_work: Scene, granted: tuple[str, ...], for_s: int
) -> None:
    given = for_s and at_work.server.clock.date() + for_s
    first, second = await two_cards(at_work)
    at_work.lobby.restricts(at_work.asha, *granted, until_date=given)
    for card in (first, second):
        await at_work.press("Mute", card=card)
        await at_work.eventually(lambda card=card: "muted" in card.text)
        assert at_work.lobby.member(at_work.asha).permissions == set()
    for card in (first, second):
        await at_work.press("Undo", card=card)
        await at_work.eventually(lambda card=card: "Ban" in card.labels)
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).until_date == given)
    assert at_work.lobby.member(at_work.asha).permissions == set(granted)


async def test_undo_gives_back_nothing_that_is_over(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card()
    soon = at_work.server.clock.date() + 31  # Telegram takes less than 30 for ever
    at_work.lobby.restricts(at_work.asha, *PARTLY, until_date=soon)
    await at_work.press("Mute")
    await at_work.card_says("Author muted")
    await asyncio.sleep(2)
    await at_work.press("Undo")
    await at_work.eventually(lambda: standing(at_work) == "member")


async def test_undo_lifts_no_ban_that_an_admin_gave(at_work: Scene) -> None:
    first, second = await two_cards(at_work)
    at_work.lobby.kicks(at_work.asha)
    for card in (first, second):
        await at_work.press("Ban", card=card)
        await at_work.press("Yes, ban", card=card)
        await at_work.eventually(lambda card=card: "banned already" in card.text)
    await at_work.press("Undo", card=first)
    await at_work.press("Undo", card=second)
    await at_work.eventually(lambda: "not known to be the bot's own" in second.text)
    assert standing(at_work) == "kicked"


async def test_a_ban_that_two_cases_ask_for_stands_until_both_are_undone(at_work: Scene) -> None:
    first, second = await two_cards(at_work)
    for card in (first, second):
        await at_work.press("Ban", card=card)
        await at_work.press("Yes, ban", card=card)
        await at_work.eventually(lambda card=card: "Author banned" in card.text)
    await at_work.press("Undo", card=first)
    await at_work.eventually(lambda: "another case's decision" in first.text)
    assert standing(at_work) == "kicked"
    await at_work.press("Undo", card=second)
    await at_work.eventually(lambda: standing(at_work) == "left")


async def test_who_is_put_out_is_told_while_the_group_is_theirs_to_read(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.press("Kick")
    await at_work.eventually(lambda: standing(at_work) == "left")
    assert any("put you out of it" in text for text in at_work.told(at_work.asha))
    assert not any("put you out of it" in text for text in at_work.lobby.texts(at_work.owner))


async def test_who_cannot_be_put_out_is_not_told_that_they_were(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card()
    at_work.lobby.promote(at_work.asha)
    await at_work.press("Kick")
    await at_work.card_says("no bot can mute, kick or ban those")
    assert not any("put you out of it" in text for text in at_work.told(at_work.asha))


async def test_that_somebody_was_not_told_why_they_are_muted_or_put_out_is_on_record(
    tmp_path: Path,
) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= NOT_YET_EPHEMERAL
    async with scene(tmp_path, server) as at_work:
        crowd = [at_work.server.user(f"p{n}") for n in range(5)]
        for person in crowd:
            at_work.lobby.joins(person).says(person, "you idiot")
        await at_work.eventually(
            lambda: sum("was hidden" in each.text for each in at_work.lobby.living()) == 5
        )
        at_work.lobby.says(at_work.asha, "you fool, you idiot")
        await at_work.eventually(lambda: "fool" in at_work.cards()[-1].text)
        card = at_work.cards()[-1]
        for press, says in (("Mute", "Author muted"), ("Kick", "Author put out of the group")):
            await at_work.press(press, card=card)
            told = f"{says}. They were not told why: they have not started the bot"
            await at_work.eventually(lambda told=told: told in card.text)
            await at_work.press("Undo", card=card)


async def test_a_mute_is_told_once_the_crowd_has_passed(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: any("was hidden" in t for t in at_work.told(at_work.asha)))
    at_work.server.faults.storm(3.0, method="sendMessage", chat=at_work.lobby.id)
    await at_work.press("Mute")
    await at_work.eventually(lambda: any("cannot post" in t for t in at_work.told(at_work.asha)))
    await at_work.card_says("Author muted")


async def test_a_name_that_is_the_insult_is_not_said_again_by_the_bot(tmp_path: Path) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= NOT_YET_EPHEMERAL
    async with scene(tmp_path, server) as at_work:
        rude = at_work.server.user("rude")
        rude.renames("Total idiot")
        at_work.lobby.joins(rude)
        await at_work.eventually(
            lambda: any("was hidden" in text for text in at_work.lobby.texts(at_work.owner))
        )
        assert not any("idiot" in text for text in at_work.lobby.texts(at_work.owner))


async def test_a_ban_is_confirmed_knowing_what_telegram_takes_along(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.press("Ban")
    await at_work.card_says("deletes everything else they wrote")


async def test_a_message_that_a_moved_group_left_behind_is_not_another_ones_number(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, kind="group") as at_work:
        doubtful = at_work.lobby.says(at_work.asha, "how silly")
        card = await at_work.card()
        old_id = doubtful.id
        at_work.lobby = at_work.lobby.upgrade()
        innocent = at_work.lobby.says(at_work.owner, "good morning")
        while innocent.id < old_id:
            innocent = at_work.lobby.says(at_work.owner, "good morning")
        await at_work.press("Hide it", card=card)
        await at_work.eventually(lambda: "under its former id" in card.text)
        assert not innocent.is_deleted
