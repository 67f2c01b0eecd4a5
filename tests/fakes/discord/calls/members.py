"""Members: looking them up, timing out, kicking, banning, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable

from ..accounts import User
from ..channels import Channel
from ..errors import ApiError, missing_access, missing_permissions, unknown, wrong
from ..guilds import Guild, Member
from ..messages import Message
from ..permissions import Permission, in_guild, outranks
from .call import Call, Json, route

LONGEST_TIMEOUT = 28 * 86_400
_BULK_BANS = 200


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def get_member(call: Call) -> Json:
    """One member."""
    return call.member(call.guild()).json()


@route("GET", "/guilds/{guild_id}/members", query="GetMembers")
def get_members(call: Call) -> list[Json]:
    """Members by id; needs the members intent."""
    guild = call.guild()
    if "members" not in call.bot.intents:
        raise missing_access()
    after = call.query.get("after") or 0
    ids = sorted(user for user in guild.members if user > after)
    return [guild.members[user].json() for user in ids[: call.query.get("limit") or 1]]


@route("GET", "/guilds/{guild_id}/members/search", query="SearchMembers")
def search_members(call: Call) -> list[Json]:
    """Members whose name begins so."""
    query = call.query["query"].lower()
    members = call.guild().members.values()
    found = [m for m in members if m.name.lower().startswith(query)]
    return [member.json() for member in found[: call.query.get("limit") or 1]]


@route("PATCH", "/guilds/{guild_id}/members/@me", body="EditMe")
def edit_me(call: Call) -> Json:
    """Change the bot's own nickname."""
    guild = call.guild_needing("change_nickname")
    me = call.me_in(guild)
    me.nick = call.body.get("nick") or None
    call.world.told_of_member(me)
    return me.json()


@route("PATCH", "/guilds/{guild_id}/members/{user_id}", body="EditMember")
def edit_member(call: Call) -> Json:
    """Change a member: nickname, roles, timeout."""
    guild = call.guild()
    member = call.member(guild)
    if "communication_disabled_until" in call.body:
        _time_out(call, guild, member, call.body["communication_disabled_until"])
    if "nick" in call.body:
        call.guild_needing("manage_nicknames")
        call.require_rank(guild, member)
        member.nick = call.body["nick"] or None
    if "roles" in call.body:
        call.guild_needing("manage_roles")
        call.require_rank(guild, member)
        if unknown_roles := set(call.body["roles"]) - guild.roles.keys():
            raise wrong("roles", "ROLE_NOT_FOUND", f"Unknown roles {unknown_roles}")
        member.roles = set(call.body["roles"]) - {guild.id}
    call.record(guild, "member update", member.user.id)
    call.world.told_of_member(member)
    return member.json()


def _time_out(call: Call, guild: Guild, member: Member, until: float | None) -> None:
    """Nobody times out an administrator, whatever their rank."""
    call.guild_needing("moderate_members")
    call.require_rank(guild, member)
    if until is not None:
        if in_guild(guild, member, call.now) & Permission.administrator:
            raise missing_permissions()
        if until - call.now > LONGEST_TIMEOUT + 60:
            raise wrong(
                "communication_disabled_until",
                "INVALID_COMMUNICATION_DISABLED_TIMESTAMP",
                "A member can be timed out for at most 28 days",
            )
    member.timeout_until = until


@route("DELETE", "/guilds/{guild_id}/members/{user_id}")
def kick(call: Call) -> None:
    """Put a member out; they may come back."""
    guild = call.guild_needing("kick_members")
    member = call.member(guild)
    call.require_rank(guild, member)
    call.record(guild, "kick", member.user.id)
    call.world.leave(guild, member.user)


@route("PUT", "/guilds/{guild_id}/bans/{user_id}", query="Ban", body="Ban")
def ban(call: Call) -> None:
    """Put somebody out for good; who was never a member can be banned too."""
    guild = call.guild_needing("ban_members")
    user = call.user()
    _require_rank_if_member(call, guild, user)
    asked = {**call.query, **call.body}
    _ban(call, guild, user, asked.get("delete_message_seconds") or 0)


@route("POST", "/guilds/{guild_id}/bulk-ban", body="BulkBan")
def bulk_ban(call: Call) -> Json:
    """Ban up to 200 at once; those who cannot be banned are left."""
    guild = call.guild_needing("ban_members", "manage_guild")
    ids = call.body["user_ids"]
    if not 1 <= len(ids) <= _BULK_BANS:
        raise wrong("user_ids", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 200 in length.")
    banned = []
    for user_id in ids:
        user = call.world.users.get(user_id)
        member = guild.members.get(user_id)
        above = member is not None and not outranks(guild, call.me_in(guild), member)
        if user is None or above or user_id in guild.bans:
            continue
        _ban(call, guild, user, call.body.get("delete_message_seconds") or 0)
        banned.append(str(user_id))
    if not banned:
        raise ApiError(400, 500000, "Failed to ban users")
    failed = [str(user_id) for user_id in ids if str(user_id) not in banned]
    return {"banned_users": banned, "failed_users": failed}


def _require_rank_if_member(call: Call, guild: Guild, user: User) -> None:
    member = guild.members.get(user.id)
    if user.id == guild.owner_id:
        raise missing_permissions()
    if member is not None:
        call.require_rank(guild, member)


def _ban(call: Call, guild: Guild, user: User, delete_seconds: int) -> None:
    call.record(guild, "ban", user.id)
    call.world.ban(guild, user, call.reason)
    since = call.now - delete_seconds
    for channel in list(guild.channels.values()):
        recent = _recent(channel, user, since)
        if recent:
            call.world.delete(recent, call.bot, bulk=len(recent) > 1)


def _recent(channel: Channel, user: User, since: float) -> list[Message]:
    return [m for m in channel.living() if m.author is user and m.posted_at > since]


@route("DELETE", "/guilds/{guild_id}/bans/{user_id}")
def unban(call: Call) -> None:
    """Let somebody come back."""
    guild = call.guild_needing("ban_members")
    user_id = call.id("user_id")
    if user_id not in guild.bans:
        raise unknown("Ban")
    call.record(guild, "unban", user_id)
    call.world.unban(guild, user_id)


@route("GET", "/guilds/{guild_id}/bans/{user_id}")
def get_ban(call: Call) -> Json:
    """One ban."""
    guild = call.guild_needing("ban_members")
    found = guild.bans.get(call.id("user_id"))
    if found is None:
        raise unknown("Ban")
    return _ban_json(found)


@route("GET", "/guilds/{guild_id}/bans", query="GetBans")
def get_bans(call: Call) -> list[Json]:
    """Bans by user id."""
    guild = call.guild_needing("ban_members")
    after = call.query.get("after") or 0
    return [_ban_json(guild.bans[user]) for user in _page(guild.bans, after, call.query)]


def _page(ids: Iterable[int], after: int, query: Json) -> list[int]:
    return sorted(found for found in ids if found > after)[: query.get("limit") or 1000]


def _ban_json(ban_found: tuple[User, str | None]) -> Json:
    user, reason = ban_found
    return {"user": user.json(), "reason": reason}
