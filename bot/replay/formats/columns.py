"""Which column or key of somebody's own table holds what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TEXT = ("text", "content", "message", "comment", "body", "messagetext", "commenttext", "post")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "author": ("author", "username", "user", "name", "nick", "from", "sender", "authorname"),
    "author_id": ("authorid", "userid", "senderid", "fromid"),
    "time": ("time", "timestamp", "date", "datetime", "createdat", "postedat", "sentat"),
    "id": ("id", "messageid"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The names, as written, of the columns that matter; "" for one that is not there."""

    text: str
    author: str = ""
    author_id: str = ""
    time: str = ""
    id: str = ""


def columns(names: Iterable[str]) -> Columns | None:
    """Recognise columns by their names, however capitalised; None without one for the text."""
    written = {_plain(name): name for name in names}
    said = _first(written, _TEXT)
    if not said:
        return None
    return Columns(said, **{what: _first(written, known) for what, known in _NAMES.items()})


def _first(written: Mapping[str, str], known: Iterable[str]) -> str:
    return next((written[name] for name in known if name in written), "")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
