"""The bot itself, its guilds, and direct messages."""

from __future__ import annotations

from ..errors import unknown, wrong
from .call import Call, Json, route


@route("GET", "/gateway/bot")
def get_gateway_bot(call: Call) -> Json:
    """Where the gateway is and how many shards it wants."""
    gateway = call.world.gateway
    limit = {
        "total": 1000,
        "remaining": max(0, 1000 - call.bot.identifies),
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return {"url": gateway.url, "shards": gateway.policy.shards, "session_start_limit": limit}


@route("GET", "/users/@me")
def get_me(call: Call) -> Json:
    """The bot's account."""
    return {**call.bot.json(), "verified": True, "mfa_enabled": False, "email": None}


@route("GET", "/users/{user_id}")
def get_user(call: Call) -> Json:
    """Anybody's account."""
    return call.user().json()


@route("GET", "/oauth2/applications/@me")
def get_application(call: Call) -> Json:
    """The bot's application, whose flags tell its privileged intents."""
    return call.bot.application()


@route("GET", "/applications/@me")
def get_own_application(call: Call) -> Json:
    """The same, by its newer address."""
    return call.bot.application()


@route("GET", "/users/@me/guilds", query="GetGuilds")
def get_my_guilds(call: Call) -> list[Json]:
    """Guilds that the bot is in."""
    found = [g for g in call.world.guilds.values() if call.bot.id in g.members]
    found = [g for g in found if g.id > (call.query.get("after") or 0)]
    return [guild.json() for guild in found[: call.query.get("limit") or 200]]


@route("DELETE", "/users/@me/guilds/{guild_id}")
def leave_guild(call: Call) -> None:
    """Go out of a guild."""
    call.world.remove_bot(call.guild(), call.bot)


@route("POST", "/users/@me/channels", body="OpenDirect")
def open_direct(call: Call) -> Json:
    """The channel for direct messages with somebody. Whether they take any shows on sending."""
    user = call.world.users.get(call.body["recipient_id"])
    if user is None:
        raise unknown("User")
    if user.is_bot:
        raise wrong("recipient_id", "CANNOT_SEND_TO_SELF", "Cannot send messages to this user")
    return call.world.direct(user, call.bot).json()
