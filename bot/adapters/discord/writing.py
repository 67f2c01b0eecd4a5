"""Text for Discord: shown as it was written, pinging nobody, linking nowhere. Pure."""

from __future__ import annotations

import re

MOST_TEXT = 2_000
MOST_EMBED = 4_096
MOST_NAME = 80

_UNPINGED = "\u200b"  # a zero-width space: unseen, and no mention is found across it
_MARKUP = re.compile(r"([\\`*_~|\[\]()<>#:>-])")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_BLANK = re.compile(r"[\s\u115f\u1160\u2800\u3164\ufe00-\ufe0f\uffa0]")
"""What takes room, or changes what stands before it, and is not seen alone."""
_NAMED = re.compile(r"discord|clyde", re.IGNORECASE)
_SCHEME = re.compile(r"\bhttp(s?)://", re.IGNORECASE)


def cut(text: str, most: int) -> tuple[str, str]:
    """A text's first part of at most so many characters, and the rest."""
    return text[:most], text[most:]


def plain(text: str) -> str:
    """The text so that Discord shows it as it is written: no markup, no mention, no link, and
    nothing in it that is not seen or that turns the direction of what follows."""
    shown = _SCHEME.sub(r"hxxp\1://", _UNSEEN.sub("", text))
    return _MARKUP.sub(r"\\\1", shown).replace("@", f"@{_UNPINGED}")


def plain_within(text: str, most: int) -> tuple[str, int]:
    """As `plain`, at most so many characters long, and how many of the text's were left out."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if len(plain(text[:middle])) <= most:
            low = middle
        else:
            high = middle - 1
    return plain(text[:low]), len(text) - low


def is_unseen(text: str) -> bool:
    """Whether nothing of a text is seen."""
    return not _BLANK.sub("", _UNSEEN.sub("", text))


def covered(text: str) -> str:
    """A text under a spoiler; it must be `plain`, or it could open the cover from inside."""
    return f"||{text}||"


def webhook_name(name: str) -> str:
    """A name that Discord lets a webhook bear: 1 to 80 characters, and not its own names."""
    kept = _NAMED.sub(lambda found: f"{found[0][0]}\u200a{found[0][1:]}", name.strip())
    return kept[:MOST_NAME].strip() or "…"


def unpinging(text: str) -> str:
    """The text with its markup, so that nobody whom it names is pinged."""
    return text.replace("@", f"@{_UNPINGED}")
