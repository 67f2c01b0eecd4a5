"""What can be read of a message that cannot be read whole. Pure.

Telegram grows, the client and we fall behind, and a server may be wrong. A message is then read by
what of it can be, so that nothing passes for clean or is lost because of one field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from telegram import Message
from telegram.constants import ChatType

from bot.adapters.telegram.reading import read_update
from bot.adapters.telegram.translate import (
    ChatFacts,
    is_bare_command,
    joined_in,
    message_in,
    own_command,
)
from bot.codec import read_message, write_message
from bot.domain.messages import readable

Json = dict[str, Any]

_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
_SAID_FIRST = ("text", "caption")
"""Tried before what only describes them."""

_HEEDED = ("migrate_from_chat_id", "migrate_to_chat_id", "new_chat_members")
"""What matters of a message that says nothing."""

_CHATS = tuple(ChatType)
_NOT_THEIRS = frozenset(("from", "pinned_message", "reply_to_message", "sender_chat"))
"""Fields whose texts somebody else has said."""

UNREAD = "not read"
"""Where what cannot be read is left. The client knows no such field, so the texts in it are judged
like those of fields that are newer than the client."""

_LARGEST = 2**63
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """update: with all that can be read of its message, as Telegram would have written it.
    lost: the fields that cannot be read whole; none where nothing of the message is at fault."""

    update: Json
    lost: tuple[str, ...]


def salvaged(raw: Any, received_at: datetime) -> Salvaged | None:
    """What can be read of an update; None where it brings no message, or one that does not tell
    where it stands or says nothing.

    raw: any JSON at all. Whatever is returned can be read, translated and taken in.
    """
    if not isinstance(raw, dict):
        return None
    kind = next((each for each in _KINDS if isinstance(raw.get(each), dict)), None)
    found = _read(raw[kind], int(received_at.timestamp())) if kind is not None else None
    if kind is None or found is None:
        return None
    fields, lost = found
    if not _matters(fields):
        return None
    update_id = raw.get("update_id")
    if not _is_number(update_id):
        update_id, lost = 0, (*lost, "update_id")
    return Salvaged({"update_id": update_id, kind: fields}, lost)


def _read(told: Mapping[str, Any], received_at: int) -> tuple[Json, tuple[str, ...]] | None:
    """A message's fields that can be read together, and the names of the others."""
    kept = _least(told, received_at)
    if kept is None:
        return None
    lost, unread = [], {}
    for name in sorted(told, key=lambda each: each not in _SAID_FIRST):
        value = told[name]
        if name == "reply_to_message" and (target := _target(value, received_at)) != value:
            lost.append(name)
            value = target
        if _fits(kept, name, value):
            kept = {**kept, name: value}
        elif name not in lost:
            lost.append(name)
            if name not in kept and name not in _NOT_THEIRS:
                unread[name] = value
    if unread and _fits(kept, UNREAD, unread):
        kept = {**kept, UNREAD: unread}
    return kept, tuple(lost)


def _least(told: Mapping[str, Any], received_at: int) -> Json | None:
    """Where a message stands, when it came and whose it is, in fields that cannot but be read;
    None where it stands nowhere. A sender who is not told counts as nobody, whom nothing is done
    to."""
    chat, message_id = _chat(told.get("chat")), told.get("message_id")
    if chat is None or not _is_number(message_id):
        return None
    least: Json = {"message_id": message_id, "date": received_at, "chat": chat}
    if (user := _user(told.get("from"))) is not None:
        least["from"] = user
    if (sender := _chat(told.get("sender_chat"))) is not None:
        least["sender_chat"] = sender
    return least


def _chat(told: Any) -> Json | None:
    if not isinstance(told, dict) or not _is_number(id_ := told.get("id")):
        return None
    kind = told.get("type")
    if kind not in _CHATS:
        kind = ChatType.PRIVATE if id_ > 0 else ChatType.SUPERGROUP
    return {"id": id_, "type": str(kind), "title": _text(told.get("title"))}


def _user(told: Any) -> Json | None:
    if not isinstance(told, dict) or not _is_number(id_ := told.get("id")):
        return None
    name = _text(told.get("first_name"))
    return {"id": id_, "is_bot": told.get("is_bot") is True, "first_name": name}


def _text(told: Any) -> str:
    return readable(told) if isinstance(told, str) else ""


def _is_number(told: Any) -> TypeGuard[int]:
    return type(told) is int and -_LARGEST <= told < _LARGEST


def _target(told: Any, received_at: int) -> Json | None:
    """The message that is answered, read likewise; Telegram shows it without what it answers."""
    if not isinstance(told, dict):
        return None
    found = _read({name: told[name] for name in told if name != "reply_to_message"}, received_at)
    return found[0] if found is not None else None


def _fits(kept: Json, name: str, value: Any) -> bool:
    """Whether a message with this field as well is read, translated and written down."""
    if not _makes_sense(kept, name, value):
        return False
    try:
        message = _parsed({**kept, name: value})
        own_command(message, "", frozenset())
        is_bare_command(message, "")
        said = message_in(message, ChatFacts(), _NEVER)
        for each in (*([said] if said else []), *joined_in(message, ChatFacts(), _NEVER)):
            read_message(write_message(each))
    except Exception:  # which of them breaks, and how, is not to be foreseen
        return False
    return True


def _makes_sense(kept: Json, name: str, value: Any) -> bool:
    """False where the client would take what nobody can act on."""
    match name:
        case "from":
            return name in kept
        case "chat" | "sender_chat":
            return name in kept and value.get("type") in _CHATS
        case "message_thread_id":
            return _is_number(value)
    return True


def _matters(fields: Json) -> bool:
    said = message_in(_parsed(fields), ChatFacts(), _NEVER)
    return said is not None or any(name in fields for name in _HEEDED)


def _parsed(fields: Json) -> Message:
    message = read_update({"update_id": 0, "message": fields}, None).message
    assert message is not None  # noqa: S101 - it was given one
    return message
