"""Text for Telegram: measured in its UTF-16 units, its entities built and never parsed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import MessageEntity

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_NAME = 64

_JOINER = "\u2060"  # unseen, and neither a mention nor a link is found across it
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINK = re.compile(r"(?<=\w)\.(?=\w)|://")
_ADDRESS_OR_PING = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?:/\S*)?|(?<!\w)@(?=\w)")


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


def called(name: str) -> str:
    """What somebody calls themselves, for the bot to say in a group: their words, not its own."""
    return harmless(cut(name, MOST_NAME)[0])


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its entities."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


def unpinging(written: Written) -> Written:
    """As `without_mentions`, with the entities where they belong then. Addresses stay whole:
    neither in links nor in those of mail does Telegram find a name."""
    pieces, at, moved = [], 0, []
    for found in _ADDRESS_OR_PING.finditer(written.text):
        if found[0] == "@":
            pieces += [written.text[at : found.end()], _JOINER]
            at = found.end()
            moved.append(length(written.text[:at]))
    text = "".join([*pieces, written.text[at:]])
    return Written(text, tuple(_moved(each, moved) for each in written.entities))


def _moved(entity: MessageEntity, inserted: Sequence[int]) -> MessageEntity:
    """An entity after one unit was inserted at each of these places of the text."""
    end = entity.offset + entity.length
    start = entity.offset + sum(at <= entity.offset for at in inserted)
    return _span(entity, start, end + sum(at < end for at in inserted))


def _span(entity: MessageEntity, start: int, end: int) -> MessageEntity:
    return MessageEntity(entity.type, start, end - start, url=entity.url, language=entity.language)


def parted(written: Written, most: int) -> tuple[Written, Written]:
    """As `cut`, with each part's entities."""
    first, rest = cut(written.text, most)
    at, whole = length(first), length(written.text)
    return (
        Written(first, _within(written.entities, 0, at)),
        Written(rest, _within(written.entities, at, whole)),
    )


def _within(entities: Sequence[MessageEntity], start: int, end: int) -> tuple[MessageEntity, ...]:
    """What of entities lies between two places, counted from the first."""
    spans = (
        (each, max(each.offset, start), min(each.offset + each.length, end)) for each in entities
    )
    return tuple(_span(each, low - start, high - start) for each, low, high in spans if low < high)


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

    def put(self, written: Written) -> Writing:
        """Add a text that has its entities already."""
        self._entities += MessageEntity.shift_entities(self.length, written.entities)
        return self.add(written.text)

    def line(self, text: str = "", mark: str | None = None) -> Writing:
        """Add a piece and end the line."""
        return self.add(text, mark).add("\n")

    def written(self) -> Written:
        """What there is so far, without the empty lines at its end."""
        whole = "".join(self._pieces).rstrip("\n")
        return Written(whole, _within(self._entities, 0, length(whole)))
