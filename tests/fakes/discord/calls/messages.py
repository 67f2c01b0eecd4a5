"""Messages: reading, sending, editing and deleting them."""

from __future__ import annotations

from ..accounts import Application
from ..channels import Channel
from ..composing import changes_of, fields_of, mentioned
from ..errors import ApiError, missing_access, wrong
from ..messages import REPLY, Message, hides_content, without_content
from ..permissions import Permission
from ..snowflakes import made_at
from .call import Call, Json, route

_FEWEST, _MOST = 2, 100
_TOO_OLD = 14 * 86_400
_NONCE_LASTS = 300.0


def seen(message: Message, bot: Application | None) -> Json:
    """A message as that bot gets it over HTTP."""
    data = message.json()
    if bot is not None and not bot.reads_content and hides_content(message, bot):
        return without_content(data)
    return data


@route("GET", "/channels/{channel_id}/messages", query="GetMessages")
def get_messages(call: Call) -> list[Json]:
    """Up to 100 messages, newest first: before, after or around an id."""
    channel = _readable(call)
    if channel.guild is not None and not call.held_in(channel) & Permission.read_message_history:
        return []
    query, limit = call.query, call.query.get("limit") or 50
    if sum(query.get(name) is not None for name in ("before", "after", "around")) > 1:
        raise wrong("before", "BASE_TYPE_EXCLUSIVE", "before, after and around exclude each other")
    messages = channel.living()
    if query.get("before") is not None:
        messages = [m for m in messages if m.id < query["before"]][-limit:]
    elif query.get("after") is not None:
        messages = [m for m in messages if m.id > query["after"]][:limit]
    elif query.get("around") is not None:
        older = [m for m in messages if m.id <= query["around"]][-(limit // 2 + 1) :]
        newer = [m for m in messages if m.id > query["around"]]
        messages = older + newer[: limit - len(older)]
    else:
        messages = messages[-limit:]
    return [seen(message, call.bot) for message in reversed(messages)]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def get_message(call: Call) -> Json:
    """One message."""
    channel = _readable(call)
    if channel.guild is not None and not call.held_in(channel) & Permission.read_message_history:
        raise missing_access()
    return seen(call.message(channel), call.bot)


def _readable(call: Call) -> Channel:
    channel = call.channel()
    if not channel.takes_messages:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return channel


@route("POST", "/channels/{channel_id}/messages", body="CreateMessage")
def create_message(call: Call) -> Json:
    """Write a message."""
    channel = _readable(call)
    _require_writable(call, channel)
    if known := _said_before(call, channel):
        return known.json()
    fields = fields_of(call.world, channel, call.body, call.files)
    _require_extras(call, channel, fields)
    message = Message(channel, call.world.ids.next(), call.bot, call.now, **fields)
    message.nonce = call.body.get("nonce")
    _answer(call, message)
    mentioned(message, call.body.get("allowed_mentions"))
    call.world.post(message)
    return message.json()


def _require_writable(call: Call, channel: Channel) -> None:
    if channel.guild is None:
        assert channel.recipient is not None
        meets = call.world.shares_guild(channel.recipient, call.bot)
        if not channel.recipient.takes_dms or not meets:
            raise ApiError(403, 50007, "Cannot send messages to this user")
        return
    call.admit(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if channel.locked and not call.held_in(channel) & Permission.manage_threads:
        raise ApiError(400, 50083, "Thread is archived")


def _require_open(channel: Channel) -> None:
    if channel.archived:
        raise ApiError(400, 50083, "Thread is archived")


def _require_extras(call: Call, channel: Channel, fields: Json) -> None:
    """Files and embeds take permissions of their own."""
    if channel.guild is None:
        return
    if fields["attachments"]:
        call.admit(channel, "attach_files")
    if fields["embeds"]:
        call.admit(channel, "embed_links")
    if fields["poll"]:
        call.admit(channel, "send_polls")


def _said_before(call: Call, channel: Channel) -> Message | None:
    """With `enforce_nonce`, a message that was sent again is the one of the first time."""
    nonce = call.body.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise wrong("nonce", "NONCE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    recent = (m for m in channel.living() if m.posted_at > call.now - _NONCE_LASTS)
    return next((m for m in recent if m.author is call.bot and m.nonce == nonce), None)


def _answer(call: Call, message: Message) -> None:
    """Make it a reply, if it names a message of this channel."""
    reference = call.body.get("message_reference")
    if reference is None:
        return
    target = message.channel.messages.get(reference.get("message_id") or 0)
    if target is None or target.is_deleted:
        if reference.get("fail_if_not_exists") is False:
            return
        raise wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    channel = message.channel
    if channel.guild is not None and not call.held_in(channel) & Permission.read_message_history:
        sentence = "Cannot reply without permission to read message history"
        raise ApiError(400, 160002, sentence)
    message.type, message.reply_to = REPLY, target
    message.reference = target.pointed_at(0)


@route("PATCH", "/channels/{channel_id}/messages/{message_id}", body="EditMessage")
def edit_message(call: Call) -> Json:
    """Change a message of the bot's own; of others only whether previews show."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.bot:
        if call.body.keys() <= {"flags"}:
            call.admit(channel, "manage_messages")
        else:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    call.world.edit(message, **changes_of(call.world, message, call.body, call.files))
    return message.json()


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete_message(call: Call) -> None:
    """Remove one message; another's takes MANAGE_MESSAGES."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.bot:
        if channel.guild is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        call.admit(channel, "manage_messages")
        call.record(channel.guild, "message delete", message.author.id)
    _require_open(channel)
    call.world.delete([message], call.bot)


@route("POST", "/channels/{channel_id}/messages/bulk-delete", body="BulkDelete")
def bulk_delete(call: Call) -> None:
    """Remove 2 to 100 messages of the last 14 days; one that is older and none goes.

    Ids that name nothing are passed over.
    """
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    call.admit(channel, "manage_messages")
    _require_open(channel)
    ids = call.body["messages"]
    if not _FEWEST <= len(ids) <= _MOST:
        sentence = "You can only bulk delete between 2 and 100 messages."
        raise ApiError(400, 50016, sentence)
    if len(set(ids)) < len(ids):
        raise wrong("messages", "SET_TYPE_ALREADY_CONTAINS_VALUE", "The Set already contains it")
    if any(made_at(message) < call.now - _TOO_OLD for message in ids):
        raise ApiError(400, 50034, "A message provided was too old to bulk delete")
    found = [channel.messages[message] for message in ids if message in channel.messages]
    call.record(channel.guild, "message bulk delete", channel.id)
    call.world.delete([m for m in found if m.only_for is None], call.bot, bulk=True)


@route("PUT", "/channels/{channel_id}/messages/pins/{message_id}")
def pin(call: Call) -> None:
    """Pin a message: since 2026 PIN_MESSAGES, no longer MANAGE_MESSAGES."""
    channel = call.channel()
    call.message(channel)
    if channel.guild is not None:
        call.admit(channel, "pin_messages")
