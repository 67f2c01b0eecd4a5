"""Digits and signs in the place of letters.

Ordinary text mixes letters and digits too ("3D", "mp3", "covid19", versions, hashes, code). What
looks like that stays, unless the text around it is plainly written in this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.scoring.folding.parting import is_word

_CERTAIN = dict(zip("03457@$+€¢¥5", "oeast" + "astecys", strict=True))
_FIRST = str.maketrans({**_CERTAIN, "1": "i", "!": "i", "|": "i", "6": "g", "8": "b", "9": "g"})
_SECOND = str.maketrans({**_CERTAIN, "1": "l", "!": "i", "|": "l", "6": "b", "8": "b", "9": "g"})

_SIGN = "@$!|+€¢¥"
_HINT = re.compile(rf"[A-Za-z](?:\d|[{_SIGN}]+[A-Za-z0-9])|[\d$][A-Za-z]|@ss", re.IGNORECASE)
_ASS = re.compile(r"@(?:ss|55|\$\$)", re.IGNORECASE)
_CHUNK = re.compile(r"\S+")
_TOKEN = re.compile(rf"[A-Za-z0-9{_SIGN}]+")
_AROUND = "\"'“”‘’()[]{}<>.,;:?!*~_-…"
_CODE = re.compile(r"[/\\_=<>{}\[\]#%&^:;()]|\w\.\w|\w@\w+\.")
_UNITS = "min|mins|sec|secs|hrs|fps|mph|kph|kmh|bit|bits|day|days|gig|rpm|dpi|mah|usd|eur|gbp|inr"
_NEVER = re.compile(r"0x[0-9a-f]+|(?=[a-f]*\d)[0-9a-f]{6,}|\d+x\d+|.{25,}", re.IGNORECASE)
_NEVER_AMONG_LEET = re.compile(r"0x[0-9a-f]+|\d+x\d+|.{25,}", re.IGNORECASE)
_ORDINARY = re.compile(
    rf"[$€¥+]*\d+(?:[a-z]{{1,2}}|{_UNITS})[+!]*"  # 3D, 20th, 100k, $5k, 5min
    r"|[a-z]+\d+[+!$]*"  # mp3, covid19, PS5
    r"|[a-z]+\d{3,}[a-z]*"  # rtx3080ti
    r"|v\d+[a-z]*"  # v2beta
    r"|[a-z][2689][a-z]"  # k8s, b2b
    r"|\d+[a-z]\d+"  # 4x4, 1v1, 2d6
    r"|\$[a-z]+|[a-z]+[+!|]+"  # $PATH, c++, wow!!
    r"|(?-i:\d[A-Z][a-z]+\w*)",  # 4Head
    re.IGNORECASE,
)


def unleeted(text: str) -> str:
    """The text with letters where digits and signs stand for them; 1 is read as i."""
    return _unleeted(text, _FIRST)


def unleeted_with_l(text: str) -> str:
    """As `unleeted`, with 1 read as l."""
    return _unleeted(text, _SECOND)


def _unleeted(text: str, letters: Mapping[int, str]) -> str:
    if _HINT.search(text) is None:
        return text
    plainly = _written_so(text, letters)

    def token(match: re.Match[str]) -> str:
        if plainly:
            return _decoded_among_leet(match[0], letters)
        return _decoded(match[0], letters, _ORDINARY)

    return _in_words(text, token)


def _in_words(text: str, token: Callable[[re.Match[str]], str]) -> str:
    def chunk(match: re.Match[str]) -> str:
        core = match[0].strip(_AROUND)
        if not core or _CODE.search(core):
            return match[0]
        before, _, after = match[0].partition(core)
        return before + _TOKEN.sub(token, core) + after

    return _CHUNK.sub(chunk, text)


def _written_so(text: str, letters: Mapping[int, str]) -> bool:
    """Whether one word is surely leet and half of all words, more than one, could be."""
    words = mixed = sure = 0

    def count(match: re.Match[str]) -> str:
        nonlocal words, mixed, sure
        words += 1
        mixed += _decoded(match[0], letters, _NEVER) != match[0]
        sure += _decoded(match[0], letters, _ORDINARY) != match[0]
        return match[0]

    _in_words(text, count)
    return sure > 0 and mixed > 1 and 2 * mixed >= words


def _decoded(token: str, letters: Mapping[int, str], ordinary: re.Pattern[str]) -> str:
    if token.isalpha() or (token[0] == "@" and not _ASS.match(token)):  # "@sam" is a mention
        return token
    if _NEVER.fullmatch(token) or ordinary.fullmatch(token):
        return token
    known = sum(map(str.isalpha, token))
    decoded = token.translate(letters)
    if not decoded.isalpha() or known == 0:
        return token
    if ordinary is _ORDINARY and 2 * known < len(token):  # most such are times and part numbers
        return decoded if known > 1 and is_word(decoded) else token
    return decoded


def _decoded_among_leet(token: str, letters: Mapping[int, str]) -> str:
    """As `_decoded`, and "4", "455" and "@ll" are words as well where all around them are."""
    if token.isalpha() or _NEVER_AMONG_LEET.fullmatch(token):
        return token
    decoded = token.translate(letters)
    return decoded if decoded.isalpha() else token
