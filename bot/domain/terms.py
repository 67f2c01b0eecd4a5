"""A community's deny and allow lists.

Patterns come from admins, so they run on RE2, whose time is linear in the text: no pattern
can stall the bot. Whole words only, unless a term says otherwise; RE2's own word boundary
knows ASCII letters alone, so the boundary here is "no letter, digit or mark of any script".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from bot.domain.errors import InvalidPolicy

MAX_TERMS = 1000
MAX_TERM_LENGTH = 260
_BEFORE = r"(?:^|[^\pL\pN\pM_])"
_AFTER = r"(?:$|[^\pL\pN\pM_])"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list.

    text: literal text, or an RE2 pattern where `pattern` is set; case never matters.
    whole_word: match only where no letter or digit touches either end.
    hide: for the deny list: hide at once; otherwise ask a reviewer.
    """

    text: str
    pattern: bool = False
    whole_word: bool = True
    hide: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidPolicy("a term of a list is empty")
        if len(self.text) > MAX_TERM_LENGTH:
            raise InvalidPolicy(f"term {self.text[:20]!r}…: longer than {MAX_TERM_LENGTH}")
        _compiled(self)


@lru_cache(maxsize=8 * MAX_TERMS)
def _compiled(term: Term) -> Any:
    # The text is compared in its composed form, so the term must be too.
    core = term.text if term.pattern else re2.escape(_composed(term.text))
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    source = f"{_BEFORE}({core}){_AFTER}" if term.whole_word else f"({core})"
    try:
        # By itself first: a fault is then told of the term, not of what we put around it, and
        # a bracket that closes ours is a fault.
        re2.compile(core, options)
        compiled = re2.compile(source, options)
    except re2.error as exc:
        raise InvalidPolicy(f"term {term.text!r}: {_said(exc)}") from exc
    if compiled.search("") is not None:
        raise InvalidPolicy(f"term {term.text!r} matches the empty text, so every message")
    return compiled


def _said(error: Exception) -> str:
    words = error.args[0] if error.args else "not a pattern"
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def found(terms: Sequence[Term], text: str) -> list[Term]:
    """The terms that stand in the text, in the list's order."""
    if not terms:
        return []
    composed = _composed(text)
    return [term for term in terms if _compiled(term).search(composed) is not None]


def without(terms: Sequence[Term], text: str) -> str:
    """The text with every allowed term blanked.

    An allowed term excuses itself and nothing beside it: adding one to a message must not
    carry the rest of it past the policy.
    """
    if not terms:
        return text
    text = _composed(text)
    for term in terms:
        text = _blanked(_compiled(term), text)
    return text


def _blanked(pattern: Any, text: str) -> str:
    kept: list[str] = []
    at = 0
    while (match := pattern.search(text, at)) is not None:
        start, end = match.span(1)
        if start == end:  # a pattern such as \b finds a spot, not words: nothing to blank
            break
        kept += [text[at:start], " "]
        at = end
    return "".join([*kept, text[at:]])
