"""Digits and signs in the place of letters.

Ordinary text mixes letters and digits too ("3D", "mp3", "covid19", versions, hashes, code). What
looks like that stays, unless the text around it is plainly written in this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from bot.scoring.folding.parting import is_word

Letters = Callable[[str], str]

_CERTAIN = dict(zip("03457@$+€¢¥", "oeastastecy", strict=True))
_FIRST = str.maketrans({**_CERTAIN, "1": "i", "!": "i", "|": "i", "6": "g", "8": "b", "9": "g"})
_SECOND = str.maketrans({**_CERTAIN, "1": "l", "!": "i", "|": "l", "6": "b", "8": "b", "9": "g"})

_SIGN = "@$!|+€¢¥"
_HINT = re.compile(
    rf"[A-Za-z](?:\d|[{_SIGN}]+[A-Za-z0-9])|[\d$][A-Za-z]|@(?:ss|\$\$)", re.IGNORECASE
)
_ASS = re.compile(r"@(?:ss|\$\$|[s5$]{2}h)", re.IGNORECASE)
_CHUNK = re.compile(r"\S+")
_TOKEN = re.compile(rf"[A-Za-z0-9{_SIGN}]+")
_AROUND = "\"'“”‘’()[]{}<>.,;:?!*~_-…#=^"
_CODE = re.compile(r"[/\\_=<>{}\[\]#%&^:;()]|\w\.\w|\w@\w+\.\w")
_UNITS = "min|mins|sec|secs|hrs|fps|mph|kph|kmh|bit|bits|day|days|gig|rpm|dpi|mah|usd|eur|gbp|inr"
_NEVER = re.compile(r"0x[0-9a-f]+|\d+th|(?=[a-f]*\d)[0-9a-f]{6,}|\d+x\d+|.{25,}", re.IGNORECASE)
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
    """The text with letters where digits and signs stand for them; 1 is read as i, unless only l
    makes it a word."""
    return _unleeted(text, _LIKE_I)


def unleeted_with_l(text: str) -> str:
    """As `unleeted`, with 1 read as l, unless only i makes it a word."""
    return _unleeted(text, _LIKE_L)


def _unleeted(text: str, letters: Letters) -> str:
    if _HINT.search(text) is None:
        return text
    decoded = _decoded_among_leet if _written_so(text, letters) else _decoded
    return _in_words(text, lambda token: decoded(token, letters))


def _in_words(text: str, change: Callable[[str], str]) -> str:
    def chunk(match: re.Match[str]) -> str:
        core = match[0].strip(_AROUND)
        if not core or _CODE.search(core):
            return match[0]
        before, _, after = match[0].partition(core)
        if before.endswith("!"):  # "!d1ot", and as well "!help"
            before, core = before[:-1], f"!{core}"
        return before + _TOKEN.sub(lambda token: change(token[0]), core) + after

    return _CHUNK.sub(chunk, text)


def _written_so(text: str, letters: Letters) -> bool:
    """Whether one word is surely leet and half of all words, more than one, could be."""
    words = mixed = sure = 0

    def count(token: str) -> str:
        nonlocal words, mixed, sure
        if not _is_mention(token):
            words += 1
            mixed += _decoded(token, letters, _NEVER) != token
            sure += _decoded(token, letters) != token
        return token

    _in_words(text, count)
    return sure > 0 and mixed > 1 and 2 * mixed >= words


def _decoded(token: str, letters: Letters, ordinary: re.Pattern[str] = _ORDINARY) -> str:
    if token[0] == "!":
        return _with_what_leads(token, letters, partial(_decoded, ordinary=ordinary))
    if token.isalpha() or _is_mention(token) or _NEVER.fullmatch(token):
        return token
    known = sum(map(str.isalpha, token))
    decoded = letters(token)
    if not decoded.isalpha() or (known == 0 and not _ASS.match(token)):
        return token
    if ordinary.fullmatch(token):
        return decoded if _spells(token, decoded) else token
    if ordinary is _ORDINARY and 2 * known < len(token):  # most such are times and part numbers
        return decoded if len(decoded) > 2 and is_word(decoded) else token
    return decoded


def _decoded_among_leet(token: str, letters: Letters) -> str:
    """As `_decoded`, and "4", "455" and "@ll" are words as well where all around them are."""
    if token[0] == "!":
        return _with_what_leads(token, letters, _decoded_among_leet)
    if token.isalpha() or _NEVER_AMONG_LEET.fullmatch(token):
        return token
    decoded = letters(token)
    if token[0] == "@" and not is_word(decoded):
        return token
    return decoded if decoded.isalpha() else token


def _with_what_leads(token: str, letters: Letters, decode: Callable[[str, Letters], str]) -> str:
    """A token behind "!", which is a letter where only that makes a word: "!diot"."""
    whole, rest = letters(token), decode(token[1:], letters) if token[1:] else ""
    return whole if is_word(whole) and not is_word(rest) else f"!{rest}"


def _is_mention(token: str) -> bool:
    return token[0] == "@" and not _ASS.match(token)


def _spells(token: str, decoded: str) -> bool:
    """Whether what looks ordinary is a word for all that: "r374rd", "5h17", "h03"."""
    signs = sum(not letter.isalpha() for letter in token)
    return signs > 1 and (len(token) > 3 or token[0].isalpha()) and is_word(decoded)


def _likelier(token: str, first: Mapping[int, str], other: Mapping[int, str]) -> str:
    read = token.translate(first)
    return read if is_word(read) or not is_word(token.translate(other)) else token.translate(other)


_LIKE_I: Letters = partial(_likelier, first=_FIRST, other=_SECOND)
_LIKE_L: Letters = partial(_likelier, first=_SECOND, other=_FIRST)
