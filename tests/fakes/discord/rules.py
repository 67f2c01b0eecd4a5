"""AutoMod rules, and what bots hear when one strikes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .events import Event
from .guilds import Guild
from .messages import Message
from .permissions import Permission
from .world import World

if TYPE_CHECKING:
    from .people import Person
    from .places import ChannelHandle

Json = dict[str, Any]
_KEYWORD, _PROFILE = 1, 6
_BLOCK, _ALERT, _QUARANTINE = 1, 2, 4


class RuleHandle:
    """A rule of a guild, on keywords in messages or in what members call themselves."""

    def __init__(self, world: World, guild: Guild, data: Json) -> None:
        self._world = world
        self._guild = guild
        self.data = data

    @classmethod
    def made(
        cls,
        world: World,
        guild: Guild,
        name: str,
        keywords: Iterable[str],
        *,
        of_profiles: bool = False,
    ) -> RuleHandle:
        """A new rule in a guild."""
        rule_id = world.ids.next()
        action = _QUARANTINE if of_profiles else _BLOCK
        data: Json = {
            "id": str(rule_id),
            "guild_id": str(guild.id),
            "name": name,
            "creator_id": str(guild.owner_id),
            "event_type": 2 if of_profiles else 1,
            "trigger_type": _PROFILE if of_profiles else _KEYWORD,
            "trigger_metadata": {"keyword_filter": list(keywords), "regex_patterns": []},
            "actions": [{"type": action, "metadata": {}}],
            "enabled": True,
            "exempt_roles": [],
            "exempt_channels": [],
        }
        guild.automod_rules[rule_id] = data
        return cls(world, guild, data)

    @property
    def id(self) -> int:
        """The rule's id."""
        return int(self.data["id"])

    def blocks(self, channel: ChannelHandle, author: Person, text: str, *, keyword: str) -> None:
        """Keep a message from ever being posted: bots are told, but there is no message."""
        self._tell(channel, author, text, keyword, {"type": _BLOCK, "metadata": {}}, None)

    def flags(self, channel: ChannelHandle, author: Person, text: str, *, keyword: str) -> Message:
        """Let a message pass and alert moderators: bots are told with its id."""
        message = channel.says(author, text)
        action = {"type": _ALERT, "metadata": {"channel_id": str(channel.id)}}
        self._tell(channel, author, text, keyword, action, message)
        return message

    def quarantines(self, member: Person, name: str, *, keyword: str) -> None:
        """Keep a member who is called so from saying anything: what they are called stands, and
        is part of no message and of no channel."""
        self._tell(None, member, name, keyword, {"type": _QUARANTINE, "metadata": {}}, None)

    def _tell(
        self,
        channel: ChannelHandle | None,
        author: Person,
        text: str,
        keyword: str,
        action: Json,
        message: Message | None,
    ) -> None:
        data: Json = {
            "guild_id": str(self._guild.id),
            "action": action,
            "rule_id": str(self.id),
            "rule_trigger_type": self.data["trigger_type"],
            "user_id": str(author.id),
            "content": text,
            "matched_keyword": keyword,
            "matched_content": keyword,
        }
        if channel is not None:
            data["channel_id"] = str(channel.id)
        if message is not None:
            data["message_id"] = str(message.id)
            data["alert_system_message_id"] = str(self._world.ids.next())
        event = Event(
            "AUTO_MODERATION_ACTION_EXECUTION",
            data,
            guild=self._guild,
            bare=lambda: {**data, "content": "", "matched_content": ""},
            bares=set(self._world.users),
            needs=Permission.manage_guild,
        )
        self._world.gateway.dispatch(event)
