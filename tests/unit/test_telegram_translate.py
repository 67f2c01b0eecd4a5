"""What a Telegram update says, and what of it is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import Message

from bot.adapters.telegram.effects import hidden_ids
from bot.adapters.telegram.errors import Refused
from bot.adapters.telegram.muting import until_date
from bot.adapters.telegram.reading import read_update
from bot.adapters.telegram.refusals import sentence_for
from bot.adapters.telegram.translate import (
    ChatFacts,
    album_of,
    is_bare_command,
    joined_by,
    joined_in,
    message_in,
    own_command,
    replied_to,
)
from bot.domain import messages as core
from bot.domain.desk import Right
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.messages import PartKind, Place
from bot.domain.ports import Order
from tests.factories import a_message

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHAT = {"id": -1001234, "type": "supergroup", "title": "Lobby"}
ASHA = {"id": 7, "is_bot": False, "first_name": "Asha", "last_name": "Rao"}


def a_raw(**fields: Any) -> Message:
    """A message as the client reads it."""
    raw = {"message_id": 5, "date": 1_772_366_400, "chat": CHAT, "from": ASHA, **fields}
    update = read_update({"update_id": 1, "message": raw}, None)
    assert update.message is not None
    return update.message


def said(facts: ChatFacts = ChatFacts(), **fields: Any) -> core.Message:  # noqa: B008
    """The core's message of such an update."""
    message = message_in(a_raw(**fields), facts, NOW)
    assert message is not None
    return message


def parts(**fields: Any) -> list[tuple[PartKind, str]]:
    return [(part.kind, part.text) for part in said(**fields).parts]


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "hi"}, [(PartKind.TEXT, "hi")]),
        (
            {
                "text": "look",
                "entities": [entity("text_link", 0, 4, url="https://evil.example/")],
            },
            [(PartKind.TEXT, "look"), (PartKind.LINK, "https://evil.example/")],
        ),
        (
            {"text": "this", "quote": {"text": "you fool", "position": 0}},
            [(PartKind.TEXT, "this"), (PartKind.QUOTE, "you fool")],
        ),
        (
            {
                "text": "read",
                "forward_origin": {
                    "type": "hidden_user",
                    "date": 1,
                    "sender_user_name": "Casino 777",
                },
            },
            [(PartKind.FORWARD, "read"), (PartKind.NAME, "Casino 777")],
        ),
        (
            {
                "poll": {
                    "id": "1",
                    "question": "Who is the fool?",
                    "options": [
                        {"text": "Om", "voter_count": 0},
                        {"text": "Ben", "voter_count": 0},
                    ],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": True,
                    "type": "regular",
                    "allows_multiple_answers": False,
                }
            },
            [
                (PartKind.POLL, "Who is the fool?"),
                (PartKind.POLL, "Om"),
                (PartKind.POLL, "Ben"),
            ],
        ),
        (
            {
                "document": {
                    "file_id": "f",
                    "file_unique_id": "u",
                    "file_name": "you_fool.pdf",
                },
                "caption": "see",
            },
            [(PartKind.CAPTION, "see"), (PartKind.FILE_NAME, "you_fool.pdf")],
        ),
        (
            {"contact": {"phone_number": "1", "first_name": "Total", "last_name": "Fool"}},
            [(PartKind.NAME, "Total Fool")],
        ),
        (
            {
                "text": "x",
                "reply_markup": {
                    "inline_keyboard": [[{"text": "Win", "url": "https://evil.example/"}]]
                },
            },
            [
                (PartKind.TEXT, "x"),
                (PartKind.BUTTON, "Win"),
                (PartKind.LINK, "https://evil.example/"),
            ],
        ),
    ],
)
def test_everything_readers_meet_is_judged(
    fields: dict[str, Any], expected: list[tuple[PartKind, str]]
) -> None:
    assert parts(**fields) == expected


def test_a_poll_is_read_whole_and_so_is_what_members_add_to_it() -> None:
    option = {"text": "Om", "voter_count": 0}
    poll = {"id": "1", "question": "Who?", "options": [option], "type": "quiz"}
    poll |= {"description": "Be honest", "explanation": "He is the fool"}
    flags = ("is_closed", "is_anonymous", "allows_multiple_answers")
    poll |= {"total_voter_count": 0, **dict.fromkeys(flags, False)}
    assert [text for _, text in parts(poll=poll)] == ["Who?", "Be honest", "Om", "He is the fool"]
    added = {"option_persistent_id": "2", "option_text": "Ben the fool"}
    assert parts(poll_option_added=added) == [(PartKind.POLL, "Ben the fool")]


