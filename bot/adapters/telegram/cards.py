"""A case's card as a Telegram message: what was said under a spoiler, and buttons. Pure."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.adapters import card_words
from bot.adapters.telegram import files
from bot.adapters.telegram.errors import PLATFORM
from bot.adapters.telegram.kept import Kept
from bot.adapters.telegram.writing import (
    MOST_TEXT,
    Writing,
    Written,
    cut,
    harmless,
    length,
)
from bot.domain.cards import Card
from bot.domain.messages import Person
from bot.domain.ports import Phrases

_SUPERGROUP = "-100"
"""What the ids of supergroups begin with, where a ban takes all messages along (Bot API,
`banChatMember`)."""

MOST_QUOTED = 2_400
MOST_WHYS, MOST_WHY = 3, 200
MOST_HISTORY, MOST_LINE = 1_500, 300
MOST_WORDS = 240
MOST_FILES = 240
A_ROW = 2


def drawn(card: Card, phrases: Phrases, above: Kept | None = None) -> Written:
    """The card's text; whatever the message, it fits into one of Telegram's.

    above: the copies of files that stand in the card's channel.
    """
    head, tail = _head(card, phrases), _tail(card, phrases, above)
    room = min(MOST_QUOTED, MOST_TEXT - 200 - head.length - tail.length)
    quoted, left_out = cut(harmless(card.message.text), room) if card.message else ("", "")
    if card.message is None:
        head.line(phrases.say("telegram.erased"), MessageEntity.ITALIC)
    elif quoted.strip():
        head.line(quoted, MessageEntity.SPOILER)
    else:
        head.line(phrases.say("telegram.no_text"), MessageEntity.ITALIC)
    if left_out:
        head.line(phrases.say("card.left_out", count=f"{len(left_out):,}"), MessageEntity.ITALIC)
    return _joined(head, tail)


def keyboard(card: Card, phrases: Phrases) -> InlineKeyboardMarkup:
    """The card's buttons, the mildest first. Ids are opaque, and short enough as they come."""
    buttons = [
        InlineKeyboardButton(card_words.label(each, card.case, phrases.say), callback_data=each.id)
        for each in card.buttons
    ]
    return InlineKeyboardMarkup([buttons[n : n + A_ROW] for n in range(0, len(buttons), A_ROW)])


def _head(card: Card, phrases: Phrases) -> Writing:
    case = card.case
    writing = Writing()
    title = phrases.say("telegram.card_title", number=str(case.number))
    writing.line(f"{title} · {card_words.headline(card, phrases.say)}", MessageEntity.BOLD)
    writing.add(_name(case.author))
    if card.message is not None and card.message.link:
        writing.add(" · ").add(
            phrases.say("telegram.card_link"), MessageEntity.TEXT_LINK, card.message.link
        )
    writing.add(" · ").line(phrases.say("telegram.card_due", due=f"{case.due_at:%Y-%m-%d %H:%M}"))
    return writing.line()


def _tail(card: Card, phrases: Phrases, above: Kept | None) -> Writing:
    case = card.case
    writing = Writing().line()
    if unseen := _unseen(card, above):
        writing.add(phrases.say("card.not_shown")).add(" ")
        writing.line(cut(harmless(unseen), MOST_FILES)[0], MessageEntity.SPOILER)
    writing.line(cut(case.verdict.reason, 300)[0])
    if card.scores and card.scores.by_label:
        ordered = sorted(card.scores.by_label.items(), key=lambda each: -each[1])
        writing.line(
            " · ".join(f"{label.replace('_', ' ')} {score:.2f}" for label, score in ordered)
        )
    if card.words:
        writing.add(phrases.say("card.words")).add(" ")
        told = " · ".join(card_words.word(each, phrases.say) for each in card.words)
        writing.line(cut(harmless(told), MOST_WORDS)[0], MessageEntity.SPOILER)
    for why in card.whys[:MOST_WHYS]:
        writing.add(phrases.say("telegram.card_reported")).add(" ")
        writing.line(cut(harmless(why), MOST_WHY)[0], MessageEntity.SPOILER)
    writing.line(card_words.record(card.record, _name(case.author), phrases.say))
    for line in _history(card, phrases):
        writing.line(line)
    if state := card_words.state(card, _name, phrases.say):
        writing.line(state, MessageEntity.BOLD)
    if card.confirming is not None and case.place.group.startswith(_SUPERGROUP):
        writing.line(phrases.say("telegram.ban_takes_all"))
    return writing


def _unseen(card: Card, above: Kept | None) -> str:
    """The files that the card does not come with: what they are, and their names."""
    message = card.message
    if message is None or message.place.platform != PLATFORM:
        return card_words.unseen_files(card, PLATFORM)
    shown = files.shown(message)
    return card_words.files(
        file
        for number, file in enumerate(message.attachments)
        if not (file in shown if above is None else above.has(number))
    )


def _joined(head: Writing, tail: Writing) -> Written:
    return Writing().put(head.written()).line().put(tail.written()).written()


def _history(card: Card, phrases: Phrases) -> list[str]:
    """What was done, a line each: the newest, as many as there is room for."""
    lines: list[str] = []
    room = MOST_HISTORY
    for done in reversed(card.done):
        mark = "⚠️" if card_words.went_wrong(done) else "·"
        line = f"{mark} {cut(card_words.done(done, phrases.say), MOST_LINE)[0]}"
        room -= length(line) + 1
        if room < 0:
            break
        lines.insert(0, line)
    return lines


def _name(person: Person) -> str:
    return harmless(cut(person.name or person.id, 64)[0])
