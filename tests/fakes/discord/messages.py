"""Messages, and what bots without the Message Content intent see of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .accounts import Application, User
from .attachments import Attachment
from .channels import Channel
from .clock import iso
from .errors import CannotHappen
from .mentions import Pings
from .permissions import in_channel, require
from .webhooks import Webhook

if TYPE_CHECKING:
    from .people import Person

Json = dict[str, Any]
DEFAULT, THREAD_CREATED, REPLY, CHAT_INPUT, THREAD_STARTER, CONTEXT_MENU = 0, 18, 19, 20, 21, 23
EPHEMERAL, SUPPRESS_EMBEDS, HAS_THREAD, HAS_SNAPSHOT, LOADING = 1 << 6, 1 << 2, 1 << 5, 1 << 14, 128
COMPONENTS_V2 = 1 << 15
_BUTTON, _SELECTS = 2, {3, 5, 6, 7, 8}


@dataclass(eq=False)
class Message:
    """A message. `only_for` is who alone sees an ephemeral one; times are in seconds since 1970."""

    channel: Channel
    id: int
    author: User
    posted_at: float
    content: str = ""
    type: int = DEFAULT
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    stickers: list[Json] = field(default_factory=list)
    poll: Json | None = None
    flags: int = 0
    reply_to: Message | None = None
    reference: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    webhook: Webhook | None = None
    avatar_url: str | None = None
    nonce: str | int | None = None
    pings: Pings = field(default_factory=Pings)
    interaction: Json | None = None
    only_for: User | None = None
    edited_at: float | None = None
    deleted_at: float | None = None
    deleted_by: User | None = None
    revisions: list[str] = field(default_factory=list)

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.deleted_at is not None

    @property
    def text(self) -> str:
        """The content, under the name that all fakes use."""
        return self.content

    @property
    def is_ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.only_for is not None

    @property
    def link(self) -> str:
        """What "Copy message link" gives."""
        guild = self.channel.guild
        place = "@me" if guild is None else guild.id
        return f"https://discord.com/channels/{place}/{self.channel.id}/{self.id}"

    @property
    def buttons(self) -> list[Json]:
        """The buttons in reading order, wherever they stand."""
        return [found for found in _walk(self.components) if found["type"] == _BUTTON]

    @property
    def selects(self) -> list[Json]:
        """The select menus in reading order."""
        return [found for found in _walk(self.components) if found["type"] in _SELECTS]

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [button.get("label", "") for button in self.buttons]

    @property
    def shown(self) -> str:
        """All the words a reader sees: the content, the embeds' and the text components'."""
        words = [self.content]
        for embed in self.embeds:
            words += [embed.get("title", ""), embed.get("description", "")]
            words += [f"{each['name']}\n{each['value']}" for each in embed.get("fields", [])]
            words += [
                embed.get("author", {}).get("name", ""),
                embed.get("footer", {}).get("text", ""),
            ]
        words += [found["content"] for found in _walk(self.components) if found["type"] == 10]
        return "\n".join(word for word in words if word)

    def edits(self, content: str) -> Message:
        """The author changes the text; bots get MESSAGE_UPDATE."""
        if self.author.is_bot or self.is_deleted:
            raise CannotHappen("only living messages of people are edited by people")
        self.channel.world.edit(self, content=content)
        return self

    def unfurls(self, **embed: Any) -> Message:
        """Discord adds the preview of a link: MESSAGE_UPDATE although nobody edited anything."""
        self.embeds = [*self.embeds, {"type": "link", **embed}]
        self.channel.world.told_of_edit(self)
        return self

    def deletes(self, by: Person | None = None) -> None:
        """The author, or a moderator, deletes it; bots get MESSAGE_DELETE."""
        actor, channel = by.account if by else self.author, self.channel
        if actor is not self.author and channel.guild is not None:
            held = in_channel(channel, channel.guild.members[actor.id], channel.world.now())
            require(held, "manage_messages", who=actor.name)
            channel.world.record(channel.guild, "message delete", actor, self.author.id)
        channel.world.delete([self], actor)

    def json(self, *, nested: bool = False) -> Json:
        """A `Message` as Discord writes it over HTTP; a nested one leaves out what it answers."""
        data: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.json(),
            "content": self.content,
            "timestamp": iso(self.posted_at),
            "edited_timestamp": None if self.edited_at is None else iso(self.edited_at),
            "tts": False,
            "mention_everyone": self.pings.everyone,
            "mentions": self._mentioned(),
            "mention_roles": [str(role) for role in self.pings.roles],
            "attachments": [attachment.json() for attachment in self.attachments],
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "type": self.type,
            "flags": self.flags,
        }
        data.update(self._rarities())
        if self.reply_to is not None and not nested:
            gone = self.reply_to.is_deleted
            data["referenced_message"] = None if gone else self.reply_to.json(nested=True)
        return data

    def _mentioned(self) -> list[Json]:
        users = self.channel.world.users
        return [users[user].json() for user in self.pings.users if user in users]

    def _rarities(self) -> Json:
        """The fields that most messages do not have."""
        data: Json = {
            "sticker_items": self.stickers,
            "message_reference": self.reference,
            "poll": self.poll,
            "interaction_metadata": self.interaction,
            "nonce": self.nonce,
            "message_snapshots": [{"message": self._forwarded(each)} for each in self.snapshots],
        }
        if self.webhook is not None:
            data["webhook_id"] = str(self.webhook.id)
            if self.webhook.application_id is not None:
                data["application_id"] = str(self.webhook.application_id)
        elif isinstance(self.author, Application):
            data["application_id"] = str(self.author.id)
        return {name: value for name, value in data.items() if value}

    def _forwarded(self, snapshot: Json) -> Json:
        """A snapshot, its files under addresses of now."""
        sign = self.channel.world.files.signed
        files = [{**each, "url": sign(each["url"])} for each in snapshot["attachments"]]
        return {**snapshot, "attachments": files}

    def pointed_at(self, kind: int) -> Json:
        """What a reply (0) or a forward (1) says of where it points."""
        data: Json = {"type": kind, "message_id": str(self.id), "channel_id": str(self.channel.id)}
        guild = self.channel.guild
        return data if guild is None else {**data, "guild_id": str(guild.id)}

    def snapshot(self) -> Json:
        """What a forward carries along."""
        if self.snapshots:
            return self.snapshots[0]
        whole = self.json(nested=True)
        kept = (
            "type content embeds attachments timestamp edited_timestamp flags mentions "
            "mention_roles sticker_items components"
        )
        return {name: whole[name] for name in kept.split() if name in whole}


def without_content(data: Json) -> Json:
    """A message as a bot sees it that may not read what people write."""
    bare = {**data, "content": "", "embeds": [], "attachments": [], "components": []}
    bare.pop("poll", None)
    if "message_snapshots" in bare:
        empty = {"content": "", "embeds": [], "attachments": [], "components": []}
        bare["message_snapshots"] = [
            {"message": {**each["message"], **empty}} for each in bare["message_snapshots"]
        ]
    if bare.get("referenced_message"):
        bare["referenced_message"] = without_content(bare["referenced_message"])
    return bare


def hides_content(message: Message, bot: Application) -> bool:
    """Whether content is kept from a bot without the intent.

    It sees its own messages, direct ones, and those that mention it.
    """
    return not (
        message.author is bot
        or message.channel.guild is None
        or bot.id in message.pings.users
        or (message.webhook is not None and message.webhook.application_id == bot.id)
    )


def _walk(components: list[Json]) -> list[Json]:
    found = []
    for component in components:
        found.append(component)
        found += _walk(component.get("components", []))
        if "accessory" in component:
            found += _walk([component["accessory"]])
    return found
