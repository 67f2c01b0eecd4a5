"""Hindi in Devanagari as people write it in Latin letters: a model may know it only so.

A text that holds no harsh word of `harsh_hindi.txt` stays as it is: what a model makes of ordinary
Hindi is too often wrong.

The short "a" that a consonant has by itself is not spoken at the end of a word, nor between a
vowel and a consonant that has one of its own (Ohala, "Aspects of Hindi Phonology", 1983), and is
not written then. Vowels are not told long from short, as most people do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import resources

_CONSONANTS = {
    **{"क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n"},
    **{"च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n"},
    **{"ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n"},
    **{"त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n"},
    **{"प": "p", "फ": "ph", "ब": "b", "भ": "bh", "म": "m"},
    **{"य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v"},
    **{"श": "sh", "ष": "sh", "स": "s", "ह": "h"},
}
_DOTTED = {"k": "q", "j": "z", "ph": "f"}
"""What a consonant becomes by the dot below, where that is heard in what people write."""
_VOWELS = {
    **{"अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri"},
    **{"ऍ": "e", "ए": "e", "ऐ": "ai", "ऑ": "o", "ओ": "o", "औ": "au"},
}
_SIGNS = {
    **{"ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri"},
    **{"ॅ": "e", "े": "e", "ै": "ai", "ॉ": "o", "ो": "o", "ौ": "au"},
}
_INHERENT = "a"
_NASALS, _BREATH, _MUTE, _DOT = "ंँ", "ः", "्", "़"
_NASAL = "~"
"""What is spoken as m before the lips close, as n elsewhere."""
_LIPS = ("p", "b", "m")
_LETTERS = "\u0900-\u0963\u0970-\u097f"
_UNSEEN = "\u200b-\u200d\u2060\ufeff"
"""Characters that show nothing, or only how letters join."""
_WORD = re.compile(f"[{_LETTERS}][{_LETTERS}{_UNSEEN}]*")
_NOT_SEEN = re.compile(f"[{_UNSEEN}]")
_SIGN_OR_DIGIT = str.maketrans("।॥०१२३४५६७८९", "..0123456789")

_OFTEN = {
    **{"में": "mein", "यह": "yeh", "वह": "woh", "ॐ": "om"},
    **{"वाला": "wala", "वाले": "wale", "वाली": "wali", "वालों": "walon"},
}
"""Words that are written otherwise than they are spoken."""
_SPELLED = (("chchh", "cch"), ("chch", "cch"), ("jny", "gy"), ("jn", "gy"), ("aa", "a"))


@dataclass(frozen=True, slots=True)
class _Sound:
    """A consonant, "" where there is none, and the vowel after it.

    weak: the vowel is the one that no sign stands for.
    """

    consonant: str
    vowel: str
    weak: bool = False


def harsh_in_latin(text: str) -> str:
    """The text in Latin letters, if it says something harsh in Devanagari."""
    words = map(_bare, _WORD.findall(text))
    return text if _harsh_words().isdisjoint(words) else in_latin(text)


def in_latin(text: str) -> str:
    """The text with its words of Devanagari in Latin letters."""
    return _WORD.sub(_word, text).translate(_SIGN_OR_DIGIT)


@cache
def _harsh_words() -> frozenset[str]:
    lines = resources.files(__package__).joinpath("harsh_hindi.txt").read_text("utf-8")
    return frozenset(map(_bare, _WORD.findall(lines)))


def _bare(word: str) -> str:
    """A word without what people write or leave out as they please."""
    return _taken_apart(word).replace(_DOT, "").replace("ँ", "ं")


def _taken_apart(word: str) -> str:
    """A word without unseen characters, a letter and the dot below it as two characters."""
    return unicodedata.normalize("NFD", _NOT_SEEN.sub("", word))


def _word(found: re.Match[str]) -> str:
    written = _taken_apart(found[0])
    if written in _OFTEN:
        return _OFTEN[written]
    latin = "".join(each.consonant + each.vowel for each in _spoken(_sounds(written)))
    for long, short in _SPELLED:
        latin = latin.replace(long, short)
    return latin


def _sounds(word: str) -> list[_Sound]:
    sounds: list[_Sound] = []
    for letter in word:
        last = sounds[-1] if sounds else _Sound("", "")
        if letter in _CONSONANTS:
            sounds.append(_Sound(_CONSONANTS[letter], _INHERENT, weak=True))
        elif letter in _VOWELS:
            sounds.append(_Sound("", _VOWELS[letter]))
        elif letter in _NASALS or letter in _BREATH:
            sounds.append(_Sound(_NASAL if letter in _NASALS else "h", ""))
        elif last.weak and letter in _CHANGES:
            sounds[-1] = _CHANGES[letter](last)
    return sounds


_CHANGES: dict[str, Callable[[_Sound], _Sound]] = {
    _MUTE: lambda sound: replace(sound, vowel="", weak=False),
    _DOT: lambda sound: replace(sound, consonant=_DOTTED.get(sound.consonant, sound.consonant)),
    **{sign: partial(replace, vowel=vowel, weak=False) for sign, vowel in _SIGNS.items()},
}


def _spoken(sounds: list[_Sound]) -> list[_Sound]:
    """The sounds without vowels that are not spoken, and with nasals as their neighbours make
    them."""
    heard = [*sounds]
    for at in reversed(range(len(sounds))):
        after = heard[at + 1] if at + 1 < len(heard) else None
        between = after is None or (after.consonant and after.vowel and heard[at - 1].vowel)
        if at and heard[at].weak and between:
            heard[at] = replace(heard[at], vowel="")
        if heard[at].consonant == _NASAL:
            before_lips = after is not None and after.consonant.startswith(_LIPS)
            heard[at] = replace(heard[at], consonant="m" if before_lips else "n")
    return heard
