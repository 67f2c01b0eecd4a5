"""A case's card, drawn for the page: sentences and numbers, no decision left to the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import Case, Status
from bot.domain.effects import Result
from bot.domain.explanations import WordWeight
from bot.domain.policy import Action
from bot.domain.ports import Phrases

SHOWN_OF_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One thing that was done. bad: it was not, and somebody has to look."""

    text: str
    at: datetime
    bad: bool = False


@dataclass(frozen=True, slots=True)
class PageButton:
    """A button with its label; `press` says what it does, for its place and colour."""

    id: str
    press: Press
    label: str


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """All that the page shows of a card.

    text: the first SHOWN_OF_TEXT characters; None once the evidence is erased.
    scores: label and score, the highest first.
    words_told: the sentence before `words`, which drove the score and are covered like the text.
    tone: "hidden", "visible" or "observed", for the colour of the card's edge.
    state: the sentence that says where the case stands, when it is held or decided.
    """

    number: int
    status: Status
    tone: str
    headline: str
    author: str
    author_id: str
    where: str
    message_id: str
    text: str | None
    left_out: str | None
    posted_at: datetime | None
    opened_at: datetime
    due_at: datetime
    reason: str
    scores: list[tuple[str, float]]
    words_told: str
    words: list[str]
    record: str
    done: list[DrawnLine]
    state: str | None
    buttons: list[PageButton]


def drawn(card: Card, phrases: Phrases) -> DrawnCard:
    """The card as the page shows it. Pure."""
    case, message = card.case, card.message
    scores = card.scores.by_label if card.scores else {}
    text = message.text if message else None
    author = case.author.name or case.author.id
    return DrawnCard(
        number=case.number,
        status=case.status,
        tone=_tone(case),
        headline=phrases.say(_headline(case)),
        author=author,
        author_id=case.author.id,
        where=case.place.channel or case.place.group,
        message_id=case.message_id,
        text=text[:SHOWN_OF_TEXT] if text is not None else None,
        left_out=_left_out(text, phrases),
        posted_at=message.posted_at if message else None,
        opened_at=case.opened_at,
        due_at=case.due_at,
        reason=case.verdict.reason,
        scores=sorted(
            ((str(label), score) for label, score in scores.items()), key=lambda each: -each[1]
        ),
        words_told=phrases.say("card.words"),
        words=[_word(each, phrases) for each in card.words],
        record=_record(card.record, author, phrases),
        done=[_line(done, phrases) for done in card.done],
        state=_state(card, phrases),
        buttons=[_button(button, case, phrases) for button in card.buttons],
    )


def _tone(case: Case) -> str:
    if case.hidden:
        return "hidden"
    return "visible" if case.verdict.enforced else "observed"


def _headline(case: Case) -> str:
    if case.hidden:
        return "card.hidden"
    if not case.verdict.enforced:
        hide = case.verdict.action is Action.HIDE
        return "card.would_be_hidden" if hide else "card.would_be_reviewed"
    return "card.visible"


def _left_out(text: str | None, phrases: Phrases) -> str | None:
    more = len(text) - SHOWN_OF_TEXT if text else 0
    return phrases.say("card.left_out", count=f"{more:,}") if more > 0 else None


def _word(word: WordWeight, phrases: Phrases) -> str:
    return f"{word.word} ({phrases.say(f'folding.{word.folding}')})" if word.folding else word.word


def _record(record: Record, author: str, phrases: Phrases) -> str:
    if record.cases == 0:
        return phrases.say("card.record_none", who=author)
    return phrases.say(
        "card.record_one" if record.cases == 1 else "card.record",
        who=author,
        cases=str(record.cases),
        restored=str(record.restored),
        kept_hidden=str(record.kept_hidden),
        sanctioned=str(record.sanctioned),
    )


def _line(done: Done, phrases: Phrases) -> DrawnLine:
    how = done.result or "under_way"
    text = phrases.say(f"done.{done.kind}_{how}", reason=done.reason)
    return DrawnLine(text, done.at, bad=done.result in (Result.REFUSED, Result.FAILED))


def _state(card: Card, phrases: Phrases) -> str | None:
    case = card.case
    if case.decision is not None:
        decider = case.decision.by.name or case.decision.by.id
        return phrases.say(f"card.decided_{case.decision.kind}", who=decider)
    if card.confirming is not None:
        who = card.confirming.name or card.confirming.id
        return phrases.say("card.confirming", who=who, author=case.author.name or case.author.id)
    if case.claim is not None:
        return phrases.say("card.held", who=case.claim.holder.name or case.claim.holder.id)
    return None


def _button(button: Button, case: Case, phrases: Phrases) -> PageButton:
    key = str(button.press)
    if not case.hidden:  # the same two decisions, in the words of a message that still stands
        key = {Press.RESTORE: "leave_up", Press.KEEP_HIDDEN: "hide"}.get(button.press, key)
    return PageButton(button.id, button.press, phrases.say(f"button.{key}"))
