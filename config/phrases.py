"""The sentences people read, by language."""

from __future__ import annotations

import string
import tomllib
from importlib import resources

TRANSLATED = ("hi",)
"""Languages, by ISO 639-1 code, in which some sentences are there beside English."""


def translations() -> dict[str, LocalePhrases]:
    """The sentences in languages other than English, by code; each language has those it has."""
    return {locale: LocalePhrases(locale) for locale in TRANSLATED}


class LocalePhrases:
    """Fits `ports.Phrases` with the sentences of one locale."""

    def __init__(self, locale: str = "en") -> None:
        text = resources.files("config").joinpath("locales", f"{locale}.toml").read_text("utf-8")
        self._sentences = {
            f"{table}.{key}": sentence
            for table, sentences in tomllib.loads(text).items()
            for key, sentence in sentences.items()
        }

    def say(self, key: str, **fields: str) -> str:
        """The sentence with its fields filled in; an unknown key is said as it stands."""
        sentence = self._sentences.get(key, key)
        return string.Formatter().vformat(sentence, (), _Fields(fields))


class _Fields(dict[str, str]):
    """A sentence that names a field nobody gave must still be said."""

    def __missing__(self, key: str) -> str:
        return "…"
