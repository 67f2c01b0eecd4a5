"""Ways in which people hide what they write from filters, applied to ordinary text.

Each attack changes the whole text and is drawn anew from its seed and the text, so that the same
text is always attacked alike. `UNDOABLE` are those that folding, windows and joining can undo. The
others take something of the text away, letters, their order or the gaps between words, which can
only be guessed.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

Attack = Callable[[str, random.Random], Sequence[str]]
"""Gives the messages in which the text is sent: one, or several in a row."""

PADDED_TO = 10_000
SEED = 20260301

_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_CYRILLIC = dict(zip("aceiopsxyjh", "асеіорѕхујһ", strict=True))
_GREEK = dict(zip("aiovnu", "αιονηυ", strict=True))
_SQUARED = {
    letter: chr(0x1F170 + place) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")
}
_WORD = re.compile(r"[^\W\d_]{3,}")
_FILLER = (
    "the meeting notes for this week are below and as ever anybody may add to them before friday. "
    "we looked at the plans for the garden, the new paint in the hall and the train to the coast. "
)


def _each(text: str, change: Callable[[str], str]) -> list[str]:
    return ["".join(map(change, text))]


def _words(text: str, change: Callable[[str], str]) -> list[str]:
    return [_WORD.sub(lambda word: change(word[0]), text)]


def leet(text: str, rng: random.Random) -> list[str]:
    """Half of the letters that have a digit or sign, and at least one in each word."""

    def word(letters: str) -> str:
        places = [place for place, letter in enumerate(letters) if letter.lower() in _LEET]
        inner = [place for place in places if 0 < place < len(letters) - 1] or places
        chosen = {place for place in places if rng.random() < 0.5} | set(inner[:1])
        return "".join(
            rng.choice(_LEET[letter.lower()]) if place in chosen else letter
            for place, letter in enumerate(letters)
        )

    return _words(text, word)


def full_leet(text: str, _: random.Random) -> list[str]:
    """Every letter that has a digit."""
    return _each(text, lambda letter: _LEET.get(letter.lower(), letter)[0])


def homoglyphs(text: str, rng: random.Random) -> list[str]:
    """Two in three of the letters that have a Cyrillic double."""
    return _each(text, lambda c: _CYRILLIC.get(c.lower(), c) if rng.random() < 0.67 else c)


def greek(text: str, _: random.Random) -> list[str]:
    """Every letter that has a Greek double."""
    return _each(text, lambda c: _GREEK.get(c.lower(), c))


def zero_width(text: str, rng: random.Random) -> list[str]:
    """A zero-width character after every letter."""
    return _each(
        text, lambda c: c + rng.choice("\u200b\u200c\u200d\u2060\ufeff") if c.isalpha() else c
    )


def bidi(text: str, _: random.Random) -> list[str]:
    """Written backwards under right-to-left overrides, one a line, so that it shows as it was."""
    return ["\n".join(f"\u202e{line[::-1]}\u202c" for line in text.splitlines())]


def spacing(text: str, _: random.Random) -> list[str]:
    """A space between all characters."""
    return [" ".join(text)]


def spaced_words(text: str, rng: random.Random) -> list[str]:
    """Half of the words with their letters set apart, in single spaces like the rest."""
    return _words(text, lambda word: " ".join(word) if rng.random() < 0.5 else word)


def ungapped(text: str, _: random.Random) -> list[str]:
    """The letters of all words set apart, and no wider gap between words."""
    return [" ".join(text.replace(" ", ""))]


def together(text: str, rng: random.Random) -> list[str]:
    """Two to four words as one, all through the text."""
    words, runs = text.split(), []
    while words:
        count = rng.randint(2, 4)
        runs.append("".join(words[:count]))
        del words[:count]
    return [" ".join(runs)]


def all_together(text: str, _: random.Random) -> list[str]:
    """The whole text as one word."""
    return ["".join(text.split())]


def one_a_line(text: str, _: random.Random) -> list[str]:
    """A letter to a line, and an empty line between words."""
    return ["\n".join(" ".join(text.split()).replace(" ", "\n"))]


def dots(text: str, rng: random.Random) -> list[str]:
    """A dot, hyphen or other sign between the letters of every word."""
    return _words(text, lambda word: rng.choice(".-_*").join(word))


def stretched(text: str, rng: random.Random) -> list[str]:
    """One letter of every word three to six times."""

    def word(letters: str) -> str:
        at = rng.randrange(len(letters))
        return letters[:at] + letters[at] * rng.randint(3, 6) + letters[at + 1 :]

    return _words(text, word)


def swapped(text: str, rng: random.Random) -> list[str]:
    """Two neighbouring inner letters of every word of four or more exchanged."""

    def word(letters: str) -> str:
        if len(letters) < 4:
            return letters
        at = rng.randrange(1, len(letters) - 2)
        return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]

    return _words(text, word)


def dropped(text: str, rng: random.Random) -> list[str]:
    """One inner letter of every word of four or more left out."""

    def word(letters: str) -> str:
        if len(letters) < 4:
            return letters
        at = rng.randrange(1, len(letters) - 1)
        return letters[:at] + letters[at + 1 :]

    return _words(text, word)


def masked(text: str, rng: random.Random) -> list[str]:
    """One inner letter of every word of four or more as a star."""

    def word(letters: str) -> str:
        if len(letters) < 4:
            return letters
        at = rng.randrange(1, len(letters) - 1)
        return f"{letters[:at]}*{letters[at + 1 :]}"

    return _words(text, word)


def diacritics(text: str, rng: random.Random) -> list[str]:
    """One to three marks on every letter."""

    def marked(letter: str) -> str:
        marks = "".join(chr(rng.randrange(0x300, 0x330)) for _ in range(rng.randint(1, 3)))
        return unicodedata.normalize("NFC", letter + marks) if letter.isalpha() else letter

    return _each(text, marked)


def full_width(text: str, _: random.Random) -> list[str]:
    """Full-width forms."""
    return _each(text, lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c)


def mathematical(text: str, rng: random.Random) -> list[str]:
    """Mathematical letters: bold script, fraktur or double-struck, one style a text."""
    start = rng.choice([0x1D4D0, 0x1D56C, 0x1D63C])

    def styled(letter: str) -> str:
        if not (letter.isascii() and letter.isalpha()):
            return letter
        return chr(start + ord(letter.lower()) - ord("a") + 26 * letter.islower())

    return _each(text, styled)


def emoji_letters(text: str, rng: random.Random) -> list[str]:
    """Letters in black squares, or regional indicators with a space between."""
    if rng.random() < 0.5:
        return _each(text, lambda c: _SQUARED.get(c.lower(), c))
    spelled = (
        " ".join(chr(0x1F1E6 + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in word)
        for word in text.lower().split()
    )
    return ["   ".join(spelled)]


def padded_before(text: str, _: random.Random) -> list[str]:
    """On a line behind ordinary prose, 10,000 characters in all."""
    return [_padding(text) + "\n" + text]


def padded_behind(text: str, _: random.Random) -> list[str]:
    """On a line before ordinary prose, 10,000 characters in all."""
    return [text + "\n" + _padding(text)]


def padded_around(text: str, _: random.Random) -> list[str]:
    """In the middle of a line of ordinary prose, 10,000 characters in all."""
    padding = _padding(text)
    half = padding.index(" ", len(padding) // 2)
    return [f"{padding[:half]} {text}{padding[half:]}"]


def _padding(text: str) -> str:
    return (_FILLER * (PADDED_TO // len(_FILLER) + 1))[: max(0, PADDED_TO - len(text) - 1)]


def split(text: str, _: random.Random) -> list[str]:
    """In two messages, cut in the middle, between words where there are two."""
    words = text.split()
    half = len(words) // 2
    if half == 0:
        return [text[: len(text) // 2], text[len(text) // 2 :]]
    return [" ".join(words[:half]), " ".join(words[half:])]


def percent(text: str, _: random.Random) -> list[str]:
    """Every letter percent-encoded."""
    return _each(text, lambda c: f"%{ord(c):02x}" if c.isascii() and c.isalpha() else quote(c, " "))


def code_block(text: str, rng: random.Random) -> list[str]:
    """In a code block, with every other word in marks of its own."""
    return [f"```\n{_wrapped(text, '`', rng)}\n```"]


def spoilers(text: str, rng: random.Random) -> list[str]:
    """Half of the words partly under a spoiler."""
    return [_wrapped(text, "||", rng)]


def _wrapped(text: str, mark: str, rng: random.Random) -> str:
    def word(match: re.Match[str]) -> str:
        at = len(match[0]) // 2
        return f"{match[0][:at]}{mark}{match[0][at:]}{mark}" if rng.random() < 0.5 else match[0]

    return _WORD.sub(word, text)


def mixed_case(text: str, rng: random.Random) -> list[str]:
    """Every letter in a case drawn by chance."""
    return _each(text, lambda c: c.upper() if rng.random() < 0.5 else c.lower())


ATTACKS: Mapping[str, Attack] = {
    "leet": leet,
    "leet, every letter": full_leet,
    "homoglyphs": homoglyphs,
    "homoglyphs, Greek": greek,
    "zero-width": zero_width,
    "bidi": bidi,
    "spacing": spacing,
    "spacing, some words": spaced_words,
    "spacing, no gaps": ungapped,
    "spacing, one to a line": one_a_line,
    "words together": together,
    "words together, all": all_together,
    "dots": dots,
    "stretched letters": stretched,
    "swapped letters": swapped,
    "dropped letters": dropped,
    "masked letters": masked,
    "diacritics": diacritics,
    "full-width": full_width,
    "mathematical letters": mathematical,
    "emoji letters": emoji_letters,
    "padding before": padded_before,
    "padding behind": padded_behind,
    "padding around": padded_around,
    "split over two messages": split,
    "percent-encoding": percent,
    "code block": code_block,
    "spoilers": spoilers,
    "mixed case": mixed_case,
}
UNDOABLE = frozenset(ATTACKS) - {
    "spacing, no gaps",
    "words together",
    "words together, all",
    "swapped letters",
    "dropped letters",
    "masked letters",
}


def attacked(name: str, text: str) -> Sequence[str]:
    """The messages in which an attack sends a text; the same ones every time."""
    return ATTACKS[name](text, random.Random(f"{SEED} {name} {text}"))