def test_links_are_read_wherever_a_text_hides_them() -> None:
    def hidden(number: int) -> list[dict[str, Any]]:
        return [entity("text_link", 0, 4, url=f"http://{number}")]

    flags = ("is_closed", "is_anonymous", "allows_multiple_answers")
    poll = {"id": "1", "question": "Who?", "options": [], "type": "quiz", "total_voter_count": 0}
    poll |= {
        "description": "here",
        "description_entities": hidden(1),
        **dict.fromkeys(flags, False),
    }
    poll |= {"explanation": "here", "explanation_entities": hidden(2)}
    tasks = [{"id": 1, "text": "here", "text_entities": hidden(4)}]
    checklist = {"title": "here", "title_entities": hidden(3), "tasks": tasks}
    asked = [text for kind, text in parts(poll=poll) if kind is PartKind.LINK]
    listed = [text for kind, text in parts(checklist=checklist) if kind is PartKind.LINK]
    added = parts(checklist_tasks_added={"tasks": tasks})
    assert (asked, listed) == (["http://1", "http://2"], ["http://3", "http://4"])
    assert added == [(PartKind.TEXT, "here"), (PartKind.LINK, "http://4")]


def test_who_signed_what_is_forwarded_is_read_with_where_it_is_from() -> None:
    channel = {"id": -1009, "type": "channel", "title": "News"}
    origin = {"type": "channel", "date": 1, "chat": channel, "message_id": 3}
    signed = parts(text="hi", forward_origin={**origin, "author_signature": "total idiot"})
    assert signed[1:] == [(PartKind.NAME, "News"), (PartKind.NAME, "total idiot")]
    group = {"type": "chat", "date": 1, "sender_chat": CHAT, "author_signature": "the boss"}
    assert parts(text="hi", forward_origin=group)[1:] == [
        (PartKind.NAME, "Lobby"),
        (PartKind.NAME, "the boss"),
    ]


def test_what_a_giveaway_promises_is_read() -> None:
    giveaway = {"chats": [], "winners_selection_date": 1, "winner_count": 1}
    giveaway["prize_description"] = "an idiot's hat"
    assert parts(giveaway=giveaway) == [(PartKind.TEXT, "an idiot's hat")]


def test_a_task_that_is_added_to_a_checklist_is_read() -> None:
    added = {"tasks": [{"id": 1, "text": "laugh at Ben"}]}
    assert parts(checklist_tasks_added=added) == [(PartKind.TEXT, "laugh at Ben")]


def test_what_is_newer_than_the_client_is_read_and_no_word_of_it_is_torn() -> None:
    bold = {"type": "bold", "text": "idi"}
    rich = {
        "blocks": [
            {"type": "paragraph", "text": ["you ", bold, "ot"]},
            {
                "type": "table",
                "cells": [
                    [{"text": "one"}],
                    [{"text": {"type": "url", "text": "two", "url": "U"}}],
                ],
            },
            {"type": "photo", "caption": {"text": "see", "credit": "me"}, "photo": [{"id": "x"}]},
            {"type": "details", "summary": "more", "blocks": [{"type": "p", "text": "deep"}]},
        ]
    }
    assert parts(rich_message=rich) == [
        (PartKind.TEXT, "you idiot"),
        (PartKind.TEXT, "one"),
        (PartKind.TEXT, "two"),
        (PartKind.LINK, "U"),
        (PartKind.TEXT, "see me"),
        (PartKind.TEXT, "more"),
        (PartKind.TEXT, "deep"),
    ]


def test_what_old_versions_called_a_forward_is_not_read_twice() -> None:
    old = {"forward_from_chat": CHAT, "forward_sender_name": "Casino"}
    assert parts(text="hi", **old) == [(PartKind.TEXT, "hi")]


def test_what_is_newer_than_the_client_is_read_however_deep_it_is_nested() -> None:
    nested: dict[str, Any] = {"text": "you idiot"}
    for _ in range(5000):
        nested = {"blocks": [nested]}
    parts(text="hi", rich_message=nested)  # ends, and breaks nothing


def test_a_service_message_says_nothing() -> None:
    assert message_in(a_raw(new_chat_title="x"), ChatFacts(), NOW) is None


def test_an_admin_bears_the_role_that_policies_exempt() -> None:
    author = said(ChatFacts(admins=frozenset({7})), text="x").author
    assert author.roles == {"admin"}
    assert author.person.name == "Asha Rao"


