"""A case's card as a Telegram message: what was said under a spoiler, and buttons. Pure."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.adapters.telegram import files
from bot.adapters.telegram.writing import (
    MOST_TEXT,
    Writing,
    Written,
    cut,
    harmless,
    length,
)
from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import Case
from bot.domain.effects import Result
from bot.domain.explanations import WordWeight
from bot.domain.messages import Message
from bot.domain.policy import Action
from bot.domain.ports import Phrases

MOST_QUOTED = 2_400
MOST_WHYS, MOST_WHY = 3, 200
MOST_HISTORY = 1_500
MOST_WORDS = 240
MOST_FILES = 240
A_ROW = 2


def drawn(card: Card, phrases: Phrases) -> Written:
    """The card's text; whatever the message, it fits into one of Telegram's."""
    head, tail = _head(card, phrases), _tail(card, phrases)
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
    buttons = [_button(each, card.case, phrases) for each in card.buttons]
    return InlineKeyboardMarkup([buttons[n : n + A_ROW] for n in range(0, len(buttons), A_ROW)])


def _head(card: Card, phrases: Phrases) -> Writing:
    case = card.case
    writing = Writing()
    title = phrases.say("telegram.card_title", number=str(case.number))
    writing.line(f"{title} · {phrases.say(_headline(case))}", MessageEntity.BOLD)
    writing.add(harmless(_short(case.author.name or case.author.id)))
    if card.message is not None and card.message.link:
        writing.add(" · ").add(
            phrases.say("telegram.card_link"), MessageEntity.TEXT_LINK, card.message.link
        )
    writing.add(" · ").line(phrases.say("telegram.card_due", due=f"{case.due_at:%Y-%m-%d %H:%M}"))
    return writing.line()


def _tail(card: Card, phrases: Phrases) -> Writing:
    case = card.case
    writing = Writing().line()
    if unseen := _unseen(card.message):
        writing.add(phrases.say("telegram.not_shown")).add(" ")
        writing.line(cut(harmless(unseen), MOST_FILES)[0], MessageEntity.SPOILER)
    writing.line(cut(case.verdict.reason, 300)[0])
    if card.scores and card.scores.by_label:
        ordered = sorted(card.scores.by_label.items(), key=lambda each: -each[1])
        writing.line(
            " · ".join(f"{label.replace('_', ' ')} {score:.2f}" for label, score in ordered)
        )
    if card.words:
        writing.add(phrases.say("card.words")).add(" ")
        told = " · ".join(_word(each, phrases) for each in card.words)
        writing.line(cut(harmless(told), MOST_WORDS)[0], MessageEntity.SPOILER)
    for why in card.whys[:MOST_WHYS]:
        writing.add(phrases.say("telegram.card_reported")).add(" ")
        writing.line(cut(harmless(why), MOST_WHY)[0], MessageEntity.SPOILER)
    writing.line(_record(card.record, _short(case.author.name or case.author.id), phrases))
    for line in _history(card, phrases):
        writing.line(line)
    if state := _state(card, phrases):
        writing.line(state, MessageEntity.BOLD)
    return writing


def _unseen(message: Message | None) -> str:
    """The files that the card does not come with: what they are, and their names."""
    covered = files.shown(message)
    unseen = [each for each in message.attachments if each not in covered] if message else []
    return ", ".join(f"{each.kind} {each.name}".replace("_", " ").strip() for each in unseen)


def _word(word: WordWeight, phrases: Phrases) -> str:
    return f"{word.word} ({phrases.say(f'folding.{word.folding}')})" if word.folding else word.word


def _joined(head: Writing, tail: Writing) -> Written:
    return Writing().put(head.written()).line().put(tail.written()).written()


def _headline(case: Case) -> str:
    if case.hidden:
        return "card.hidden"
    if not case.verdict.enforced:
        hide = case.verdict.action is Action.HIDE
        return "card.would_be_hidden" if hide else "card.would_be_reviewed"
    return "card.visible"


def _record(record: Record, author: str, phrases: Phrases) -> str:
    if record.cases == 0:
        return phrases.say("card.record_none", who=harmless(author))
    return phrases.say(
        "card.record_one" if record.cases == 1 else "card.record",
        who=harmless(author),
        cases=str(record.cases),
        restored=str(record.restored),
        kept_hidden=str(record.kept_hidden),
        sanctioned=str(record.sanctioned),
    )


def _history(card: Card, phrases: Phrases) -> list[str]:
    """What was done, a line each: the newest, as many as there is room for."""
    lines: list[str] = []
    room = MOST_HISTORY
    for done in reversed(card.done):
        line = _done(done, phrases)
        room -= length(line) + 1
        if room < 0:
            break
        lines.insert(0, line)
    return lines


def _done(done: Done, phrases: Phrases) -> str:
    said = phrases.say(f"done.{done.kind}_{done.result or 'under_way'}", reason=done.reason)
    if done.result is Result.DONE and done.reason:
        said += f". {done.reason}"
    bad = done.result in (Result.REFUSED, Result.FAILED)
    return f"{'⚠️' if bad else '·'} {cut(said, 300)[0]}"


def _state(card: Card, phrases: Phrases) -> str | None:
    case = card.case
    author = _short(case.author.name or case.author.id)
    if case.decision is not None:
        who = case.decision.by.name or case.decision.by.id
        key, fields = f"card.decided_{case.decision.kind}", {"who": who}
    elif card.confirming is not None:
        who = card.confirming.name or card.confirming.id
        key, fields = "card.confirming", {"who": who, "author": author}
    elif case.claim is not None:
        key, fields = "card.held", {"who": case.claim.holder.name or case.claim.holder.id}
    else:
        return None
    return harmless(phrases.say(key, **{name: _short(text) for name, text in fields.items()}))


def _short(name: str) -> str:
    return cut(name, 64)[0]


def _button(button: Button, case: Case, phrases: Phrases) -> InlineKeyboardButton:
    key = str(button.press)
    if not case.hidden:  # the same two decisions, in the words of a message that still stands
        key = {Press.RESTORE: "leave_up", Press.KEEP_HIDDEN: "hide"}.get(button.press, key)
    return InlineKeyboardButton(phrases.say(f"button.{key}"), callback_data=button.id)
