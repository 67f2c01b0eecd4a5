"""Folding: reading a text as people read it, whatever was done to keep a model from doing so.

Each step undoes one way of writing and lies in a module of its own. Text that is not written in
any of these ways comes back as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.scoring.folding.casing import evenly_cased
from bot.scoring.folding.devanagari import harsh_in_latin
from bot.scoring.folding.invisible import as_shown, without_unseen
from bot.scoring.folding.leet import unleeted, unleeted_with_l
from bot.scoring.folding.legible import legible
from bot.scoring.folding.letters import plain_letters
from bot.scoring.folding.lookalikes import latin_words
from bot.scoring.folding.markup import unmarked
from bot.scoring.folding.misspelling import respelled, respelled_otherwise
from bot.scoring.folding.percent import percent_decoded
from bot.scoring.folding.shorthand import written_out
from bot.scoring.folding.spacing import joined, joined_and_parted
from bot.scoring.folding.stretching import shortened, shortened_to_one
from bot.scoring.folding.suspicion import suspicious
from bot.scoring.folding.together import taken_apart
from bot.scoring.folding.turning import turned

MAX_ROUNDS = 6
"""How many ways of writing may be wrapped in one another before folding gives up."""

Reading = Callable[[str], str]


class Folding(StrEnum):
    """The ways of writing that are undone, by their keys among the phrases."""

    UNSEEN = "unseen"
    """Characters that are not seen."""

    LETTERS = "letters"
    """Other forms of letters."""

    TURNING = "turning"
    """Letters on their heads."""

    PERCENT = "percent"
    MARKUP = "markup"

    SPACING = "spacing"
    """Letters set apart."""

    DEVANAGARI = "devanagari"
    """Harsh words of Hindi, in the letters that a model may not know."""

    LOOKALIKES = "lookalikes"
    """Letters of another script."""

    LEET = "leet"
    """Digits for letters."""

    STRETCHING = "stretching"
    CASING = "casing"
    """Strewn capitals."""

    TOGETHER = "together"
    """Words written as one."""

    SHORTHAND = "shorthand"
    """Letters and words that stand for others."""

    MISSPELLING = "misspelling"
    """Letters swapped, left out or masked."""


@dataclass(frozen=True, slots=True)
class _Step:
    """How one way is undone. other: the second way to read what can be read in two ways."""

    folding: Folding
    first: Reading
    other: Reading


_STEPS = (
    _Step(Folding.UNSEEN, as_shown, without_unseen),
    _Step(Folding.TURNING, turned, turned),
    _Step(Folding.LETTERS, plain_letters, plain_letters),
    _Step(Folding.PERCENT, percent_decoded, percent_decoded),
    _Step(Folding.MARKUP, unmarked, unmarked),
    _Step(Folding.SPACING, joined, joined_and_parted),
    _Step(Folding.DEVANAGARI, harsh_in_latin, harsh_in_latin),
    _Step(Folding.LOOKALIKES, latin_words, latin_words),
    _Step(Folding.LEET, unleeted, unleeted_with_l),
    _Step(Folding.STRETCHING, shortened, shortened_to_one),
    _Step(Folding.CASING, evenly_cased, evenly_cased),
    _Step(Folding.TOGETHER, taken_apart, taken_apart),
    _Step(Folding.SHORTHAND, written_out, written_out),
    # Without masks not in what is read the second way: "this" in reverse is "siht".
    _Step(Folding.MISSPELLING, respelled, respelled_otherwise),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A text after a folding that changed it."""

    folding: Folding
    text: str


def folded(text: str) -> str:
    """The text as it is most likely meant; the same text where there is nothing to undo.

    Folding a folded text changes nothing, unless more than MAX_ROUNDS ways were wrapped in one
    another. Takes time in proportion to the text's length.
    """
    stages = folding_stages(text)
    return stages[-1].text if stages else text


def readings(text: str) -> tuple[str, ...]:
    """What else the text can be read as: nothing for ordinary text, otherwise one or two texts.

    Two where a way of writing leaves open what is meant: "s1ut" or "1diot", "stuuupid" or
    "asssshole", "a b i t c h" or "a s s".
    """
    first = folding_stages(text)
    if not first:
        return ()
    other = _stages(text, [step.other for step in _STEPS])
    found = dict.fromkeys([first[-1].text, other[-1].text if other else text])
    return tuple(each for each in found if each != text)


def all_readings(text: str) -> tuple[str, ...]:
    """All that a text is to be judged by: its readings and, last, the text itself, unless it is
    spelled out: then only what it spells counts, since no model can read it as it stands."""
    others = readings(text)
    return others if others and not legible(text) else (*others, text)


def folding_stages(text: str) -> tuple[Stage, ...]:
    """What became of the text on the way to `folded`, a stage for each folding that changed it."""
    return _stages(text, [step.first for step in _STEPS])


def _stages(text: str, undo: Sequence[Reading]) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    if not suspicious(text):
        return ()
    for _ in range(MAX_ROUNDS):
        before = len(stages)
        for step, reading in zip(_STEPS, undo, strict=True):
            changed = reading(text)
            if changed != text:
                text = changed
                stages.append(Stage(step.folding, text))
        if len(stages) == before:
            break
    return tuple(stages)
