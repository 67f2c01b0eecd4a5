"""Whether a text holds words as they are written."""

from __future__ import annotations

import re2

_FEW = 8
"""Characters of a text so short that a model may know it letter by letter: "f u", "k y s"."""

_WORD = re2.compile(r"\pL\p{Cf}*[\pL\pM]")
"""What is not seen parts no letters: models pass over it."""


def legible(text: str) -> bool:
    """False for a text that is spelled out: letters set apart, or as emoji, and not one word.

    What a model says of such a text it says of the way of writing. Takes time in proportion to the
    text's length.
    """
    return _WORD.search(text) is not None or len("".join(text.split())) < _FEW
