"""Channels: reading, making, changing and removing them."""

from __future__ import annotations

from ..channels import TYPES, Channel
from ..errors import ApiError, missing_permissions, wrong
from ..permissions import Overwrite, Permission
from .call import Call, Json, route

_MAKEABLE = set(TYPES.values()) - {TYPES["dm"]}
_ARCHIVE_AFTER = {60, 1440, 4320, 10080}


@route("GET", "/channels/{channel_id}")
def get_channel(call: Call) -> Json:
    """One channel or thread."""
    return call.channel().json()


@route("POST", "/guilds/{guild_id}/channels", body="CreateChannel", status=201)
def create_channel(call: Call) -> Json:
    """Make a channel, with its overwrites."""
    guild = call.guild_needing("manage_channels")
    if not call.body.get("name"):
        raise wrong("name", "BASE_TYPE_REQUIRED", "This field is required")
    kind = call.body.get("type") or 0
    if kind not in _MAKEABLE:
        raise wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {_MAKEABLE}.")
    channel = Channel(call.world, call.world.ids.next(), kind, call.body["name"], call.now, guild)
    _apply(call, channel)
    call.record(guild, "channel create", channel.id)
    call.world.add_channel(channel)
    return channel.json()


@route("PATCH", "/channels/{channel_id}", body="EditChannel")
def edit_channel(call: Call) -> Json:
    """Change a channel, or archive, lock and rename a thread."""
    channel = call.channel()
    if channel.is_thread:
        _edit_thread(call, channel)
    else:
        call.admit(channel, "manage_channels")
        if "permission_overwrites" in call.body:
            call.admit(channel, "manage_roles")
        _apply(call, channel)
    assert channel.guild is not None
    call.record(channel.guild, "channel update", channel.id)
    call.world.told_of_channel(channel)
    return channel.json()


def _apply(call: Call, channel: Channel) -> None:
    assert channel.guild is not None
    body = call.body
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.slowmode = body.get("rate_limit_per_user") or channel.slowmode
    if body.get("parent_id"):
        channel.parent = channel.guild.channels.get(body["parent_id"])
    if body.get("permission_overwrites") is not None:
        channel.overwrites = {}
        for each in body["permission_overwrites"]:
            _overwrite(channel, each["id"], each)


def _edit_thread(call: Call, thread: Channel) -> None:
    """Its owner may rename and archive it; locking takes MANAGE_THREADS."""
    body = call.body
    manages = bool(call.held_in(thread) & Permission.manage_threads)
    reopens = body.keys() <= {"archived", "locked"} and body.get("archived") is False
    allowed = manages or thread.owner is call.bot or (reopens and not thread.locked)
    if not allowed or ("locked" in body and not manages):
        raise missing_permissions()
    if thread.archived and body.get("archived") is not False:
        raise ApiError(400, 50083, "Thread is archived")
    thread.name = body.get("name") or thread.name
    if body.get("archived") and not thread.archived:
        thread.archived_at = call.now
    for name in ("archived", "locked"):
        if body.get(name) is not None:
            setattr(thread, name, body[name])
    if body.get("auto_archive_duration"):
        thread.auto_archive_minutes = checked_archive(body["auto_archive_duration"])


def checked_archive(minutes: int) -> int:
    """The minutes after which a thread archives itself: an hour, 1, 3 or 7 days."""
    if minutes not in _ARCHIVE_AFTER:
        choices = ", ".join(map(str, sorted(_ARCHIVE_AFTER)))
        raise wrong("auto_archive_duration", "BASE_TYPE_CHOICES", f"Must be one of {choices}.")
    return minutes


@route("DELETE", "/channels/{channel_id}")
def delete_channel(call: Call) -> Json:
    """Remove a channel or thread with all messages."""
    channel = call.channel()
    call.admit(channel, "manage_threads" if channel.is_thread else "manage_channels")
    if channel.guild is None:
        return channel.json()
    data = channel.json()
    call.record(channel.guild, "channel delete", channel.id)
    call.world.remove_channel(channel)
    return data


@route("PUT", "/channels/{channel_id}/permissions/{overwrite_id}", body="EditOverwrite")
def edit_overwrite(call: Call) -> None:
    """Allow or deny something to a role or member here."""
    channel = call.channel("manage_roles")
    _overwrite(channel, call.id("overwrite_id"), call.body)
    call.world.told_of_channel(channel)


@route("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}")
def delete_overwrite(call: Call) -> None:
    """Leave a role or member to what their roles say."""
    channel = call.channel("manage_roles")
    channel.overwrites.pop(call.id("overwrite_id"), None)
    call.world.told_of_channel(channel)


def _overwrite(channel: Channel, of: int, given: Json) -> None:
    allow, deny = Permission(given.get("allow") or 0), Permission(given.get("deny") or 0)
    channel.overwrites[of] = Overwrite(of, bool(given["type"]), allow, deny)


@route("POST", "/channels/{channel_id}/typing")
def type_in(call: Call) -> None:
    """Show that the bot is writing."""
    call.channel("send_messages")
