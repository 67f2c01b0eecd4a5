"""What is read of a message that cannot be read whole."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import telegram
from hypothesis import example, given
from hypothesis import strategies as st

from bot.adapters.telegram.reading import read_update
from bot.adapters.telegram.salvage import Salvaged, salvaged
from bot.adapters.telegram.translate import (
    ChatFacts,
    is_bare_command,
    message_in,
    own_command,
    replied_to,
)
from bot.codec import read_message, write_message
from bot.domain import messages as core
from bot.domain.messages import PartKind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHAT = {"id": -1001234, "type": "supergroup", "title": "Lobby"}
ASHA = {"id": 7, "is_bot": False, "first_name": "Asha", "last_name": "Rao"}
INSULT = {"message_id": 5, "date": 1_772_366_400, "chat": CHAT, "from": ASHA, "text": "you idiot"}
ORIGIN = {"type": "user", "date": 1}
"""Whose message it was, it does not say: no client can read that."""

KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
FIELDS = sorted({*inspect.signature(telegram.Message).parameters, "from"} - {"from_user"})
INSIDE = ["id", "type", "text", "url", "offset", "length", "file_id", "question", "options", "date"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["private", "bot_command", "user", "\ud800"])
    | st.text(max_size=4),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS + INSIDE) | st.text(max_size=3), each, max_size=4)
    ),
    max_leaves=12,
)
MESSAGES = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)


def part_of(kind: str = "message", **fields: Any) -> Salvaged:
    """What is salvaged of an insult with these fields as well."""
    found = salvaged({"update_id": 1, kind: {**INSULT, **fields}}, NOW)
    assert found is not None
    return found


def read(part: Salvaged) -> telegram.Message:
    """Its message, as the client reads it."""
    update = read_update(part.update, None)
    assert update.effective_message is not None
    return update.effective_message


def said(facts: ChatFacts = ChatFacts(), **fields: Any) -> core.Message:  # noqa: B008
    """What the core is told of it."""
    message = message_in(read(part_of(**fields)), facts, NOW)
    assert message is not None
    return message


@given(JSON | st.dictionaries(st.sampled_from([*KINDS, "update_id"]), JSON | MESSAGES))
@example({"message": {"message_id": 1, "chat": {"id": 1}, "date": 10**400, "text": "x"}})
@example({"message": {"message_id": True, "chat": {"id": 1}, "text": "x"}})
@example({"message": {"message_id": 1, "chat": {"id": 2**63}, "text": "x"}})
def test_no_update_is_too_broken_to_be_looked_at(raw: Any) -> None:
    part = salvaged(raw, NOW)
    if part is not None:
        message = message_in(read(part), ChatFacts(), NOW)
        if message is not None:
            assert read_message(write_message(message)) == message


@given(junk=MESSAGES, kind=st.sampled_from(KINDS))
@example(junk={"entities": [{"type": "bot_command", "offset": 0, "length": {}}]}, kind="message")
@example(junk={"message_thread_id": {"a": 1}, "is_topic_message": True}, kind="message")
@example(junk={"chat": {**CHAT, "username": "\ud800"}}, kind="message")
def test_no_other_field_keeps_an_insult_from_being_judged(junk: dict[str, Any], kind: str) -> None:
    broken = {name: value for name, value in junk.items() if name not in ("message_id", "text")}
    if isinstance(chat := broken.get("chat", CHAT), dict):
        broken["chat"] = {**chat, "id": CHAT["id"]}
    else:
        del broken["chat"]
    message = message_in(read(part_of(kind, **broken)), ChatFacts(), NOW)
    assert message is not None
    assert "you idiot" in [part.text for part in message.parts]
    assert (message.place.group, message.id) == ("-1001234", "5")
    assert message.place.channel.removeprefix("-").isdecimal() or not message.place.channel


def test_a_message_that_can_be_read_whole_stays_as_it_is() -> None:
    whole = {
        **INSULT,
        "entities": [
            {"type": "text_link", "offset": 0, "length": 3, "url": "https://evil.example/"}
        ],
        "reply_to_message": {"message_id": 3, "date": 1, "chat": CHAT, "text": "hi"},
        "something_newer": {"text": "than the client"},
    }
    part = part_of(**whole)
    assert (part.lost, part.update) == ((), {"update_id": 1, "message": whole})


def test_only_what_cannot_be_read_is_lost_and_told_by_its_name() -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    part = part_of(photo=photo, caption="you fool", forward_origin=ORIGIN, media_group_id="9")
    assert part.lost == ("forward_origin",)
    message = message_in(read(part), ChatFacts(), NOW)
    assert message is not None
    assert [(each.kind, each.text) for each in message.parts] == [
        (PartKind.TEXT, "you idiot"),
        (PartKind.CAPTION, "you fool"),
    ]
    assert [file.kind for file in message.attachments] == ["photo"]
    assert (message.album, message.author.person.name) == ("9", "Asha Rao")


def test_the_texts_in_what_cannot_be_read_are_judged() -> None:
    poll = {"question": "Who is the fool?", "options": [{"text": "Ben"}, {"text": 7}], "id": []}
    without_text = {name: INSULT[name] for name in INSULT if name != "text"}
    part = salvaged({"update_id": 1, "message": {**without_text, "poll": poll}}, NOW)
    assert part is not None
    message = message_in(read(part), ChatFacts(), NOW)
    assert message is not None
    assert message.text == "Who is the fool?\nBen"


def test_nobody_is_blamed_for_what_others_said() -> None:
    other = {"message_id": 3, "date": 1, "chat": CHAT, "text": "you fool"}
    broken = {**other, "forward_origin": ORIGIN}
    for name in ("reply_to_message", "pinned_message"):
        assert said(**{name: broken}).text == "you idiot"
        assert said(**{name: {"text": "you fool"}}).text == "you idiot"


def test_what_is_reported_is_read_in_part_as_well() -> None:
    target = {**INSULT, "message_id": 3, "forward_origin": ORIGIN}
    length = len("/report")
    command = {"type": "bot_command", "offset": 0, "length": length}
    part = part_of(text="/report", entities=[command], reply_to_message=target)
    assert part.lost == ("reply_to_message",)
    reported = replied_to(read(part))
    assert reported is not None
    assert (reported.message_id, reported.text) == (3, "you idiot")


@pytest.mark.parametrize("date", [None, "yesterday", 1e300, 10**40, [], -(10**40)])
def test_a_message_whose_time_makes_no_sense_is_of_the_time_that_it_came(date: Any) -> None:
    assert said(date=date).posted_at == NOW


def test_who_is_exempt_is_known_all_the_same() -> None:
    broken = {"forward_origin": ORIGIN}
    assert said(ChatFacts(admins=frozenset({7})), **broken).author.roles == {"admin"}
    assert said(**broken, **{"from": {**ASHA, "is_bot": True}}).author.is_bot
    assert said(**broken, **{"from": {"id": 7, "is_bot": True, "first_name": []}}).author.is_bot
    itself = {"from": {**ASHA, "id": 1087968824, "is_bot": True}, "sender_chat": CHAT}
    assert said(**broken, **itself).author.roles == {"admin"}
    private = read(part_of(**broken, chat={"id": 7, "type": []}))
    assert private.chat.type == "private"


def test_commands_stay_commands() -> None:
    ours = {"type": "bot_command", "offset": 0, "length": len("/stats")}
    message = read(part_of(text="/stats", entities=[ours], forward_origin=ORIGIN))
    assert own_command(message, "aman_bot", frozenset({"stats"})) == ("stats", "")
    assert is_bare_command(message, "aman_bot")


@pytest.mark.parametrize("from_", [None, 7, {}, {"id": "7"}, {"id": True}, {"id": [7]}])
def test_a_sender_who_cannot_be_told_is_nobody_to_punish(from_: Any) -> None:
    author = said(**{"from": from_}).author
    assert (author.person.id, author.punishable) == ("-1001234", False)


def test_a_topic_is_kept() -> None:
    topic = {"message_thread_id": 3, "is_topic_message": True}
    assert said(forward_origin=ORIGIN, **topic).place.channel == "3"


@pytest.mark.parametrize(
    "fields",
    [
        {"chat": None},
        {"chat": {"type": "supergroup"}},
        {"chat": {**CHAT, "id": "-1001234"}},
        {"message_id": None},
        {"message_id": 1.5},
        {"text": None},
        {"text": "", "venue": 7},
    ],
)
def test_what_stands_nowhere_or_says_nothing_cannot_be_salvaged(fields: dict[str, Any]) -> None:
    assert salvaged({"update_id": 1, "message": {**INSULT, **fields}}, NOW) is None


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"message": []}, {"callback_query": {"id": 9}}])
def test_what_brings_no_message_cannot_be_salvaged(raw: Any) -> None:
    assert salvaged(raw, NOW) is None


def test_an_update_without_a_number_brings_its_message() -> None:
    part = salvaged({"message": INSULT}, NOW)
    assert part is not None
    assert (part.update["update_id"], part.lost) == (0, ("update_id",))


def test_what_is_nested_too_deep_is_lost_and_breaks_nothing() -> None:
    nested: Any = {"text": "deep"}
    for _ in range(5000):
        nested = {"reply_to_message": [nested]}
    for name in ("poll", "reply_to_message", "something_newer", "reply_markup"):
        assert "you idiot" in said(**{name: nested}).text


def test_what_is_salvaged_can_be_written_down_again() -> None:
    part = part_of(forward_origin=ORIGIN, **{"from": {"id": 7, "first_name": "\ud800"}})
    assert json.loads(json.dumps(part.update)) == part.update
