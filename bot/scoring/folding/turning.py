"""Letters that stand on their heads, from the last to the first: "ʇoᴉpᴉ"."""

from __future__ import annotations

import re

_TURNED = "ɐqɔpǝɟƃɥıɾʞןɯuodbɹsʇnʌʍxʎz"
_UPRIGHT = "abcdefghijklmnopqrstuvwxyz"
_TURN = str.maketrans(
    {
        **dict(zip(_TURNED, _UPRIGHT, strict=True)),
        **dict(zip("ᴉᴚɓʅлʃ¡¿˙'„", 'irglvl!?.,"', strict=True)),
        **dict(zip("∀ƆƎℲ⅁ſ⅂Ԁ∩Λ⅄", "ACEFGJLPUVY", strict=True)),
        **dict(zip("()[]{}<>", ")(][}{><", strict=True)),
    }
)
_SURELY = re.compile("[ɐɔǝɟƃɥɾʞןɯɹʇʌʍʎᴉ]")
_FEWEST = 2


def turned(text: str) -> str:
    """The text from its other end, where at least two of its letters surely stand on their heads,
    in half of its words."""
    words = text.split()
    if len(_SURELY.findall(text)) < _FEWEST or len(words) > 2 * sum(map(_has_turned, words)):
        return text
    return "\n".join(line.translate(_TURN)[::-1] for line in text.split("\n"))


def _has_turned(word: str) -> bool:
    return _SURELY.search(word) is not None
