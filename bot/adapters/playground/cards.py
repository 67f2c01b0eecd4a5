"""A case's card, drawn for the page: sentences and numbers, no decision left to the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.adapters import card_words
from bot.domain.cards import Card, Done, Press
from bot.domain.cases import Case, Status
from bot.domain.messages import Person
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

    parts: the ids of the other messages that were read with it as one sentence.
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
    parts: tuple[str, ...]
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
    author = _name(case.author)
    return DrawnCard(
        number=case.number,
        status=case.status,
        tone=_tone(case),
        headline=card_words.headline(card, phrases.say),
        author=author,
        author_id=case.author.id,
        where=case.place.channel or case.place.group,
        message_id=case.message_id,
        parts=message.continues if message else (),
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
        words=[card_words.word(each, phrases.say) for each in card.words],
        record=card_words.record(card.record, author, phrases.say),
        done=[_line(done, phrases) for done in card.done],
        state=card_words.state(card, _name, phrases.say),
        buttons=[
            PageButton(each.id, each.press, card_words.label(each, case, phrases.say))
            for each in card.buttons
        ],
    )


def _tone(case: Case) -> str:
    if case.hidden:
        return "hidden"
    return "visible" if case.verdict.enforced else "observed"


def _left_out(text: str | None, phrases: Phrases) -> str | None:
    more = len(text) - SHOWN_OF_TEXT if text else 0
    return phrases.say("card.left_out", count=f"{more:,}") if more > 0 else None


def _line(done: Done, phrases: Phrases) -> DrawnLine:
    text = card_words.done(done, phrases.say)
    return DrawnLine(text, done.at, bad=card_words.went_wrong(done))


def _name(person: Person) -> str:
    return person.name or person.id
