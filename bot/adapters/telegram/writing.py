"""Text for Telegram: measured in its UTF-16 units, its entities built and never parsed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import MessageEntity

MOST_TEXT = 4096
MOST_CAPTION = 1024

_JOINER = "\u2060"  # unseen, and neither a mention nor a link is found across it
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINK = re.compile(r"(?<=\w)\.(?=\w)|://")


def length(text: str) -> int:
    """How long Telegram says that a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> tuple[str, str]:
    """A text's first part of at most so many units, and the rest; no character is torn."""
    kept = text.encode("utf-16-le", "surrogatepass")[: most * 2].decode("utf-16-le", "ignore")
    return kept, text[len(kept) :]


def without_mentions(text: str) -> str:
    """The text so that nobody whom it names is pinged: Telegram finds @names by itself."""
    return text.replace("@", f"@{_JOINER}")


def harmless(text: str) -> str:
    """What somebody wrote, to be looked at: it pings nobody, makes no links to follow by mistake,
    and does not turn the direction of what is written around it."""
    unturned = _TURNS.sub("", without_mentions(text))
    return _LINK.sub(lambda found: f"{found[0]}{_JOINER}", unturned)


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its entities."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


class Writing:
    """Puts a text together piece by piece, each marked or plain."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._entities: list[MessageEntity] = []
        self.length = 0

    def add(self, text: str, mark: str | None = None, url: str | None = None) -> Writing:
        """Add a piece. mark: an entity's type; url: for a text_link."""
        size = length(text)
        if mark and text.strip():
            self._entities.append(MessageEntity(mark, self.length, size, url=url))
        self._pieces.append(text)
        self.length += size
        return self

    def line(self, text: str = "", mark: str | None = None) -> Writing:
        """Add a piece and end the line."""
        return self.add(text, mark).add("\n")

    def written(self) -> Written:
        """What there is so far, without the empty lines at its end."""
        whole = "".join(self._pieces).rstrip("\n")
        return Written(whole, tuple(self._entities))