@pytest.mark.parametrize(
    ("fields", "punishable", "roles", "person"),
    [
        (
            {"from": {"id": 1087968824, "is_bot": True, "first_name": "G"}, "sender_chat": CHAT},
            False,
            {"admin"},
            "-1001234",
        ),
        (
            {
                "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
                "sender_chat": {"id": -100777, "type": "channel", "title": "News"},
                "is_automatic_forward": True,
            },
            False,
            set(),
            "-100777",
        ),
        (
            {
                "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"},
                "sender_chat": {"id": -100888, "type": "channel", "title": "Linked"},
            },
            False,
            set(),
            "-100888",
        ),
        (
            {
                "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"},
                "sender_chat": {"id": -100999, "type": "channel", "title": "Other"},
            },
            True,
            set(),
            "-100999",
        ),
        ({"from": {"id": 777000, "is_bot": False, "first_name": "T"}}, False, set(), "777000"),
    ],
)
def test_who_stands_for_others_is_never_punished(
    fields: dict[str, Any], punishable: bool, roles: set[str], person: str
) -> None:
    author = said(ChatFacts(linked=-100888), text="x", **fields).author
    assert (author.punishable, set(author.roles), author.person.id) == (punishable, roles, person)
    assert not author.is_bot


def test_a_deleted_account_has_no_name_and_is_read_all_the_same() -> None:
    nameless = {"id": 7, "is_bot": False, "first_name": ""}
    assert said(text="x", **{"from": nameless}).author.person.name == ""
    [joined] = joined_in(a_raw(new_chat_members=[nameless]), ChatFacts(), NOW)
    assert joined.text == ""


def test_another_bot_is_known_as_one() -> None:
    assert said(text="x", **{"from": {**ASHA, "is_bot": True}}).author.is_bot


def test_a_forums_topic_is_a_channel_and_a_thread_of_replies_is_none() -> None:
    topic = said(text="x", message_thread_id=3, is_topic_message=True)
    assert (topic.place.channel, topic.link) == ("3", "https://t.me/c/1234/3/5")
    thread = said(text="x", message_thread_id=3)
    assert (thread.place.channel, thread.link) == ("", "https://t.me/c/1234/5")


def test_a_public_groups_link_bears_its_name() -> None:
    assert said(text="x", chat={**CHAT, "username": "lobby"}).link == "https://t.me/lobby/5"


def test_a_basic_groups_message_has_no_link() -> None:
    assert said(text="x", chat={"id": -5, "type": "group", "title": "L"}).link is None


def test_in_a_topic_the_first_message_is_no_target() -> None:
    first = {"message_id": 3, "date": 1, "chat": CHAT, "text": "welcome"}
    inside = {"message_thread_id": 3, "is_topic_message": True, "reply_to_message": first}
    assert replied_to(a_raw(text="/report", **inside)) is None
    assert replied_to(a_raw(text="/report", reply_to_message=first)) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/report", ("report", "")),
        ("/report@aman_bot", ("report", "")),
        ("/report@AMAN_bot why not", ("report", "why not")),
        ("/report\nhe called me names", ("report", "he called me names")),
        ("/report@aman_bot\n\nwhy", ("report", "why")),
        ("/report, look", ("report", ", look")),
        ("/report@other_bot", None),
        ("/weather", None),
    ],
)
def test_a_command_of_ours_is_known_by_name_and_address(
    text: str, expected: tuple[str, str] | None
) -> None:
    length = len(text.split(maxsplit=1)[0].rstrip(","))
    message = a_raw(text=text, entities=[entity("bot_command", 0, length)])
    assert own_command(message, "aman_bot", frozenset({"report"})) == expected


@pytest.mark.parametrize(
    "beside",
    [
        {"text": "/weather you idiot"},
        {"quote": {"text": "you idiot", "position": 0}},
        {
            "external_reply": {
                "origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Total idiot"}
            }
        },
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Total idiot"}},
    ],
)
def test_a_slash_carries_no_insult_through(beside: dict[str, Any]) -> None:
    bare = {"text": "/weather", "entities": [entity("bot_command", 0, 8)]}
    assert is_bare_command(a_raw(**bare), "aman_bot")
    assert not is_bare_command(a_raw(**{**bare, **beside}), "aman_bot")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("/roll", True),
        ("/roll_", True),
        ("/roll@other_bot", True),
        ("/you_idiot@other_bot", True),
        ("/you_idiot", False),
        ("/You_Idiot@AMAN_BOT", False),
    ],
)
def test_a_command_of_several_words_says_something_unless_it_is_another_bots(
    text: str, bare: bool
) -> None:
    message = a_raw(text=text, entities=[entity("bot_command", 0, len(text))])
    assert is_bare_command(message, "aman_bot") is bare


def test_of_commands_that_say_something_the_words_are_read() -> None:
    text = "so 👑 /you_idiot and /you_fool@aman_bot"
    commands = [entity("bot_command", 6, 10), entity("bot_command", 21, 18)]
    read = "so 👑 /you idiot and /you fool@aman_bot"
    assert parts(text=text, entities=commands) == [(PartKind.TEXT, read)]


