"""How a message comes to hang under another: replies, quotes, threads and topics."""

from __future__ import annotations

from typing import Any

from .chats import Chat
from .messages import Message
from .text import utf16_length

Json = dict[str, Any]


def place_in_thread(message: Message, topic: int | None) -> None:
    """Give a message the thread that Telegram would.

    In a forum every message outside General names its topic and, unless it is a reply, "replies" to
    the service message which opened the topic. In other supergroups a reply names the first message
    of its thread, without being a topic's.
    """
    chat = message.chat
    if chat.is_forum:
        if topic is None and message.reply_to is not None and message.reply_to.in_topic:
            topic = message.reply_to.thread
        if topic is not None:
            message.thread, message.in_topic = topic, True
            message.reply_to = message.reply_to or chat.messages.get(topic)
    elif chat.type == "supergroup" and message.reply_to is not None:
        message.thread = message.reply_to.thread or message.reply_to.id


def attach_reply(message: Message, target: Message, quote: str | None, *, manual: bool) -> None:
    """Make a message a reply, in this chat or to another's, quoting a part if asked."""
    if target.chat is message.chat:
        message.reply_to = target
    else:
        external: Json = {"origin": target.origin()}
        if not _is_private(target.chat):
            external.update(chat=target.chat.json(), message_id=target.id)
        if target.media:
            external[target.media] = target.body[target.media]
        message.header["external_reply"] = external
        quote = quote or target.text or None
    if quote:
        position = target.text.find(quote)
        message.header["quote"] = {
            "text": quote,
            "position": utf16_length(target.text[: max(position, 0)]),
            **({"is_manual": True} if manual else {}),
        }


def _is_private(chat: Chat) -> bool:
    return chat.type == "private"
