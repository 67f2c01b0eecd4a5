"""Polls, contacts, places and dice: kept as what they are, sent again within Telegram's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram import files
from bot.adapters.telegram.cards import drawn
from bot.adapters.telegram.reading import read_update
from bot.adapters.telegram.things import arguments, is_thing, loss
from bot.adapters.telegram.translate import ChatFacts, message_in
from bot.adapters.telegram.writing import harmless, length
from bot.codec import read_message, write_message
from bot.domain.messages import Attachment, Place
from config.phrases import LocalePhrases
from tests.factories import a_message
from tests.fakes.telegram.polls import poll_of
from tests.unit.test_telegram_cards import a_card, covered

LOBBY = Place("telegram", "-1001")
CHAT = {"id": -1001, "type": "supergroup", "title": "Lobby"}
ASHA = {"id": 7, "is_bot": False, "first_name": "Asha"}
PLACE = {"latitude": 12.97, "longitude": 77.59}


def brought(**fields: Any) -> list[Attachment]:
    """What a message brings, once it was written down and read again."""
    base = {"message_id": 5, "date": 1, "chat": CHAT, "from": ASHA}
    update = read_update({"update_id": 1, "message": {**base, **fields}}, None)
    assert update.message is not None
    message = message_in(update.message, ChatFacts(), update.message.date)
    return [] if message is None else [*read_message(write_message(message)).attachments]


def a_poll(*options: str, question: str = "Who?", **settings: Any) -> list[Attachment]:
    return brought(poll=poll_of("1", question, options, **settings))


def test_a_poll_is_asked_again_as_it_was() -> None:
    [poll] = a_poll("Om", "Ben", is_anonymous=False, allows_multiple_answers=True)
    assert is_thing(poll)
    assert files.message_id(poll) == "5"
    given = arguments(poll)
    assert (given["question"], given["options"]) == ("Who?", ["Om", "Ben"])
    assert (given["is_anonymous"], given["allows_multiple_answers"]) == (False, True)
    assert loss(poll) == ("telegram.poll_again", {})


def test_a_quiz_whose_answer_is_known_stays_one() -> None:
    [quiz] = a_poll("Om", "Ben", type="quiz", correct_option_ids=[1], explanation="a\nb\nc\nd")
    given = arguments(quiz)
    assert (given["type"], given["correct_option_ids"]) == ("quiz", [1])
    assert given["explanation"] == "a\nb\nc d"  # two line feeds at most
    assert loss(quiz) == ("telegram.poll_again", {})


def test_a_quiz_whose_answer_is_not_told_comes_back_as_a_poll_and_says_so() -> None:
    [quiz] = a_poll("Om", "Ben", type="quiz", explanation="he is")
    given = arguments(quiz)
    assert given["type"] == "regular"
    assert given.keys().isdisjoint({"correct_option_ids", "explanation"})
    assert given["description"] == "he is"
    assert loss(quiz) == ("telegram.quiz_again", {})


@pytest.mark.parametrize("options", [["alone"], [str(n) for n in range(13)]])
def test_a_poll_that_the_bot_cannot_ask_is_left_to_its_text(options: list[str]) -> None:
    assert a_poll(*options) == []


@given(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=2, max_size=12), st.text())
def test_whatever_a_poll_says_it_keeps_within_the_limits(
    question: str, options: list[str], explanation: str
) -> None:
    texts = {"explanation": explanation * 50, "description": explanation * 300}
    [poll] = a_poll(
        *(each * 40 for each in options),
        question=question * 100,
        type="quiz",
        correct_option_ids=[0],
        **texts,
    )
    given = arguments(poll)
    assert 0 < length(given["question"]) <= 300
    assert all(0 < length(each) <= 100 for each in given["options"])
    assert length(given.get("explanation", "")) <= 200
    assert given.get("explanation", "").count("\n") <= 2
    assert length(given.get("description", "")) <= 1024


def test_contacts_places_and_dice_are_kept_whole() -> None:
    contact = {"phone_number": "+100", "first_name": "Fool", "vcard": "BEGIN:VCARD"}
    [kept] = brought(contact={**contact, "user_id": 9})
    assert arguments(kept) == contact
    [place] = brought(location={**PLACE, "live_period": 900, "heading": 90})
    assert arguments(place) == PLACE  # where they were; it does not go on
    venue = {"title": "Cafe", "address": "1 Road", "google_place_id": "g"}
    [named] = brought(venue={"location": PLACE, **venue}, location=PLACE)
    assert (named.kind, arguments(named)) == ("venue", {**PLACE, **venue})
    [thrown] = brought(dice={"emoji": "🎯", "value": 6})
    assert arguments(thrown) == {"emoji": "🎯"}
    assert loss(thrown) == ("telegram.dice_again", {"value": "6"})
    assert [loss(each) for each in (kept, place, named)] == [None] * 3


def test_a_contact_without_a_name_is_called_by_its_number() -> None:
    [contact] = brought(contact={"phone_number": "+100", "first_name": "", "vcard": "é" * 1025})
    assert arguments(contact) == {"phone_number": "+100", "first_name": "+100"}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"location": PLACE}, "location 12.97, 77.59"),
        ({"contact": {"phone_number": "+100", "first_name": "Fool"}}, "contact +100"),
        ({"dice": {"emoji": "🎲", "value": 5}}, "dice 🎲 5"),
    ],
)
def test_a_card_names_what_its_text_does_not_say(fields: dict[str, Any], named: str) -> None:
    message = a_message("look", place=LOBBY, attachments=tuple(brought(**fields)))
    written = drawn(a_card(message=message), LocalePhrases())
    assert harmless(named) in covered(written)
    assert files.shown(message) == ()
    assert files.to_be_copied(message) == []


def test_a_card_says_a_poll_in_its_text() -> None:
    message = a_message("Who?", place=LOBBY, attachments=tuple(a_poll("Om", "Ben")))
    assert "Not shown here" not in drawn(a_card(message=message), LocalePhrases()).text
