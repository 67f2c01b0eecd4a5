"""Guilds, their roles, rules and audit log."""

from __future__ import annotations

from ..errors import missing_permissions, unknown
from .call import Call, Json, route


@route("GET", "/guilds/{guild_id}", query="GetGuild")
def get_guild(call: Call) -> Json:
    """A guild, with counts if asked for."""
    guild = call.guild()
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
    return {**guild.json(), **(counts if call.query.get("with_counts") else {})}


@route("GET", "/guilds/{guild_id}/channels")
def get_channels(call: Call) -> list[Json]:
    """All channels but threads."""
    return [c.json() for c in call.guild().channels.values() if not c.is_thread]


@route("GET", "/guilds/{guild_id}/roles")
def get_roles(call: Call) -> list[Json]:
    """All roles."""
    return [role.json() for role in call.guild().roles.values()]


@route("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def add_role(call: Call) -> None:
    """Give a role that stands below the bot's own."""
    _change_role(call, gives=True)


@route("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def remove_role(call: Call) -> None:
    """Take a role that stands below the bot's own."""
    _change_role(call, gives=False)


def _change_role(call: Call, *, gives: bool) -> None:
    guild = call.guild_needing("manage_roles")
    member = call.member(guild)
    role = guild.roles.get(call.id("role_id"))
    if role is None or role is guild.everyone:
        raise unknown("Role")
    if role.position >= call.me_in(guild).rank or role.bot_id is not None:
        raise missing_permissions()
    (member.roles.add if gives else member.roles.discard)(role.id)
    call.record(guild, "member role update", member.user.id)
    call.world.told_of_member(member)


@route("GET", "/guilds/{guild_id}/auto-moderation/rules")
def get_automod_rules(call: Call) -> list[Json]:
    """The guild's AutoMod rules; needs MANAGE_GUILD."""
    return list(call.guild_needing("manage_guild").automod_rules.values())


@route("GET", "/guilds/{guild_id}/auto-moderation/rules/{rule_id}")
def get_automod_rule(call: Call) -> Json:
    """One AutoMod rule."""
    rule = call.guild_needing("manage_guild").automod_rules.get(call.id("rule_id"))
    if rule is None:
        raise unknown("Auto Moderation Rule")
    return rule


@route("GET", "/guilds/{guild_id}/audit-logs", query="GetAuditLog")
def get_audit_log(call: Call) -> Json:
    """The audit log, newest first."""
    guild = call.guild_needing("view_audit_log")
    wanted = call.query.get("action_type")
    entries = [entry.json() for entry in guild.audit_log]
    entries = [entry for entry in entries if wanted in {None, entry["action_type"]}]
    users = {entry.by.id: entry.by for entry in guild.audit_log}
    return {
        "audit_log_entries": entries[::-1][: call.query.get("limit") or 50],
        "users": [user.json() for user in users.values()],
        "application_commands": [],
        "auto_moderation_rules": [],
        "guild_scheduled_events": [],
        "integrations": [],
        "threads": [],
        "webhooks": [],
    }
