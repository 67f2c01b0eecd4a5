"""A group as its people use it."""

from __future__ import annotations

from typing import Any

from .accounts import ANONYMOUS_ADMIN, CHANNEL_SENDER, SERVICE, Account
from .chats import Chat
from .errors import CannotHappen
from .files import media_body
from .membership import Membership
from .messages import Message
from .people import BotHandle, Person, text_body
from .polls import poll_of
from .posting import attach_reply, place_in_thread

Json = dict[str, Any]
_PERMISSIONS = {
    "text": "can_send_messages",
    "photo": "can_send_photos",
    "live_photo": "can_send_photos",
    "video": "can_send_videos",
    "document": "can_send_documents",
    "audio": "can_send_audios",
    "voice": "can_send_voice_notes",
    "video_note": "can_send_video_notes",
    "poll": "can_send_polls",
}


class Group(Membership):
    """A basic group or a supergroup. What Telegram would not let somebody do raises CannotHappen.

    An author is a Person, a Channel (who then writes as the channel), or, with `anonymous`, an
    administrator whom others see as the group itself.
    """

    def says(
        self,
        author: Person | BotHandle | Channel,
        text: str,
        *,
        entities: list[Json] | None = None,
        reply_to: Message | None = None,
        quote: str | None = None,
        topic: int | None = None,
        anonymous: bool = False,
        via: BotHandle | None = None,
        buttons: list[list[Json]] | None = None,
    ) -> Message:
        """Write a text. `quote` is a part of `reply_to`, which may be in another chat.

        `via` and `buttons` make it a message that somebody sent through an inline bot.
        """
        header: Json = {"via_bot": via.account.json()} if via else {}
        if buttons:
            header["reply_markup"] = {"inline_keyboard": buttons}
        message = self._by(author, text_body(text, entities), anonymous=anonymous, header=header)
        return self._post(message, reply_to, quote, topic)

    def sends(
        self,
        author: Person | Channel,
        kind: str,
        content: bytes = b"\x89loopback",
        *,
        caption: str = "",
        entities: list[Json] | None = None,
        name: str | None = None,
        details: Json | None = None,
        pretended_size: int | None = None,
        reply_to: Message | None = None,
        topic: int | None = None,
        header: Json | None = None,
    ) -> Message:
        """Send a file of one of the kinds in `messages.MEDIA`.

        `details` overlay the file's own fields, such as a sticker's `set_name`; `pretended_size`
        is a size in bytes too large to hold here.
        """
        file = self.world.files.keep(kind, content, name, details, pretended_size)
        body = media_body(file)
        if caption:
            texts = text_body(caption, entities)
            body["caption"] = caption
            if "entities" in texts:
                body["caption_entities"] = texts["entities"]
        message = self._by(author, body, header=header or {})
        return self._post(message, reply_to, None, topic)

    def album(
        self, author: Person | Channel, *items: tuple[str, str], topic: int | None = None
    ) -> list[Message]:
        """Send 2 to 10 (kind, caption) as one album: separate messages with one id in common."""
        if not 2 <= len(items) <= 10:
            raise CannotHappen("an album has 2 to 10 files")
        header: Json = {"media_group_id": str(self.world.number() + 13_500_000_000_000_000)}
        return [
            self.sends(
                author,
                kind,
                f"{kind} {number}".encode(),
                caption=caption,
                topic=topic,
                header=dict(header),
            )
            for number, (kind, caption) in enumerate(items)
        ]

    def forwards(
        self,
        author: Person,
        message: Message,
        *,
        hidden: bool = False,
        topic: int | None = None,
    ) -> Message:
        """Forward a message here. `hidden` hides whose it was, but not their name."""
        header: Json = {"forward_origin": message.origin(hidden=hidden)}
        forwarded = self._by(author, dict(message.body), header=header)
        return self._post(forwarded, None, None, topic)

    def asks(
        self,
        author: Person,
        question: str,
        *options: str,
        topic: int | None = None,
        **settings: Any,
    ) -> Message:
        """Post a poll. Of a quiz no bot is told the right answer."""
        poll_id = str(self.world.number() + 5_100_000_000_000_000_000)
        poll = poll_of(poll_id, question, options, **settings)
        return self._post(self._by(author, {"poll": poll}), None, None, topic)

    def shares_contact(self, author: Person, first_name: str, phone: str, **more: str) -> Message:
        """Post a contact. more: the Bot API's other fields."""
        contact = {"first_name": first_name, "phone_number": phone, **more}
        return self._post(self._by(author, {"contact": contact}), None, None, None)

    def shares_place(
        self, author: Person, latitude: float, longitude: float, **venue: str
    ) -> Message:
        """Post a place on the map; with a title and an address it is a venue."""
        place = {"latitude": latitude, "longitude": longitude}
        body: Json = {"location": place}
        if venue:
            body["venue"] = {"location": place, **venue}
        return self._post(self._by(author, body), None, None, None)

    def throws(self, author: Person, emoji: str = "🎲", value: int = 5) -> Message:
        """Throw a die."""
        dice = {"emoji": emoji, "value": value}
        return self._post(self._by(author, {"dice": dice}), None, None, None)

    def shows(self, author: Person, kind: str, told: Json) -> Message:
        """Post what a message tells of under a name of its own, as a story."""
        return self._post(self._by(author, {kind: told}), None, None, None)

    def edits(self, message: Message, text: str, *, entities: list[Json] | None = None) -> Message:
        """The author changes the text or caption; bots get it as edited_message."""
        body = dict(message.body)
        texts = text_body(text, entities)
        where = "text" if "text" in body else "caption"
        marks = "entities" if where == "text" else "caption_entities"
        body.pop(marks, None)
        body[where] = text
        if "entities" in texts:
            body[marks] = texts["entities"]
        message.body = body
        return self._edited(message)

    def touches(self, message: Message) -> Message:
        """Change something which is not the text, as a link preview that loads late does."""
        return self._edited(message)

    def _edited(self, message: Message) -> Message:
        if message.is_deleted:
            raise CannotHappen("a deleted message cannot be edited")
        message.edited_at = self.world.clock.date()
        kind = "edited_channel_post" if self.chat.type == "channel" else "edited_message"
        self.world.tell_of_message(kind, message)
        return message

    def deletes(self, *messages: Message) -> None:
        """Somebody who may deletes messages. No bot hears of it."""
        for message in messages:
            self.world.delete(message)

    def visible_to(self, person: Person) -> list[Message]:
        """What a member sees, oldest first."""
        if not self.member(person).present:
            raise CannotHappen(f"{person.account.name} is not in {self.chat.title}")
        seen = [*self.chat.living(), *self.seen_alone_by(person)]
        return sorted(seen, key=lambda message: message.posted_at)

    def seen_alone_by(self, person: Person) -> list[Message]:
        """The messages that this member alone sees, also after they left; oldest first."""
        return [
            message
            for receiver, message in self.chat.ephemeral.values()
            if receiver == person.id and not message.is_deleted
        ]

    def texts(self, person: Person) -> list[str]:
        """The texts and captions that a member sees."""
        return [message.text for message in self.visible_to(person) if message.text]

    def _by(
        self,
        author: Person | BotHandle | Channel,
        body: Json,
        *,
        anonymous: bool = False,
        header: Json | None = None,
    ) -> Message:
        """A message of that author's, if they may write here now."""
        message = Message(self.chat, 0, self.world.clock.now(), body, header=header or {})
        if isinstance(author, Channel):
            if author.chat.id in self.chat.banned_senders:
                raise CannotHappen(f"{author.chat.title} is banned from {self.chat.title}")
            message.sender, message.sender_chat = CHANNEL_SENDER, author.chat
            return message
        member = self.member(author)
        if not member.present:
            raise CannotHappen(f"{author.account.name} is not in {self.chat.title}")
        kind = next((name for name in _PERMISSIONS if name in body), "")
        needed = _PERMISSIONS.get(kind, "can_send_other_messages")
        if not member.is_admin and needed not in member.permissions & self.chat.permissions:
            raise CannotHappen(f"{author.account.name} lacks {needed} in {self.chat.title}")
        message.sender = author.account
        if anonymous:
            self._hide(message, author.account)
        return message

    def _hide(self, message: Message, author: Account) -> None:
        member = self.chat.member(author, self.world.clock.date())
        if not member.is_admin:
            raise CannotHappen("only administrators are anonymous")
        message.sender, message.sender_chat = ANONYMOUS_ADMIN, self.chat
        message.signature = member.title

    def _post(
        self, message: Message, reply_to: Message | None, quote: str | None, topic: int | None
    ) -> Message:
        if topic is not None and (topic not in self.chat.topics or self.chat.topics[topic].closed):
            raise CannotHappen(f"no open topic {topic} in {self.chat.title}")
        if reply_to is not None:
            attach_reply(message, reply_to, quote, manual=True)
        place_in_thread(message, topic)
        message.id = self.chat.next_id()
        return self.world.post(message)


