"""sendMessage and what all sending methods share."""

from __future__ import annotations

from typing import Any

from ..chats import Chat
from ..errors import bad_request, forbidden
from ..messages import Message
from ..posting import attach_reply, place_in_thread
from ..text import CAPTION_LIMIT, TEXT_LIMIT, formatted
from .call import Call, method
from .ephemeral import receiver_of, whisper
from .keyboards import inline_keyboard

Json = dict[str, Any]
_GENERAL = 1


def destination(call: Call, permission: str = "can_send_messages") -> Chat:
    """The chat to send to, if the bot may send that there."""
    chat = call.chat()
    if chat.type == "private":
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat
    me = call.me_in(chat)
    if chat.type == "channel":
        if not me.has("can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
        return chat
    if not me.is_admin and permission not in me.permissions & chat.permissions:
        what = permission.removeprefix("can_send_").replace("_", " ")
        if what in {"messages", "other messages"}:
            what = "text messages" if what == "messages" else "stickers or animations"
        raise bad_request(f"not enough rights to send {what} to the chat")
    return chat


def topic_of(call: Call, chat: Chat) -> int | None:
    """The forum topic to send to. Outside forums the parameter is passed over."""
    topic_id = call.get("message_thread_id")
    if not chat.is_forum or not topic_id:
        return None
    topic = chat.topics.get(topic_id)
    if topic_id == _GENERAL or topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not call.me_in(chat).has("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return topic.id


def post(call: Call, chat: Chat, body: Json, **header: Any) -> Message:
    """Send: a new message of the bot's in the chat, where and how the call says."""
    topic = topic_of(call, chat)
    message = Message(chat, 0, call.world.clock.now(), body, sender=call.bot)
    if chat.type == "channel":
        message.sender, message.sender_chat = None, chat
    elif "is_anonymous" in call.me_in(chat).rights:
        message.sender_chat = chat
    markup = inline_keyboard(call.get("reply_markup"))
    if markup is not None:
        message.header["reply_markup"] = markup
    if call.get("protect_content"):
        message.header["has_protected_content"] = True
    message.header.update(header)
    _reply(call, message)
    place_in_thread(message, topic)
    message.id = chat.next_id()
    return call.world.post(message)


def _reply(call: Call, message: Message) -> None:
    reply = call.get("reply_parameters")
    if reply is None:
        return
    chat = message.chat
    if "chat_id" in reply:
        call.params["reply chat"] = reply["chat_id"]
        chat = call.chat("reply chat", to_write=False)
    target = chat.messages.get(reply["message_id"])
    if target is None or target.is_deleted:
        if reply.get("allow_sending_without_reply"):
            return
        raise bad_request("message to be replied not found")
    quote = reply.get("quote")
    if quote and quote not in target.text:
        raise bad_request("QUOTE_TEXT_INVALID")
    attach_reply(message, target, quote, manual=True)


def text_body(call: Call) -> Json:
    """The `text` and `entities` that a call gives."""
    text, entities = formatted(
        call.params["text"],
        call.get("parse_mode"),
        call.get("entities"),
        limit=TEXT_LIMIT,
        what="message text",
    )
    if not text.strip():
        raise bad_request("message text is empty")
    body: Json = {"text": text}
    if entities:
        body["entities"] = entities
    if call.get("link_preview_options"):
        body["link_preview_options"] = call.params["link_preview_options"]
    return body


def caption_body(given: Json) -> Json:
    """The `caption` and `caption_entities` of a call or of one medium of an album."""
    caption, entities = formatted(
        given.get("caption", ""),
        given.get("parse_mode"),
        given.get("caption_entities"),
        limit=CAPTION_LIMIT,
        what="message caption",
    )
    body: Json = {"caption": caption} if caption else {}
    if entities:
        body["caption_entities"] = entities
    if given.get("has_spoiler"):
        body["has_media_spoiler"] = True
    if given.get("show_caption_above_media"):
        body["show_caption_above_media"] = True
    return body


@method("sendMessage")
def send_message(call: Call) -> Json:
    """Post a text."""
    chat, receiver = destination(call), receiver_of(call)
    if receiver is not None:
        return whisper(call, chat, receiver, text_body(call)).json()
    return post(call, chat, text_body(call)).json()


@method("sendContact")
def send_contact(call: Call) -> Json:
    """Post a contact."""
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: call.params[name] for name in names if name in call.params}
    return post(call, destination(call), {"contact": contact}).json()


@method("sendLocation")
def send_location(call: Call) -> Json:
    """Post a place on the map."""
    if abs(call.params["latitude"]) > 90 or abs(call.params["longitude"]) > 180:
        raise bad_request("wrong latitude or longitude specified")
    names = ("latitude", "longitude", "horizontal_accuracy", "live_period")
    place = {name: call.params[name] for name in names if name in call.params}
    return post(call, destination(call), {"location": place}).json()


@method("sendVenue")
def send_venue(call: Call) -> Json:
    """Post a place that has a name. For clients of old it is also a place on the map."""
    if abs(call.params["latitude"]) > 90 or abs(call.params["longitude"]) > 180:
        raise bad_request("wrong latitude or longitude specified")
    place = {name: call.params[name] for name in ("latitude", "longitude")}
    names = ("title", "address", "foursquare_id", "foursquare_type")
    more = ("google_place_id", "google_place_type")
    venue = {name: call.params[name] for name in (*names, *more) if name in call.params}
    body = {"venue": {"location": place, **venue}, "location": place}
    return post(call, destination(call), body).json()


@method("sendDice")
def send_dice(call: Call) -> Json:
    """Throw a die; it always shows 1 here."""
    dice = {"emoji": call.get("emoji", "🎲"), "value": 1}
    return post(call, destination(call, "can_send_other_messages"), {"dice": dice}).json()


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    """Show that the bot is writing."""
    if not call.params["action"].startswith(("typing", "upload_", "record_", "find_", "choose_")):
        raise bad_request("wrong parameter action in request")
    destination(call)
    return True
