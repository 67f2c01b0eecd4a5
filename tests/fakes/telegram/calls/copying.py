"""Copies and forwards, one or up to a hundred."""

from __future__ import annotations

from typing import Any

from ..chats import Chat
from ..errors import bad_request
from ..messages import Message
from ..world import is_service
from .call import Call, method
from .sending import caption_body, destination, post

Json = dict[str, Any]
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")
MOST_AT_ONCE = 100


def checked_ids(call: Call) -> list[int]:
    """The 1 to 100 message ids of a call."""
    ids: list[int] = call.params["message_ids"]
    if not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    if any(message_id <= 0 for message_id in ids):
        raise bad_request("invalid message identifier specified")
    return ids


def _source(call: Call) -> Chat:
    return call.chat("from_chat_id", to_write=False)


def _refused(message: Message, verb: str) -> str | None:
    if is_service(message):
        return f"message can't be {verb}"
    if message.header.get("has_protected_content"):
        return f"message can't be {verb}"
    return None


def _several(call: Call, verb: str) -> list[Message]:
    source = _source(call)
    ids = checked_ids(call)
    if ids != sorted(set(ids)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    found = [source.messages[i] for i in ids if i in source.messages]
    usable = [m for m in found if not m.is_deleted and _refused(m, verb) is None]
    if not usable:
        raise bad_request(f"there are no messages to {verb.removesuffix('ed')}")
    return usable


def _one(call: Call, verb: str, what: str) -> Message:
    message = call.message(_source(call), what)
    refusal = _refused(message, verb)
    if refusal:
        raise bad_request(refusal)
    return message


def _new_albums(call: Call, messages: list[Message]) -> dict[str, str]:
    albums = dict.fromkeys(
        m.header["media_group_id"] for m in messages if "media_group_id" in m.header
    )
    return {album: str(call.world.number() + 14_000_000_000_000_000) for album in albums}


def _header(message: Message, albums: dict[str, str]) -> Json:
    album = message.header.get("media_group_id")
    return {"media_group_id": albums[album]} if album in albums else {}


@method("copyMessage")
def copy_message(call: Call) -> Json:
    """Repeat a message without naming where it came from."""
    chat = destination(call)
    body = dict(_one(call, "copied", "message to copy").body)
    if "caption" in call.params and "text" not in body:
        body = {k: v for k, v in body.items() if k not in _CAPTION} | caption_body(call.params)
    return {"message_id": post(call, chat, body).id}


@method("copyMessages")
def copy_messages(call: Call) -> list[Json]:
    """Repeat several; those that are gone are passed over."""
    chat = destination(call)
    messages = _several(call, "copied")
    albums = _new_albums(call, messages)
    sent = []
    for message in messages:
        body = dict(message.body)
        if call.get("remove_caption"):
            body = {k: v for k, v in body.items() if k not in _CAPTION}
        sent.append({"message_id": post(call, chat, body, **_header(message, albums)).id})
    return sent


@method("forwardMessage")
def forward_message(call: Call) -> Json:
    """Forward a message."""
    chat = destination(call)
    message = _one(call, "forwarded", "message to forward")
    return post(call, chat, dict(message.body), forward_origin=message.origin()).json()


@method("forwardMessages")
def forward_messages(call: Call) -> list[Json]:
    """Forward several; those that are gone are passed over."""
    chat = destination(call)
    messages = _several(call, "forwarded")
    albums = _new_albums(call, messages)
    return [
        {
            "message_id": post(
                call, chat, dict(m.body), forward_origin=m.origin(), **_header(m, albums)
            ).id
        }
        for m in messages
    ]
