"""Threads and posts of forums."""

from __future__ import annotations

from ..channels import PRIVATE_THREAD, PUBLIC_THREAD, Channel
from ..clock import iso
from ..composing import fields_of, mentioned
from ..errors import ApiError, unknown, wrong
from ..messages import Message
from .call import Call, Json, route
from .channels import checked_archive


@route(
    "POST",
    "/channels/{channel_id}/messages/{message_id}/threads",
    body="StartThread",
    status=201,
)
def start_from_message(call: Call) -> Json:
    """Start a thread on a message, whose id it takes."""
    channel = call.channel("create_public_threads")
    message = call.message(channel)
    if message.id in call.world.channels:
        sentence = "A thread has already been created for this message"
        raise ApiError(400, 160004, sentence)
    return _opened(call, channel, PUBLIC_THREAD, message.id).json()


@route(
    "POST",
    "/channels/{channel_id}/threads",
    query="NestedFields",
    body="StartPost",
    status=201,
)
def start_thread(call: Call) -> Json:
    """Start a post in a forum with its first message, or elsewhere a thread without."""
    channel = call.channel()
    if not channel.is_forum:
        return _start_without_message(call, channel)
    call.admit(channel, "send_messages")
    if not call.body.get("message"):
        raise wrong("message", "BASE_TYPE_REQUIRED", "This field is required")
    fields = fields_of(call.world, channel, call.body["message"], call.files)
    thread = _opened(call, channel, PUBLIC_THREAD, call.world.ids.next())
    first = Message(thread, thread.id, call.bot, call.now, **fields)
    mentioned(first, call.body["message"].get("allowed_mentions"))
    call.world.post(first)
    return {**thread.json(), "message": first.json()}


def _start_without_message(call: Call, channel: Channel) -> Json:
    if channel.is_thread or not channel.takes_messages or channel.is_voice:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    kind = call.body.get("type") or PRIVATE_THREAD
    is_private = kind == PRIVATE_THREAD
    call.admit(channel, "create_private_threads" if is_private else "create_public_threads")
    return _opened(call, channel, kind, call.world.ids.next()).json()


def _opened(call: Call, parent: Channel, kind: int, thread_id: int) -> Channel:
    minutes = checked_archive(call.body.get("auto_archive_duration") or 1440)
    thread = Channel(
        call.world,
        thread_id,
        kind,
        call.body["name"],
        call.now,
        parent.guild,
        parent,
        owner=call.bot,
        auto_archive_minutes=minutes,
    )
    call.world.open_thread(thread)
    return thread


@route("GET", "/guilds/{guild_id}/threads/active")
def get_active_threads(call: Call) -> Json:
    """Threads that are not archived and that the bot sees."""
    guild = call.guild()
    seen = [thread for thread in guild.threads if call.held_in(thread)]
    return {"threads": [thread.json() for thread in seen], "members": []}


@route("GET", "/channels/{channel_id}/threads/archived/public", query="ArchivedThreads")
def get_public_archived(call: Call) -> Json:
    """Archived public threads of a channel, the newest first."""
    return _archived(call, PUBLIC_THREAD)


@route("GET", "/channels/{channel_id}/threads/archived/private", query="ArchivedThreads")
def get_private_archived(call: Call) -> Json:
    """Archived private threads, for who manages threads."""
    call.channel("manage_threads")
    return _archived(call, PRIVATE_THREAD)


def _archived(call: Call, kind: int) -> Json:
    channel = call.channel("read_message_history")
    assert channel.guild is not None
    found = [
        thread
        for thread in channel.guild.channels.values()
        if thread.parent is channel and thread.archived and thread.type == kind
    ]
    limit = call.query.get("limit") or 50
    newest = sorted(found, key=lambda thread: -thread.archived_at)
    page = [thread.json() for thread in newest[:limit]]
    return {"threads": page, "members": [], "has_more": len(found) > limit}


@route("PUT", "/channels/{channel_id}/thread-members/@me")
def join_thread(call: Call) -> None:
    """Become a member of a thread."""
    call.channel().thread_members.add(call.bot.id)


@route("DELETE", "/channels/{channel_id}/thread-members/@me")
def leave_thread(call: Call) -> None:
    """Stop being a member of a thread."""
    call.channel().thread_members.discard(call.bot.id)


@route("PUT", "/channels/{channel_id}/thread-members/{user_id}")
def add_to_thread(call: Call) -> None:
    """Bring somebody into a thread."""
    channel = call.channel("send_messages_in_threads")
    channel.thread_members.add(call.user().id)


@route("GET", "/channels/{channel_id}/thread-members/{user_id}")
def get_thread_member(call: Call) -> Json:
    """One member of a thread."""
    channel, user = call.channel(), call.id("user_id")
    if user not in channel.thread_members:
        raise unknown("Member")
    return _member(channel, user)


@route("GET", "/channels/{channel_id}/thread-members")
def get_thread_members(call: Call) -> list[Json]:
    """The members of a thread."""
    channel = call.channel()
    return [_member(channel, user) for user in sorted(channel.thread_members)]


def _member(channel: Channel, user: int) -> Json:
    return {
        "id": str(channel.id),
        "user_id": str(user),
        "join_timestamp": iso(channel.made_at),
        "flags": 0,
    }
