"""What is said of a message that is brought back, and what it said itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telegram import MessageEntity

from bot.adapters.telegram import marks
from bot.adapters.telegram.sending import takes_caption
from bot.adapters.telegram.things import is_thing, loss
from bot.adapters.telegram.writing import (
    MOST_CAPTION,
    MOST_TEXT,
    Writing,
    Written,
    called,
    length,
    parted,
)
from bot.domain.messages import Attachment, Message, PartKind
from bot.domain.ports import Phrases

_SAID = (PartKind.TEXT, PartKind.CAPTION, PartKind.FORWARD, PartKind.POLL)


def header(message: Message, phrases: Phrases) -> str:
    """Whose it was, and what of it does not come back."""
    author = called(message.author.person.name or message.author.person.id)
    lines = [phrases.say("telegram.restored", who=author)]
    for key, fields in filter(None, map(loss, filter(is_thing, message.attachments))):
        lines.append(phrases.say(key, **fields))
    return "\n".join(lines)


def said(message: Message) -> Written:
    """What the message said itself, a part a line, as it was marked up; what a poll says, the poll
    says again."""
    writing = Writing()
    polled = any(each.kind == "poll" for each in message.attachments)
    for part in message.parts:
        if part.kind in _SAID and not (polled and part.kind is PartKind.POLL):
            writing.put(Written(part.text, marks.read(part.marks))).line()
    own = writing.written()
    return own if own.text or message.attachments else Written(message.text)


def caption(files: Sequence[Attachment], above: str, body: Written) -> Written | None:
    """All of it under the first of its files; None where there is no room for it."""
    if not files or not all(map(takes_caption, files)):
        return None
    fits = length(above) + 1 + length(body.text) <= MOST_CAPTION
    return attributed(above, body) if fits else None


def texts(above: str, body: Written) -> Iterator[Written]:
    """All of it, in as few texts as it takes."""
    first, rest = parted(body, MOST_TEXT - length(above) - 1)
    yield attributed(above, first)
    while rest.text:
        first, rest = parted(rest, MOST_TEXT)
        yield Writing().put(first).written()


def attributed(above: str, body: Written) -> Written:
    """What it said below whose it was."""
    return Writing().line(above, MessageEntity.ITALIC).put(body).written()
