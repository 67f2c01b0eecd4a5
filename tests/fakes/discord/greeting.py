"""What the gateway tells a bot of its guilds and their members."""

from __future__ import annotations

from typing import Any

from .accounts import Application
from .guilds import Guild
from .permissions import Permission, in_channel
from .sessions import Session

Json = dict[str, Any]
_CHUNK = 1000


def ready(session: Session, guilds: list[Guild], gateway_url: str) -> Json:
    """The body of READY; the guilds themselves follow."""
    bot = session.bot
    return {
        "v": 10,
        "user": {**bot.json(), "verified": True, "mfa_enabled": False, "email": None},
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": gateway_url,
        "shard": list(session.shard),
        "application": {"id": str(bot.id), "flags": bot.flags},
    }


def guild_create(guild: Guild, bot: Application, now: float) -> Json:
    """The body of GUILD_CREATE. Without presences it shows no member but the bot itself."""
    me = guild.members[bot.id]
    return {
        **guild.json(),
        "joined_at": me.json()["joined_at"],
        "large": len(guild.members) > 250,
        "member_count": len(guild.members),
        "members": [me.json()],
        "channels": [c.json() for c in guild.channels.values() if not c.is_thread],
        "threads": [
            thread.json()
            for thread in guild.threads
            if in_channel(thread, me, now) & Permission.view_channel
        ],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def member_chunks(guild: Guild, asked: Json) -> list[Json]:
    """The bodies of GUILD_MEMBERS_CHUNK that answer a request: 1,000 members each."""
    users = asked.get("user_ids") or []
    wanted = {int(user) for user in (users if isinstance(users, list) else [users])}
    if wanted:
        found = [guild.members[user] for user in wanted if user in guild.members]
    else:
        query = str(asked.get("query", "")).lower()
        found = [m for m in guild.members.values() if m.name.lower().startswith(query)]
        found = found[: asked.get("limit") or None]
    parts = [found[at : at + _CHUNK] for at in range(0, len(found), _CHUNK)] or [[]]
    common: Json = {
        "guild_id": str(guild.id),
        "chunk_count": len(parts),
        "not_found": [str(user) for user in wanted - guild.members.keys()],
    }
    if asked.get("nonce"):
        common["nonce"] = asked["nonce"]
    return [
        {**common, "chunk_index": number, "members": [member.json() for member in part]}
        for number, part in enumerate(parts)
    ]
