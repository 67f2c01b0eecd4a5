"""What a card says in the same words on every platform; how it looks is each platform's. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import Case
from bot.domain.effects import IDLE, EffectKind, Result
from bot.domain.explanations import WordWeight
from bot.domain.messages import Attachment, Person
from bot.domain.policy import Action

Say = Callable[..., str]
"""Says a phrase by its key, with its fields."""


def headline(card: Card, say: Say) -> str:
    """How its message stands, or would stand."""
    case = card.case
    if case.hidden:
        hides = [each for each in card.done if each.kind is EffectKind.HIDE]
        return say("card.not_hidden" if hides and went_wrong(hides[-1]) else "card.hidden")
    if not case.verdict.enforced:
        hide = case.verdict.action is Action.HIDE
        return say("card.would_be_hidden" if hide else "card.would_be_reviewed")
    return say("card.visible")


def word(weight: WordWeight, say: Say) -> str:
    """A word that weighed, without the marks behind it, and how it was disguised."""
    told = weight.word.rstrip(".,;:!?…") or weight.word
    return f"{told} ({say(f'folding.{weight.folding}')})" if weight.folding else told


def record(known: Record, author: str, say: Say) -> str:
    """What is known of an author, who is called so on this platform."""
    if known.cases == 0:
        return say("card.record_none", who=author)
    return say(
        "card.record_one" if known.cases == 1 else "card.record",
        who=author,
        cases=str(known.cases),
        restored=str(known.restored),
        kept_hidden=str(known.kept_hidden),
        sanctioned=str(known.sanctioned),
        open=str(known.cases - known.restored - known.kept_hidden - known.sanctioned),
    )


def done(deed: Done, say: Say) -> str:
    """What became of one thing that was to be done."""
    if deed.result is Result.GONE and deed.reason in IDLE:
        return say(deed.reason)
    said = say(f"done.{deed.kind}_{deed.result or 'under_way'}", reason=deed.reason)
    return f"{said}. {deed.reason}" if deed.result is Result.DONE and deed.reason else said


def unseen_files(card: Card, platform: str) -> str:
    """The files of another platform's message that its card's channel does not show: what they
    are, and their names. Of the platform's own messages its adapter knows more."""
    if card.message is None or (card.message.place.platform == platform and card.shown is None):
        return ""
    shown = card.shown or frozenset()
    return files(f for n, f in enumerate(card.message.attachments) if n not in shown)


def files(attachments: Iterable[Attachment]) -> str:
    """What files are, and their names; a poll is left out, of which the text says all."""
    told = (each for each in attachments if each.kind != "poll")
    return ", ".join(f"{each.kind} {each.name}".replace("_", " ").strip() for each in told)


def went_wrong(deed: Done) -> bool:
    """Whether somebody has to look."""
    return deed.result in (Result.REFUSED, Result.FAILED)


def state(card: Card, name: Callable[[Person], str], say: Say) -> str | None:
    """Where the case stands, when it is held or decided. name: as people are called on this
    platform."""
    case = card.case
    if case.decision is not None:
        return say(f"card.decided_{case.decision.kind}", who=name(case.decision.by))
    if card.confirming is not None:
        return say("card.confirming", who=name(card.confirming), author=name(case.author))
    if case.claim is not None:
        return say("card.held", who=name(case.claim.holder))
    return None


def label(button: Button, case: Case, say: Say) -> str:
    """What a button says."""
    key = str(button.press)
    if not case.hidden:  # the same two decisions, in the words of a message that still stands
        key = {Press.RESTORE: "leave_up", Press.KEEP_HIDDEN: "hide"}.get(button.press, key)
    return say(f"button.{key}")
