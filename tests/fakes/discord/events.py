"""What the gateway tells bots, and who may hear of it.

https://discord.com/developers/docs/events/gateway#list-of-intents
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from .permissions import Permission, in_channel, in_guild

if TYPE_CHECKING:
    from .accounts import Application
    from .channels import Channel
    from .guilds import Guild

Json = dict[str, Any]
MESSAGE_CONTENT = 1 << 15
_GUILDS, _MEMBERS, _MODERATION, _WEBHOOKS = 1 << 0, 1 << 1, 1 << 2, 1 << 5
_MESSAGES, _DIRECT_MESSAGES, _AUTOMOD = 1 << 9, 1 << 12, 1 << 21
_INTENTS = {
    "GUILD_MEMBER_ADD": _MEMBERS,
    "GUILD_MEMBER_UPDATE": _MEMBERS,
    "GUILD_MEMBER_REMOVE": _MEMBERS,
    "THREAD_MEMBERS_UPDATE": _MEMBERS,
    "GUILD_BAN_ADD": _MODERATION,
    "GUILD_BAN_REMOVE": _MODERATION,
    "GUILD_AUDIT_LOG_ENTRY_CREATE": _MODERATION,
    "WEBHOOKS_UPDATE": _WEBHOOKS,
    "MESSAGE_CREATE": _MESSAGES,
    "MESSAGE_UPDATE": _MESSAGES,
    "MESSAGE_DELETE": _MESSAGES,
    "MESSAGE_DELETE_BULK": _MESSAGES,
    "AUTO_MODERATION_ACTION_EXECUTION": _AUTOMOD,
    "INTERACTION_CREATE": 0,
}


@dataclass(eq=False)
class Event:
    """One dispatch. `bare` is what it says without the Message Content intent, `only_to` its bot.

    An event of a channel goes to bots that see the channel; `needs` is a permission in the guild.
    `bares` are the bots from which content is kept.
    """

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None
    bare: Callable[[], Json] | None = None
    bares: set[int] = field(default_factory=set)
    needs: Permission | None = None
    only_to: Application | None = None
    always_to: int | None = None
    _encoded: dict[bool, bytes] = field(default_factory=dict)

    def reaches(self, bot: Application, intents: int, now: float) -> bool:
        """Whether a session of that bot with these intents is told."""
        if self.only_to is not None and bot is not self.only_to:
            return False
        if bot.id != self.always_to and not self._intended(intents):
            return False
        if self.guild is None:
            return self.channel is None or self.channel.bot is bot
        member = self.guild.members.get(bot.id)
        if member is None:
            return self.always_to == bot.id
        if self.channel is not None:
            return bool(in_channel(self.channel, member, now) & Permission.view_channel)
        return self.needs is None or bool(in_guild(self.guild, member, now) & self.needs)

    def _intended(self, intents: int) -> bool:
        intent = _INTENTS.get(self.name, _GUILDS)
        if intent == _MESSAGES and self.guild is None:
            intent = _DIRECT_MESSAGES
        return not intent or bool(intents & intent)

    def encoded(self, bot: Application, intents: int) -> bytes:
        """The event's data for a session, as JSON."""
        bare = self.bare is not None and not intents & MESSAGE_CONTENT and bot.id in self.bares
        if bare not in self._encoded:
            self._encoded[bare] = msgspec.json.encode(
                self.bare() if self.bare and bare else self.data
            )
        return self._encoded[bare]
