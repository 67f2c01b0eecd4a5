"""Channels of every kind: text, voice, forum, thread, direct message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .accounts import Application, User
from .clock import iso
from .permissions import Overwrite

if TYPE_CHECKING:
    from .guilds import Guild
    from .messages import Message
    from .webhooks import Webhook
    from .world import World

Json = dict[str, Any]
TYPES = {"text": 0, "dm": 1, "voice": 2, "category": 4, "news": 5, "stage": 13, "forum": 15}
PUBLIC_THREAD, PRIVATE_THREAD, NEWS_THREAD = 11, 12, 10
_TALKING = {0, 1, 2, 5, 10, 11, 12, 13}


@dataclass(eq=False)
class Channel:
    """A place for messages. A thread has a `parent`; a direct message a `recipient` and a `bot`."""

    world: World
    id: int
    type: int
    name: str
    made_at: float
    guild: Guild | None = None
    parent: Channel | None = None
    topic: str | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    recipient: User | None = None
    bot: Application | None = None
    owner: User | None = None
    archived: bool = False
    archived_at: float = 0.0
    locked: bool = False
    auto_archive_minutes: int = 1440
    thread_members: set[int] = field(default_factory=set)
    slowmode: int = 0

    @property
    def is_thread(self) -> bool:
        """Any thread, a forum's post too."""
        return self.type in {PUBLIC_THREAD, PRIVATE_THREAD, NEWS_THREAD}

    @property
    def is_private_thread(self) -> bool:
        """A thread that only its members and who manages threads can see."""
        return self.type == PRIVATE_THREAD

    @property
    def is_voice(self) -> bool:
        """A voice or stage channel, which has a text chat too."""
        return self.type in {TYPES["voice"], TYPES["stage"]}

    @property
    def is_forum(self) -> bool:
        """A channel that has posts instead of messages."""
        return self.type == TYPES["forum"]

    @property
    def takes_messages(self) -> bool:
        """Whether messages can stand in it."""
        return self.type in _TALKING

    def living(self) -> list[Message]:
        """Messages that everybody sees and that are still there, oldest first."""
        found = [m for m in self.messages.values() if not m.is_deleted and m.only_for is None]
        return sorted(found, key=lambda message: message.id)

    def json(self) -> Json:
        """A `Channel` as Discord writes it."""
        last = max(self.messages, default=None)
        data: Json = {
            "id": str(self.id),
            "type": self.type,
            "flags": 0,
            "last_message_id": None if last is None else str(last),
        }
        if self.guild is None:
            assert self.recipient is not None
            return {**data, "recipients": [self.recipient.json()]}
        data.update(name=self.name, guild_id=str(self.guild.id), rate_limit_per_user=self.slowmode)
        return data | (self._thread_fields() if self.is_thread else self._guild_fields())

    def _guild_fields(self) -> Json:
        data: Json = {
            "position": 0,
            "parent_id": None if self.parent is None else str(self.parent.id),
            "topic": self.topic,
            "nsfw": False,
            "permission_overwrites": [each.json() for each in self.overwrites.values()],
        }
        if self.is_voice:
            data.update(bitrate=64_000, user_limit=0, rtc_region=None)
        if self.is_forum:
            data.update(
                available_tags=[],
                default_reaction_emoji=None,
                default_sort_order=None,
                default_forum_layout=0,
            )
        return data

    def _thread_fields(self) -> Json:
        assert self.parent is not None
        assert self.owner is not None
        count = len(self.living())
        return {
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner.id),
            "message_count": count,
            "total_message_sent": count,
            "member_count": len(self.thread_members),
            "applied_tags": [],
            "thread_metadata": {
                "archived": self.archived,
                "archive_timestamp": iso(self.archived_at or self.made_at),
                "auto_archive_duration": self.auto_archive_minutes,
                "locked": self.locked,
                "create_timestamp": iso(self.made_at),
                **({"invitable": True} if self.is_private_thread else {}),
            },
        }
