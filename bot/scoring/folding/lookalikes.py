"""Letters of other scripts in the place of Latin ones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_WORD = re.compile(r"(?:[^\W\d_]|∂)+")
# Scripts whose words stand apart from Latin ones. Where words touch, as in Japanese, a word of
# two scripts is ordinary.
_SCRIPTS = frozenset(
    {"ARMENIAN", "CANADIAN", "CARIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "DESERET", "GEORGIAN"}
    | {"GREEK", "LISU", "LYCIAN", "OLD", "OSAGE", "RUNIC", "TIFINAGH", "WARANG"}
)
# Where people see another letter than Unicode's list, which holds only what is hard to tell apart.
_SEEN_AS = {
    **{"к": "k", "κ": "k", "м": "m", "ε": "e", "є": "e", "ω": "w", "σ": "o", "η": "n"},
    **{"ғ": "f", "ϲ": "c", "Ϲ": "C"},
    **dict(zip("ᗩᑕᗴᘜᑎᑫᔕᗯᘔ", "ACEGNQSWZ", strict=True)),
}

# What stands for a letter only beside others that do: "ι∂ισт", "niggeя".
_DRAWN_AS = {
    **dict(zip("∂υπτχ", "duntx", strict=True)),
    **dict(zip("вгийнптцчшщя", "brnnhntuywwr", strict=True)),
}


def latin_words(text: str) -> str:
    """The text with each word that mixes Latin with lookalike letters in Latin alone.

    A word wholly in another script stays, unless the text mixes scripts elsewhere and the word
    has none but exact lookalikes.
    """
    if text.isascii() or not any(_mixed(word) for word in _WORD.findall(text)):
        return text
    return _WORD.sub(_latin_word, text)


def _mixed(word: str) -> bool:
    if word.isascii() or len(word) < 3:  # "μm" and "kΩ" are units
        return False
    if any(letter.isascii() for letter in word):
        return any(not c.isascii() and _as_latin(c) != c for c in word)
    return len({_script(letter) for letter in word} & _SCRIPTS) > 1


def _latin_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii() or not (_mixed(word) or all(map(_exact, word))):
        return word
    return "".join(map(_as_latin, word))


@lru_cache(maxsize=8192)
def _as_latin(letter: str) -> str:
    """The Latin letter that this one is taken for: by its looks, or else by its sound."""
    if letter.isascii() or (_script(letter) not in _SCRIPTS and letter not in _DRAWN_AS):
        return letter
    looks = _exact(letter) or _DRAWN_AS.get(letter)
    if looks:
        return looks
    sound = anyascii(letter)
    return sound if sound.isalpha() else letter


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _exact(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    looks = _SEEN_AS.get(letter) or _SEEN_AS.get(base) or _confusable(base)
    # Unicode's list takes I and l for one letter, written "l".
    return "i" if looks == "l" and not letter.islower() else looks


def _confusable(letter: str) -> str:
    taken_for = (_ascii(each["c"]) for each in _confusables().get(letter, ()))
    return next(filter(None, taken_for), "")


def _ascii(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return letters if letters.isascii() and letters.isalpha() and len(letters) == 1 else ""


@lru_cache(maxsize=1)
def _confusables() -> dict[str, list[dict[str, str]]]:
    # Read at first need: a tenth of a second and some megabytes, which most chats never ask for.
    from confusable_homoglyphs.confusables import confusables_data

    data: dict[str, list[dict[str, str]]] = confusables_data
    return data
