"""What people read, in each language that there is."""

from __future__ import annotations

import string
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from config.phrases import TRANSLATED, LocalePhrases


def sentences(locale: str) -> dict[str, str]:
    text = resources.files("config").joinpath("locales", f"{locale}.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    return {f"{table}.{key}": said for table, all_ in tables.items() for key, said in all_.items()}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_says_what_english_says_with_the_same_fields(locale: str) -> None:
    english = sentences("en")
    for key, sentence in sentences(locale).items():
        assert fields(sentence) == fields(english[key]), key


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_names_every_command(locale: str) -> None:
    english, translated = sentences("en"), sentences(locale)
    named = ("commands.", "discord.command_aman", "discord.option_", "discord.menu_")
    assert [key for key in english if key.startswith(named) and key not in translated] == []


def test_a_sentence_that_lacks_a_field_is_still_said() -> None:
    assert LocalePhrases().say("press.held") == "… is deciding this case at the moment."
    assert LocalePhrases().say("no.such") == "no.such"


def test_the_reviewers_page_calls_every_button_what_the_button_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reviewers.md").read_text("utf-8")
    labels = [said for key, said in sentences("en").items() if key.startswith("button.")]
    assert [label for label in labels if label not in page] == []
