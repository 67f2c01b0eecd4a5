"""One message, whatever it carries, and how the Bot API shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .accounts import Account
from .chats import Chat
from .text import utf16_slice

Json = dict[str, Any]
MEDIA = (
    "live_photo",
    "photo",
    "video",
    "animation",
    "document",
    "audio",
    "voice",
    "video_note",
    "sticker",
)


@dataclass(eq=False)
class Message:
    """A message in one chat.

    `body` holds what it carries in the Bot API's own fields (`text`, `entities`, `photo`, `poll`,
    `new_chat_members` ...), `header` what surrounds it (`forward_origin`, `quote`,
    `external_reply`, `media_group_id`, `is_automatic_forward` ...). Times are the server clock's.
    """

    chat: Chat
    id: int
    posted_at: float
    body: Json
    sender: Account | None = None
    sender_chat: Chat | None = None
    signature: str | None = None
    reply_to: Message | None = None
    thread: int | None = None
    in_topic: bool = False
    header: Json = field(default_factory=dict)
    edited_at: int | None = None
    deleted_at: float | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    out_of_sight: bool = False
    """A press of its buttons tells of it by its chat and id alone."""

    @property
    def text(self) -> str:
        """The text or the caption, or nothing."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def is_deleted(self) -> bool:
        """Whether nobody sees it any more."""
        return self.deleted_at is not None

    @property
    def media(self) -> str | None:
        """Which kind of file it carries."""
        return next((kind for kind in MEDIA if kind in self.body), None)

    @property
    def file_id(self) -> str | None:
        """The file it carries; of a photo the largest size."""
        if self.media is None:
            return None
        file = self.body[self.media]
        return str((file[-1] if self.media == "photo" else file)["file_id"])

    @property
    def content_id(self) -> str | None:
        """The `file_unique_id` of the file it carries."""
        if self.media is None:
            return None
        file = self.body[self.media]
        return str((file[-1] if self.media == "photo" else file)["file_unique_id"])

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons in reading order."""
        rows = self.header.get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def labels(self) -> list[str]:
        """What its inline buttons say."""
        return [button["text"] for button in self.buttons]

    def spans(self, kind: str) -> list[str]:
        """The parts of the text that entities of a kind cover, such as "spoiler"."""
        entities: list[Json] = self.body.get("entities") or self.body.get("caption_entities") or []
        return [
            utf16_slice(self.text, entity["offset"], entity["length"])
            for entity in entities
            if entity["type"] == kind
        ]

    def json(self, *, nested: bool = False) -> Json:
        """A `Message` as the Bot API writes it; a nested one does not show what it replies to."""
        data: Json = {"message_id": self.id}
        if self.sender is not None:
            data["from"] = self.sender.json()
        if self.sender_chat is not None:
            data["sender_chat"] = self.sender_chat.json()
        if self.signature:
            data["author_signature"] = self.signature
        data["chat"] = self.chat.json()
        data["date"] = int(self.posted_at)
        if self.thread is not None:
            data["message_thread_id"] = self.thread
            if self.in_topic:
                data["is_topic_message"] = True
        if self.edited_at is not None:
            data["edit_date"] = self.edited_at
        if self.reply_to is not None and not nested and not self.reply_to.is_deleted:
            data["reply_to_message"] = self.reply_to.json(nested=True)
        return {**data, **self.header, **self.body}

    def origin(self, *, hidden: bool = False) -> Json:
        """Where a forward of this message says that it comes from."""
        known = self.header.get("forward_origin")
        if known is not None:
            return dict(known)
        date = int(self.posted_at)
        if self.sender_chat is not None and self.sender_chat.type == "channel":
            return {
                "type": "channel",
                "date": date,
                "chat": self.sender_chat.json(),
                "message_id": self.id,
            }
        if self.sender_chat is not None:
            return {"type": "chat", "date": date, "sender_chat": self.sender_chat.json()}
        assert self.sender is not None
        if hidden:
            return {"type": "hidden_user", "date": date, "sender_user_name": self.sender.name}
        return {"type": "user", "date": date, "sender_user": self.sender.json()}
