"""What a message says in fields that are newer than the client. Pure.

Whoever posts in a way that the client does not know yet, as by the rich messages of Bot API 10.1
that inline bots post for members, is read all the same: nothing unread may pass for clean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.messages import Part, PartKind

_SAYS = frozenset(
    (
        "caption",
        "credit",
        "description",
        "label",
        "name",
        "question",
        "summary",
        "text",
        "title",
    )
)
_SAID_ELSEWHERE = ("forward_", "receiver_user", "user_shared")
"""Fields of old versions that Telegram goes on sending, and the one who is written to."""

DEEPEST = 32
"""How far down it is read: deeper than anything that Telegram shows."""


def parts(unknown: Mapping[str, Any]) -> Iterator[Part]:
    """The texts and link targets in fields that the client left unread, whatever they are
    called."""
    fields = {
        name: value for name, value in unknown.items() if not name.startswith(_SAID_ELSEWHERE)
    }
    yield from _parts(fields, 0)


def _parts(fields: Mapping[str, Any], depth: int) -> Iterator[Part]:
    for name, value in fields.items():
        if name == "url" and isinstance(value, str):
            yield Part(PartKind.LINK, value)
        elif name in _SAYS and (text := _run(value, depth)).strip():
            yield Part(PartKind.TEXT, text)
        if depth < DEEPEST:
            yield from _inside(value, depth + 1, beneath_text=name in _SAYS)


def _inside(value: Any, depth: int, *, beneath_text: bool) -> Iterator[Part]:
    """Parts of nested objects; beneath a text all but the texts, which are in its run already."""
    if isinstance(value, list) and depth < DEEPEST:
        for each in value:
            yield from _inside(each, depth + 1, beneath_text=beneath_text)
    elif isinstance(value, dict):
        found = _parts(value, depth)
        yield from (each for each in found if not beneath_text or each.kind is PartKind.LINK)


def _run(value: Any, depth: int) -> str:
    """A text as it is read: its differently styled pieces one after another, so that no word is
    torn apart by making half of it bold."""
    if isinstance(value, str):
        return value
    if depth >= DEEPEST:
        return ""
    if isinstance(value, list):
        return "".join(_run(each, depth + 1) for each in value)
    if isinstance(value, dict):
        return " ".join(_run(each, depth + 1) for name, each in value.items() if name in _SAYS)
    return ""
