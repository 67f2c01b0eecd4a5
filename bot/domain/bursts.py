"""One sentence sent as several messages: "you are", "such an", "idiot". Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.judging import Judgement
from bot.domain.messages import Message, Part, PartKind

WITHIN = timedelta(seconds=15)
"""Between two of an author's messages that may be parts of one sentence, from first to last."""

SHORT = 100
"""Characters of the longest message that counts as a part; a longer one stands by itself."""

MOST = 8
"""Messages that are read together, the newest ones."""


def may_be_part(message: Message) -> bool:
    """Whether a message can be a part of a sentence: a few words and nothing else."""
    plain = [part.kind for part in message.parts] == [PartKind.TEXT]
    short = 0 < len(message.text.strip()) <= SHORT
    return plain and short and not message.attachments and not message.blocked


def joined(message: Message, others: Iterable[Message]) -> Message | None:
    """What an author's messages say when they are read as one; None where there is but one.

    others: what the author said in the same place about the same time. The result stands for
    `message` and has its key; `continues` names the rest, of each its newest revision.
    """
    near = [each for each in others if abs(each.posted_at - message.posted_at) <= WITHIN]
    newest: dict[str, Message] = {}
    for each in sorted(near, key=lambda other: other.revision):
        newest[each.id] = each
    newest[message.id] = message
    parts = sorted(newest.values(), key=_as_posted)[-MOST:]
    if message not in parts or len(parts) == 1:
        return None
    text = " ".join(part.text.strip() for part in parts)
    continues = tuple(part.id for part in parts if part is not message)
    return replace(message, parts=(Part(PartKind.TEXT, text),), continues=continues)


def _as_posted(message: Message) -> tuple[float, int, str]:
    # Telegram's times are whole seconds; within one, ids grow (their length first).
    return message.posted_at.timestamp(), len(message.id), message.id


def read_together(
    alone: Sequence[Judgement | None],
    together: Sequence[Judgement | None],
    others: Sequence[Judgement | None] = (),
) -> list[Judgement | None]:
    """Of each message the judgement that counts: its own, or that of its sentence.

    alone, together: of the same messages in the order in which they came; None where there is no
    judgement yet, and where a message has no others to be read with. others: of further parts of
    the sentences, by themselves. A sentence counts where all its parts are allowed by themselves,
    and no message is in two of them.
    """
    known = (each for each in (*alone, *others) if each is not None)
    acted = {id_ for each in known if not each.allowed for id_ in _ids(each.message)}
    counting: list[Judgement | None] = []
    for own, sentence in zip(alone, together, strict=True):
        if own is None or sentence is None or sentence.allowed or acted & _ids(sentence.message):
            counting.append(own)
            continue
        acted |= _ids(sentence.message)
        counting.append(_explained(sentence))
    return counting


def _ids(message: Message) -> set[tuple[str, str, str]]:
    place = message.place
    return {(place.platform, place.group, each) for each in (message.id, *message.continues)}


def _explained(judgement: Judgement) -> Judgement:
    if judgement.verdict is None:
        return judgement
    count = len(judgement.message.continues) + 1
    reason = f"{judgement.verdict.reason}, read as one from {count} messages"
    return replace(judgement, verdict=replace(judgement.verdict, reason=reason))