def test_what_says_nothing_is_no_command() -> None:
    assert not is_bare_command(a_raw(new_chat_members=[ASHA]), "aman_bot")


def test_names_are_judged_on_joining_and_bots_are_not() -> None:
    joined = [ASHA, {**ASHA, "id": 8, "is_bot": True}, {**ASHA, "id": 9, "username": "rude"}]
    found = list(joined_in(a_raw(new_chat_members=joined), ChatFacts(), NOW))
    assert [(each.id, each.text) for each in found] == [
        ("5", "Asha Rao"),
        ("5.2", "Asha Rao\n@rude"),
    ]


def test_two_tellings_of_one_joining_are_one_message() -> None:
    from_, chat = ASHA, CHAT
    stands = {"user": ASHA, "status": "left"}
    change = {"chat": chat, "from": from_, "date": 1_772_366_400}
    change |= {"old_chat_member": stands, "new_chat_member": {**stands, "status": "member"}}
    update = read_update({"update_id": 1, "chat_member": change}, None)
    assert update.chat_member is not None
    silent = joined_by(update.chat_member, ChatFacts(), NOW)
    assert silent is not None
    [told] = joined_in(a_raw(new_chat_members=[ASHA]), ChatFacts(), NOW)
    assert silent.album == told.album
    assert album_of([told, silent]) == told
    effect = Effect(EffectKind.HIDE, "c", silent.place, message_id=silent.id)
    order = Order(Intent("i", "k", effect, NOW), 1, message=silent)
    assert hidden_ids(order) == []  # it stands in no message


def test_hiding_an_album_takes_all_its_messages_and_a_repost_all_its_parts() -> None:
    photos = [
        {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1},
    ]
    part = said(photo=photos, media_group_id="a")
    other = said(photo=photos, media_group_id="a", message_id=6)
    album = a_message(id="5", album="a", attachments=(*part.attachments, *other.attachments))
    effect = Effect(EffectKind.HIDE, "c", Place("telegram", "-1"), message_id="5")
    intent = Intent("i", "k", effect, NOW)
    assert hidden_ids(Order(intent, 1, message=album, target_id="5")) == [5, 6]
    assert hidden_ids(Order(intent, 1, message=album, target_id="91,92")) == [91, 92]  # it moved
    here = replace(album, place=effect.place)
    assert hidden_ids(Order(intent, 1, message=here, target_id="91,92")) == [91, 92, 5, 6]
    assert hidden_ids(Order(intent, 1, target_id="5.2")) == [5]


def test_a_sentence_in_several_messages_goes_whole_and_its_repost_alone() -> None:
    effect = Effect(EffectKind.HIDE, "case-1", a_message().place, message_id="7")
    intent = Intent("intent-1", "community-1", effect, NOW)
    whole = a_message("you idiot", id="7", continues=("5", "6"))
    assert hidden_ids(Order(intent, 1, message=whole, target_id="7")) == [7, 5, 6]
    assert hidden_ids(Order(intent, 1, message=whole, target_id="91")) == [91]


@pytest.mark.parametrize(
    ("why", "kind", "lacks", "key"),
    [
        ("message can't be deleted", EffectKind.HIDE, frozenset(), "too_old"),
        ("message can't be deleted", EffectKind.HIDE, {Right.DELETE}, "no_right_to_delete"),
        ("message can't be deleted for everyone", EffectKind.HIDE, None, "no_right_to_delete"),
        ("Not enough rights to restrict", EffectKind.MUTE, None, "no_right_to_restrict"),
        ("Forbidden: bot was kicked from the supergroup chat", EffectKind.HIDE, None, "not_there"),
        ("user is an administrator of the chat", EffectKind.BAN, None, "is_admin"),
        ("method is available only for supergroups", EffectKind.MUTE, None, "only_supergroups"),
        ("PARTICIPANT_ID_INVALID", EffectKind.BAN, None, "no_such_person"),
        ("something new", EffectKind.CARD, None, "refused"),
    ],
)
def test_a_refusal_is_told_in_a_sentence_that_helps(
    why: str, kind: EffectKind, lacks: set[Right] | None, key: str
) -> None:
    assert sentence_for(Refused(why), kind, lacks) == f"telegram.{key}"


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        (timedelta(seconds=5), 35),  # Telegram takes what is below 30 s for ever
        (timedelta(hours=1), 3600),
        (timedelta(days=400), 365 * 86_400),  # and what is above 366 days
    ],
)
def test_a_mute_never_becomes_one_for_ever_by_its_length(wanted: timedelta, seconds: int) -> None:
    assert until_date(NOW + wanted, NOW) == NOW + timedelta(seconds=seconds)
    assert until_date(None, NOW) is None
