"""Languages that a model was not trained on: its scores of them say little."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from py3langid.langid import LanguageIdentifier

from bot.domain.signals import Uncovered
from bot.scoring.checkpoints import MODELS_FOLDER
from bot.scoring.folding import folded
from bot.scoring.languages import open_identifier

_ENGLISH = frozenset({"en"})
LANGUAGES: Mapping[str, frozenset[str]] = {
    "mini": _ENGLISH,
    "original": _ENGLISH,
    "original-small": _ENGLISH,
    "unbiased": _ENGLISH,
    "unbiased-small": _ENGLISH,
    "multilingual": frozenset({"en", "fr", "es", "it", "pt", "tr", "ru"}),
}
"""ISO 639-1 codes of what each model that Aman knows by name was trained on."""

_SCRIPTS = {"ru": "CYRILLIC"}
_FEW = 3
_SHARE = 0.2
_ENOUGH = 20
"""Letters from which a language can be told; below, an English "ok lol" may be anything."""
_UNLIKELY = 0.01
"""With less than this for the model's languages together, 92 to 98 % of lines of eight words in
fifteen other languages are told, and at most 0.5 % of English chat is taken for one of them."""
_NO_LANGUAGE = "zxx"
_LONGEST = 1_000
_NOT_LANGUAGE = re.compile(r"https?://\S+|[@#]\w+|:\w+:|`[^`]*`")


class Coverage:
    """Tells which texts a model's languages do not cover.

    languages: ISO 639-1 codes. identifier: gives probabilities.
    """

    def __init__(self, languages: frozenset[str], identifier: LanguageIdentifier) -> None:
        self._languages = languages
        self._scripts = {"LATIN", *(_SCRIPTS.get(each, "LATIN") for each in languages)}
        self._identifier = identifier

    def __call__(self, text: str) -> Uncovered | None:
        """The language, or failing that the script, which the model does not know.

        None also where the text is too short to tell: a short line in Latin letters.
        """
        said = folded(_NOT_LANGUAGE.sub(" ", text[:_LONGEST]))
        scripts = Counter(filter(None, map(_script, said)))
        letters = scripts.total()
        for script, count in scripts.most_common():
            if script not in self._scripts and count >= max(_FEW, _SHARE * letters):
                return Uncovered(script.title())
        if letters < _ENOUGH:
            return None
        ranked = self._identifier.rank(said.lower())
        likely = ranked[0][0]
        covered = sum(share for language, share in ranked if language in self._languages)
        return Uncovered(likely) if covered < _UNLIKELY and likely != _NO_LANGUAGE else None


def coverage_of(model: str, data_dir: Path) -> Coverage | None:
    """The coverage of a model that Aman knows by name; None for one whose languages it does not.
    Not for the event loop: see `open_identifier`."""
    languages = LANGUAGES.get(model)
    if languages is None:
        return None
    return Coverage(languages, open_identifier(data_dir / MODELS_FOLDER / "languages"))


def _script(letter: str) -> str:
    if letter.isascii():
        return "LATIN" if letter.isalpha() else ""
    if not letter.isalpha():
        return ""
    return unicodedata.name(letter, "").partition(" ")[0]
