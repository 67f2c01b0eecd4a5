"""What a Discord message says, wherever in it that stands, and the files it brings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from discord import Attachment as File
from discord import Embed, Message, MessageSnapshot, Poll, StickerItem

from bot.domain.messages import Attachment, Part, PartKind

UPLOAD = "upload"

# Anybody writes what these read, and the event loop waits for them: nothing in them can match in
# two ways, and what was matched once is not given back ("++").
_MARKUP = re.compile(r"\|\||\*|__|~~|`")
_INSIDE_WORDS = re.compile(rf"\w(?:{_MARKUP.pattern})++\w")
_MASKED_LINK = re.compile(r"\[([^\[\]\n]++)\]\(<?https?://[^\s)>]++>?(?:[ \t][^)\n]*+)?\)")


def parts(message: Message) -> Iterator[Part]:
    """Every piece of text that readers of the message meet."""
    yield from _content(message.content, PartKind.TEXT)
    if message.poll:
        yield from _poll(message.poll)
    yield from _brought(message.attachments, message.stickers, message.embeds)
    for forwarded in message.message_snapshots:
        yield from _forwarded(forwarded)


def attachments(message: Message) -> tuple[Attachment, ...]:
    """The files of a message, also those that it forwards. `ref` is the address from which a file
    can be fetched until the message is gone."""
    files = [*message.attachments]
    for forwarded in message.message_snapshots:
        files += forwarded.attachments
    return tuple(Attachment(UPLOAD, each.url, each.filename, each.size) for each in files)


def as_read(content: str) -> str | None:
    """The content as people read it, where markup inside its words or links hides what it says
    from a reader of the source; None where the source reads the same."""
    marked = _MASKED_LINK.sub(r"**\1**", content)  # of a link its words alone are read
    return _MARKUP.sub("", marked) if _INSIDE_WORDS.search(marked) else None


def _content(content: str, kind: PartKind) -> Iterator[Part]:
    if not content:
        return
    yield Part(kind, content)
    if plain := as_read(content):
        yield Part(PartKind.QUOTE, plain)


def _poll(poll: Poll) -> Iterator[Part]:
    if poll.question:
        yield Part(PartKind.POLL, poll.question)
    for answer in poll.answers:
        if answer.text:
            yield Part(PartKind.POLL, answer.text)


def _brought(
    files: Sequence[File], stickers: Sequence[StickerItem], embeds: Sequence[Embed]
) -> Iterator[Part]:
    for file in files:
        yield Part(PartKind.FILE_NAME, file.title or file.filename)
        if file.description:
            yield Part(PartKind.CAPTION, file.description)
    for sticker in stickers:
        yield Part(PartKind.NAME, sticker.name)
    for embed in embeds:
        yield from _embed(embed)


def _embed(embed: Embed) -> Iterator[Part]:
    texts = [embed.author.name, embed.title, embed.description]
    for field in embed.fields:
        texts += [field.name, field.value]
    texts.append(embed.footer.text)
    for text in filter(None, texts):
        yield Part(PartKind.EMBED, text)


def _forwarded(snapshot: MessageSnapshot) -> Iterator[Part]:
    """A forward holds its text in a snapshot; its own content is empty."""
    yield from _content(snapshot.content, PartKind.FORWARD)
    yield from _brought(snapshot.attachments, snapshot.stickers, snapshot.embeds)
