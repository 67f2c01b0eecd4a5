"""What a Telegram message says, wherever in it that stands, and what it brings. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from telegram import (
    ExternalReplyInfo,
    Message,
    MessageEntity,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Poll,
)

from bot.adapters.telegram import files, marks, newer
from bot.adapters.telegram.things import things
from bot.domain.messages import Attachment, Part, PartKind

_FILES = (
    "animation",
    "audio",
    "document",
    "live_photo",
    "photo",
    "sticker",
    "video",
    "video_note",
    "voice",
)
_PICTURED = ("audio", "document")
"""What may show a small picture of what is in it, which no spoiler covers."""


def parts(message: Message) -> Iterator[Part]:
    """Every piece of text that readers of the message meet."""
    forwarded = message.forward_origin is not None
    if message.text:
        kind = PartKind.FORWARD if forwarded else PartKind.TEXT
        yield Part(kind, _text(message), marks.written(message.entities))
    if message.caption:
        kind = PartKind.FORWARD if forwarded else PartKind.CAPTION
        yield Part(kind, message.caption, marks.written(message.caption_entities))
    if message.quote and message.quote.text:
        yield Part(PartKind.QUOTE, message.quote.text)
    if message.poll:
        yield from _poll(message.poll)
    yield from _named(message)
    if message.forward_origin:
        yield from _origin(message.forward_origin)
    if message.external_reply:
        yield from _external(message.external_reply)
    if message.poll_option_added:
        yield Part(PartKind.POLL, message.poll_option_added.option_text)
    if message.giveaway and message.giveaway.prize_description:
        yield Part(PartKind.TEXT, message.giveaway.prize_description)
    if message.checklist_tasks_added:
        for task in message.checklist_tasks_added.tasks:
            yield Part(PartKind.TEXT, task.text)
    yield from _links(message)
    yield from _buttons(message)
    yield from newer.parts(message.api_kwargs)


def is_spoken(command: str) -> bool:
    """Whether a command's name holds several words: `/like_this`."""
    return len([*filter(None, command.partition("@")[0].split("_"))]) > 1


def spoken(command: str) -> str:
    """A command with the words that its name holds, as long as it was."""
    if not is_spoken(command):
        return command
    name, at, to = command.partition("@")
    return f"{name.replace('_', ' ')}{at}{to}"


def _text(message: Message) -> str:
    text = message.text or ""
    for each in message.entities:
        if each.type == MessageEntity.BOT_COMMAND:
            command = message.parse_entity(each)
            text = text.replace(command, spoken(command))
    return text


def attachments(message: Message) -> tuple[Attachment, ...]:
    """What a message brings beside text, so that the bot can send it again after it is gone."""
    found = []
    for kind in _FILES:
        file = getattr(message, kind, None)
        if not file or _told_twice(message, kind):
            continue
        if kind == "photo":
            file = file[-1]
        ids = [file.file_id]
        if kind == "live_photo":
            ids += [each.file_id for each in (file.photo or message.photo)[-1:]]
        reference = files.Reference(
            str(message.message_id),
            tuple(ids),
            covered=bool(message.has_media_spoiler),
            pictured=kind in _PICTURED and file.thumbnail is not None,
        )
        name = getattr(file, "file_name", None) or ""
        found.append(Attachment(kind, str(reference), name, file.file_size))
    return (*found, *things(message))


def _told_twice(message: Message, kind: str) -> bool:
    """For clients of old, an animation comes as a document too, and a live photo as a photo."""
    also = {"document": message.animation, "photo": message.live_photo}
    return also.get(kind) is not None


def _poll(poll: Poll) -> Iterator[Part]:
    texts = (poll.question, poll.description, *(each.text for each in poll.options))
    for text in (*texts, poll.explanation):
        if text:
            yield Part(PartKind.POLL, text)


def _named(said: Message | ExternalReplyInfo) -> Iterator[Part]:
    """Names of files, people, places and games."""
    for kind in ("document", "audio", "video", "animation"):
        file = getattr(said, kind, None)
        if file and file.file_name:
            yield Part(PartKind.FILE_NAME, file.file_name)
    if said.audio:
        for text in (said.audio.title, said.audio.performer):
            if text:
                yield Part(PartKind.NAME, text)
    if said.sticker and said.sticker.set_name:
        yield Part(PartKind.NAME, said.sticker.set_name.replace("_", " "))
    if said.contact:
        names = (said.contact.first_name, said.contact.last_name)
        yield Part(PartKind.NAME, " ".join(filter(None, names)))
    if said.venue:
        yield Part(PartKind.NAME, f"{said.venue.title}, {said.venue.address}")
    if said.game:
        yield Part(PartKind.NAME, f"{said.game.title}\n{said.game.description}")
    if said.invoice:
        yield Part(PartKind.NAME, f"{said.invoice.title}\n{said.invoice.description}")
    if said.checklist:
        yield Part(PartKind.TEXT, said.checklist.title)
        for task in said.checklist.tasks:
            yield Part(PartKind.TEXT, task.text)


def _origin(origin: MessageOrigin) -> Iterator[Part]:
    """Who a forward says it is from: the name alone can be the payload."""
    names: tuple[str | None, ...] = ()
    match origin:
        case MessageOriginUser():
            names = (origin.sender_user.full_name,)
        case MessageOriginHiddenUser():
            names = (origin.sender_user_name,)
        case MessageOriginChat():
            names = (origin.sender_chat.title, origin.author_signature)
        case MessageOriginChannel():
            names = (origin.chat.title, origin.author_signature)
    yield from (Part(PartKind.NAME, name) for name in names if name)


def _external(reply: ExternalReplyInfo) -> Iterator[Part]:
    yield from _origin(reply.origin)
    yield from _named(reply)
    if reply.poll:
        yield from _poll(reply.poll)
    if reply.giveaway and reply.giveaway.prize_description:
        yield Part(PartKind.QUOTE, reply.giveaway.prize_description)


def _links(message: Message) -> Iterator[Part]:
    """Targets of links whose text says something else."""
    for url in dict.fromkeys(each.url for each in _marks(message) if each.url):
        yield Part(PartKind.LINK, url)
    preview = message.link_preview_options
    if preview and isinstance(preview.url, str) and preview.url not in (message.text or ""):
        yield Part(PartKind.LINK, preview.url)


def _marks(message: Message) -> Iterator[MessageEntity]:
    yield from message.entities or ()
    yield from message.caption_entities or ()
    yield from (message.quote.entities or ()) if message.quote else ()
    if message.poll:
        yield from message.poll.description_entities or ()
        yield from message.poll.explanation_entities or ()
    if message.checklist:
        yield from message.checklist.title_entities or ()
        for task in message.checklist.tasks:
            yield from task.text_entities or ()
    if message.checklist_tasks_added:
        for task in message.checklist_tasks_added.tasks:
            yield from task.text_entities or ()


def _buttons(message: Message) -> Iterator[Part]:
    if not message.reply_markup:
        return
    for button in (each for row in message.reply_markup.inline_keyboard for each in row):
        yield Part(PartKind.BUTTON, button.text)
        if button.copy_text:
            yield Part(PartKind.BUTTON, button.copy_text.text)
        if button.url:
            yield Part(PartKind.LINK, button.url)
