"""What a Discord event says, and what of it is judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from discord import Message, TextChannel
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.contents import as_read
from bot.adapters.discord.translate import blocked_in, is_said, message_in, nick_in, title_in
from bot.domain import messages as core
from bot.domain.messages import PartKind, Place

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GUILD, GENERAL, FORUM, POST, ASHA, OWNER, VIP = 7, 70, 71, 72, 100, 101, 8
EVERYBODY = {"id": str(GUILD), "name": "@everyone", "permissions": "1024", "position": 0}


def a_role(id: int, permissions: int) -> dict[str, Any]:  # noqa: A002
    return {**EVERYBODY, "id": str(id), "name": f"role {id}", "permissions": str(permissions)}


def a_user(id: int, **more: Any) -> dict[str, Any]:  # noqa: A002
    named = {"username": f"user{id}", "global_name": f"User {id}", "discriminator": "0"}
    return {"id": str(id), "avatar": None, **named, **more}


def a_member(id: int, **more: Any) -> dict[str, Any]:  # noqa: A002
    fields = {"roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0, "deaf": False}
    return {"user": a_user(id), "mute": False, **fields, **more}


@pytest.fixture
async def guild() -> discord.Guild:
    """A server as the client keeps it."""
    client = discord.Client(intents=discord.Intents.all())
    data: dict[str, Any] = {
        "id": str(GUILD),
        "name": "Lobby",
        "owner_id": str(OWNER),
        "member_count": 3,
        "roles": [EVERYBODY, a_role(VIP, 0), a_role(9, 1 << 5)],
        "channels": [
            {"id": str(GENERAL), "type": 0, "name": "general", "position": 0},
            {"id": str(FORUM), "type": 15, "name": "ideas", "position": 1, "available_tags": []},
        ],
        "members": [a_member(ASHA, roles=[str(VIP)]), a_member(OWNER)],
        "emojis": [],
        "features": [],
    }
    state = client._connection
    made = discord.Guild(data=data, state=state)  # type: ignore[arg-type]
    state._add_guild(made)
    return made


def a_raw(guild: discord.Guild, **fields: Any) -> Message:
    """A message as the client reads it."""
    channel = guild.get_channel(GENERAL)
    assert isinstance(channel, TextChannel)
    data: dict[str, Any] = {
        "id": "500",
        "channel_id": str(GENERAL),
        "type": 0,
        "content": "",
        "author": a_user(ASHA),
        "timestamp": "2026-03-01T11:59:59+00:00",
        "edited_timestamp": None,
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        **fields,
    }
    return Message(state=guild._state, channel=channel, data=data)  # type: ignore[arg-type]


def said(guild: discord.Guild, **fields: Any) -> core.Message:
    message = message_in(a_raw(guild, **fields), NOW)
    assert message is not None
    return message


def parts(guild: discord.Guild, **fields: Any) -> list[tuple[PartKind, str]]:
    return [(part.kind, part.text) for part in said(guild, **fields).parts]


def a_file(**more: Any) -> dict[str, Any]:
    fields = {"filename": "cat.png", "size": 9, "url": "https://cdn/cat.png", "proxy_url": "x"}
    return {"id": "1", **fields, **more}


async def test_a_message_has_its_place_author_and_link(guild: discord.Guild) -> None:
    message = said(guild, content="hello")
    assert message.place == Place("discord", str(GUILD), str(GENERAL))
    assert message.author.roles == {str(VIP)}
    assert message.author.person.name == f"User {ASHA}"
    assert message.author.joined_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert message.link == f"https://discord.com/channels/{GUILD}/{GENERAL}/500"
    assert (message.reach, message.revision, message.parent) == (3, 0, "")


async def test_who_may_manage_the_server_is_an_admin(guild: discord.Guild) -> None:
    owner = said(guild, content="hi", author=a_user(OWNER))
    assert "admin" in owner.author.roles
    member = guild.get_member(ASHA)
    assert member is not None
    member._roles.add(9)
    assert "admin" in said(guild, content="hi").author.roles


async def test_a_forwards_text_stands_in_its_snapshot(guild: discord.Guild) -> None:
    snapshot = {
        "type": 0,
        "content": "you idiot",
        "embeds": [],
        "attachments": [a_file()],
        "timestamp": "2026-03-01T11:00:00+00:00",
        "edited_timestamp": None,
        "mentions": [],
        "mention_roles": [],
        "flags": 0,
    }
    message = said(guild, message_snapshots=[{"message": snapshot}])
    assert message.parts[0].kind is PartKind.FORWARD
    assert message.parts[0].text == "you idiot"
    assert [file.name for file in message.attachments] == ["cat.png"]


async def test_embeds_polls_files_and_stickers_are_read_whole(guild: discord.Guild) -> None:
    embed = {
        "type": "rich",
        "title": "a",
        "description": "b",
        "author": {"name": "c"},
        "footer": {"text": "d"},
        "fields": [{"name": "e", "value": "f"}],
    }
    poll = {
        "question": {"text": "q"},
        "answers": [{"answer_id": 1, "poll_media": {"text": "x"}}],
        "expiry": "2026-03-02T00:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
    }
    found = parts(
        guild,
        embeds=[embed],
        poll=poll,
        attachments=[a_file(description="alt")],
        sticker_items=[{"id": "3", "name": "wave", "format_type": 1}],
    )
    assert {text for kind, text in found if kind is PartKind.EMBED} == set("abcdef")
    assert [text for kind, text in found if kind is PartKind.POLL] == ["q", "x"]
    assert (PartKind.FILE_NAME, "cat.png") in found
    assert (PartKind.CAPTION, "alt") in found
    assert (PartKind.NAME, "wave") in found


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("you i||dio||t", "you idiot"),
        ("you i**d**iot", "you idiot"),
        ("y`o`u", "you"),
        ("**you** idiot", None),
        ("||you idiot||", None),
        ("snake_case_name", None),
        ("2 * 3 * 4", None),
        ("you [idi](https://a.example)[ot](https://b.example)", "you idiot"),
        ('you idi**[ot](<https://a.example> "a title")**', "you idiot"),
        ("see [the idiot](https://a.example) there", None),
    ],
)
def test_markup_inside_words_hides_nothing(content: str, read: str | None) -> None:
    assert as_read(content) == read


@given(st.text(max_size=200))
def test_reading_any_text_breaks_nothing(content: str) -> None:
    read = as_read(content)
    assert read is None or len(read) <= len(content)


@pytest.mark.parametrize("mark", ["*", "`", "|", "_", "~", "[a](https://", "[", "a**b[a]("])
def test_no_text_takes_for_ever_to_read(mark: str) -> None:
    for end in ("", " ", "a", ")"):
        read = as_read("a" + mark * (4_000 // len(mark)) + end)
        assert read is None or set(read) <= set(f"a{mark}{end}")


async def test_an_empty_message_is_none(guild: discord.Guild) -> None:
    assert message_in(a_raw(guild), NOW) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"author": a_user(3, bot=True)},
        {"webhook_id": "12"},
        {"type": 7},  # somebody joined
        {"type": 24},  # AutoMod tells of a message
        {"type": 18},  # a thread was opened
    ],
)
async def test_what_no_person_said_is_not_judged(
    guild: discord.Guild, fields: dict[str, Any]
) -> None:
    assert not is_said(a_raw(guild, content="you idiot", **fields))
    assert is_said(a_raw(guild, content="you idiot", type=19))


async def test_a_thread_knows_its_channel_and_its_title_has_an_id_of_its_own(
    guild: discord.Guild,
) -> None:
    data: dict[str, Any] = {
        "id": str(POST),
        "type": 11,
        "guild_id": str(GUILD),
        "parent_id": str(FORUM),
        "owner_id": str(ASHA),
        "name": "what an idiot",
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-03-01T11:00:00+00:00",
        },
    }
    thread = discord.Thread(guild=guild, state=guild._state, data=data)  # type: ignore[arg-type]
    title = title_in(thread, NOW, by=guild.get_member(ASHA))
    assert (title.id, title.parent) == (f"title.{POST}", str(FORUM))
    assert title.author.punishable
    assert not title_in(thread, NOW, by=None).author.punishable


async def test_a_nickname_is_a_message_and_having_none_is_not(guild: discord.Guild) -> None:
    member = guild.get_member(ASHA)
    assert member is not None
    assert nick_in(member, NOW) is None
    member.nick = "idiot"
    named = nick_in(member, NOW)
    assert named is not None
    assert (named.id, named.place.channel) == (f"nick.{ASHA}", "")


async def test_the_same_blocked_try_is_one_message(guild: discord.Guild) -> None:
    one, same, other = (
        blocked_in(None, ASHA, guild, GENERAL, text, NOW) for text in ("a", "a", "b")
    )
    assert one.key == same.key != other.key
    assert one.blocked