class Channel(Membership):
    """A channel, perhaps with a discussion group."""

    def links(self, group: Group) -> None:
        """Make a supergroup the channel's discussion group."""
        if group.chat.type != "supergroup":
            raise CannotHappen("only a supergroup can be linked")
        self.chat.linked, group.chat.linked = group.chat, self.chat

    def posts(self, text: str, *, entities: list[Json] | None = None) -> Message:
        """Publish; the discussion group receives an automatic forward."""
        return self._publish(text_body(text, entities))

    def publishes(self, kind: str, content: bytes = b"\x89post", *, caption: str = "") -> Message:
        """Publish a file."""
        body: Json = {kind: self.world.files.keep(kind, content).body()}
        if caption:
            body["caption"] = caption
        return self._publish(body)

    def forward_of(self, post: Message) -> Message:
        """The automatic forward of a post in the discussion group."""
        group = self._group()
        for message in group.messages.values():
            origin = message.header.get("forward_origin", {})
            if message.header.get("is_automatic_forward") and origin["message_id"] == post.id:
                return message
        raise CannotHappen("that post was never forwarded")

    def _group(self) -> Chat:
        if self.chat.linked is None:
            raise CannotHappen(f"{self.chat.title} has no discussion group")
        return self.chat.linked

    def _publish(self, body: Json) -> Message:
        now = self.world.clock.now()
        post = Message(self.chat, self.chat.next_id(), now, body, sender_chat=self.chat)
        self.world.post(post)
        if self.chat.linked is not None:
            self._forward(post, self.chat.linked)
        return post

    def _forward(self, post: Message, group: Chat) -> None:
        forward = Message(
            group,
            group.next_id(),
            self.world.clock.now(),
            dict(post.body),
            sender=SERVICE,
            sender_chat=self.chat,
            header={"is_automatic_forward": True, "forward_origin": post.origin()},
        )
        group.pinned.append(forward.id)
        self.world.post(forward)
