"""Edits of the bot's own messages."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..files import media_body
from ..messages import Message
from .call import Call, method
from .keyboards import inline_keyboard
from .media import stored_file
from .sending import caption_body, text_body

Json = dict[str, Any]
_CAPTION = ("caption", "caption_entities", "show_caption_above_media", "has_media_spoiler")


def _editable(call: Call) -> Message:
    if "inline_message_id" in call.params:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = call.chat()
    message = call.message(chat, "message to edit")
    own = message.sender is call.bot
    if chat.type == "channel":
        own = message.sender_chat is chat and call.me_in(chat).has("can_edit_messages")
    if not own or "forward_origin" in message.header:
        raise bad_request("message can't be edited")
    return message


def _apply(call: Call, message: Message, body: Json, markup: Json | None) -> Json:
    if body == message.body and markup == message.header.get("reply_markup"):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    if body != message.body:
        message.edited_at = call.now
    message.body = body
    message.header = {k: v for k, v in message.header.items() if k != "reply_markup"}
    if markup is not None:
        message.header["reply_markup"] = markup
    return message.json()


@method("editMessageText")
def edit_message_text(call: Call) -> Json:
    """Change a text and its buttons."""
    message = _editable(call)
    body, markup = text_body(call), inline_keyboard(call.get("reply_markup"))
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    return _apply(call, message, body, markup)


@method("editMessageCaption")
def edit_message_caption(call: Call) -> Json:
    """Change a caption and the buttons."""
    message = _editable(call)
    caption = caption_body(call.params)
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    kept = {k: v for k, v in message.body.items() if k not in _CAPTION[:3]}
    return _apply(call, message, {**kept, **caption}, inline_keyboard(call.get("reply_markup")))


@method("editMessageMedia")
def edit_message_media(call: Call) -> Json:
    """Put another file, with its caption, in the place of a file."""
    message = _editable(call)
    if message.media is None:
        raise bad_request("there is no media in the message to edit")
    item = call.params["media"]
    body = {**media_body(stored_file(call, item["type"], item["media"])), **caption_body(item)}
    return _apply(call, message, body, inline_keyboard(call.get("reply_markup")))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> Json:
    """Change the buttons alone."""
    message = _editable(call)
    return _apply(call, message, message.body, inline_keyboard(call.get("reply_markup")))
