"""What is meant by letters and words that stand for others: "kys", "unalive"."""

from __future__ import annotations

import re

from bot.scoring.folding.parting import is_word

_MEANT = {
    "kys": "kill yourself",
    "foad": "fuck off and die",
    "diaf": "die in a fire",
    "unalive": "kill",
    "unalived": "killed",
    "unaliving": "killing",
}
"""Only what hardly means anything else: "smd" is a part of electronics, too."""

SHORT_FORMS = "|".join(_MEANT)
"""A regular expression; some match within ordinary words."""

_SHORT = re.compile(rf"(?<![^\W_])(?:{SHORT_FORMS})(?![^\W_])", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")


def written_out(text: str) -> str:
    """The text with its short forms written out, unless it is in another language: "kys" is a kiss
    in Danish."""
    if _SHORT.search(text) is None:
        return text
    others = _WORD.findall(_SHORT.sub("", text))
    if 4 * sum(map(is_word, others)) < 3 * len(others):
        return text
    return _SHORT.sub(lambda short: _MEANT[short[0].lower()], text)
