"""What Discord refuses, as the key of the sentence that says what to mend."""

from __future__ import annotations

from collections.abc import Mapping

from discord import Permissions

from bot.adapters.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NEEDS_TWO_FACTORS,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Refused,
    Unknown,
)
from bot.adapters.discord.guilds import Guilds, Seat
from bot.adapters.discord.naming import is_name
from bot.adapters.discord.permissions import in_server, top
from bot.domain.effects import Effect, EffectKind
from bot.domain.errors import PlatformError
from bot.domain.ports import Order

_RIGHTS: Mapping[EffectKind, tuple[str, Permissions]] = {
    EffectKind.HIDE: ("no_right_to_delete", Permissions(manage_messages=True)),
    EffectKind.RESTORE: ("no_right_to_restore", Permissions(manage_webhooks=True)),
    EffectKind.MUTE: ("no_right_to_mute", Permissions(moderate_members=True)),
    EffectKind.UNMUTE: ("no_right_to_mute", Permissions(moderate_members=True)),
    EffectKind.KICK: ("no_right_to_kick", Permissions(kick_members=True)),
    EffectKind.BAN: ("no_right_to_ban", Permissions(ban_members=True)),
    EffectKind.UNBAN: ("no_right_to_ban", Permissions(ban_members=True)),
}
_OTHERWISE = ("no_right_to_post", Permissions.none())
_CODES = {
    MISSING_ACCESS: "not_there",
    UNKNOWN_CHANNEL: "not_there",
    UNKNOWN_GUILD: "not_there",
    UNKNOWN_MEMBER: "no_such_person",
    UNKNOWN_USER: "no_such_person",
    NEEDS_TWO_FACTORS: "needs_two_factors",
}


_NAMES = ("no_right_to_rename", Permissions(manage_nicknames=True, manage_threads=True))
_OF_NAMES = (EffectKind.HIDE, EffectKind.RESTORE)


async def sentence_for(refused: Refused, order: Order, guilds: Guilds) -> str:
    """The key of the sentence for reviewers; it may name `reason`, Discord's own words.

    Discord says "missing permissions" for a right that is missing as well as for somebody who
    stands too high: which one it is, is looked up.
    """
    if isinstance(refused, Unknown):
        return "discord.server_too_old"
    if refused.code != MISSING_PERMISSIONS:
        return f"discord.{_CODES.get(refused.code, 'refused')}"
    effect = order.effect
    person = effect.person
    if person is None and order.message is not None and is_name(order.message.id):
        person = order.message.author.person
    try:
        me = await guilds.own_seat(effect.place)
        them = await guilds.seat(person, effect.place) if person else None
    except PlatformError:
        me = them = None
    return f"discord.{why_missing(effect, me, them) or _RIGHTS.get(effect.kind, _OTHERWISE)[0]}"


def why_missing(effect: Effect, me: Seat | None, them: Seat | None) -> str | None:
    """What stands in the way, of the bot that stands as `me` and the member that stands so; None
    where nothing does that their roles would show."""
    key, needed = _needed(effect)
    if me is None or not me.may >= needed:
        return key
    if them is None:
        return None
    if them.member.id == them.server.owner:
        return "is_owner"
    if effect.kind is EffectKind.MUTE and in_server(them.server, them.member).administrator:
        return "is_admin"
    if top(them.server, them.member) >= top(me.server, me.member):
        return "stands_too_high"
    return None


def _needed(effect: Effect) -> tuple[str, Permissions]:
    if effect.kind in _OF_NAMES and is_name(effect.message_id or ""):
        return _NAMES
    return _RIGHTS.get(effect.kind, _OTHERWISE)
