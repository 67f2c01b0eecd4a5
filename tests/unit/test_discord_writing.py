"""What Discord is given to show: cards, names, and texts that ping and link nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from discord import Embed
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.buttons import card_view, menu_view
from bot.adapters.discord.cards import drawn
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import (
    MOST_EMBED,
    covered,
    plain,
    plain_within,
    webhook_name,
)
from bot.domain.cards import Button, Card, Done, Record, presses
from bot.domain.desk import Answer, Choice, CommandName, Sentence, sentence
from bot.domain.effects import EffectKind, Result
from bot.domain.scores import Label, Scores
from config.phrases import LocalePhrases
from tests.factories import NOW, a_message, an_opened_case

WORDS = Words(LocalePhrases())
ANY_TEXT = st.text(max_size=400)


def a_card(text: str = "you idiot", **changes: object) -> Card:
    case = replace(an_opened_case().case, number=3)
    pressable = presses(case, confirming_ban=False)
    values: dict[str, object] = {
        "case": case,
        "message": a_message(text, link="https://discord.com/channels/1/2/3"),
        "scores": Scores({Label.TOXICITY: 0.97}),
        "record": Record(),
        "done": (),
        "buttons": tuple(Button(f"id{n}" + "x" * 28, each) for n, each in enumerate(pressable)),
        **changes,
    }
    return Card(**values)  # type: ignore[arg-type]


def described(card: Card) -> str:
    embed: Embed = drawn(card, WORDS)
    return embed.description or ""


@given(ANY_TEXT)
def test_nothing_that_is_quoted_opens_its_cover_or_pings(text: str) -> None:
    shown = plain(text)
    assert "||" not in shown.replace("\\|", "")
    assert "@everyone" not in shown
    assert "http://" not in shown
    assert "\u202e" not in shown
    assert covered(shown).startswith("||")


@given(ANY_TEXT, st.integers(0, 300))
def test_a_text_is_cut_to_what_fits_when_it_is_written(text: str, most: int) -> None:
    shown, left_out = plain_within(text, most)
    assert len(shown) <= most
    assert shown == plain(text[: len(text) - left_out])


@pytest.mark.parametrize("text", ["x" * 50_000, "|" * 9_000, "@" * 9_000, "\u202e" * 9_000, ""])
def test_a_card_fits_into_an_embed_whatever_was_said(text: str) -> None:
    many = [Done(EffectKind.HIDE, Result.FAILED, "because " * 99, NOW)] * 40
    card = a_card(text, done=many, whys=("why " * 200,) * 9)
    assert len(described(card)) <= MOST_EMBED


def test_a_card_covers_what_was_said_and_what_reporters_wrote() -> None:
    shown = described(a_card("you *idiot*", whys=("he ||lies||",)))
    assert "||you \\*idiot\\*||" in shown
    assert "||he \\|\\|lies\\|\\|||" in shown


@pytest.mark.parametrize("unseen", ["\u200b", "\u3164", "\u202e", "\U000e0041", "\ufe0f"])
def test_a_card_says_of_how_many_unseen_characters_a_text_is_made(unseen: str) -> None:
    shown = described(a_card(unseen * 2_345))
    assert "only 2,345 unseen characters" in shown
    assert "only files" not in shown


@pytest.mark.parametrize("unseen", ["\u200b", "\U000e0041"])
def test_unseen_characters_push_nothing_off_a_card(unseen: str) -> None:
    shown = described(a_card(f"{unseen * 3_000}you idiot{unseen * 900}"))
    assert "||you idiot||" in shown
    assert "more characters" not in shown


def test_a_card_of_a_message_of_files_alone_says_so() -> None:
    assert "only files" in described(a_card(""))


def test_a_card_without_its_evidence_says_so() -> None:
    assert "erased" in described(a_card(message=None))


async def test_buttons_have_opaque_ids_that_fit_and_ask_for_a_reason_where_it_hurts() -> None:
    items = card_view(a_card(), WORDS).to_components()
    buttons = [button for row in items for button in row["components"]]
    assert [button["label"] for button in buttons][:2] == ["Restore", "Keep hidden"]
    assert all(len(button["custom_id"]) <= 100 for button in buttons)
    assert max(len(row["components"]) for row in items) <= 5
    asks = {button["label"] for button in buttons if ":r:" in button["custom_id"]}
    assert asks == {"Warn", "Mute", "Kick"}


async def test_a_menu_of_many_rows_fits_into_five() -> None:
    rows = tuple((Choice(sentence("label.insult"), CommandName.SETTINGS, "x"),) for _ in range(9))
    view = menu_view(Answer((), rows), WORDS, "https://discord.com/invite")
    assert view is not None
    assert len(view.to_components()) <= 5
    assert sum(len(row["components"]) for row in view.to_components()) == 9


@pytest.mark.parametrize("name", ["Discord Staff", "clyde", "  ", "x" * 200, "dIsCoRd"])
def test_a_webhook_may_bear_any_authors_name(name: str) -> None:
    shown = webhook_name(name)
    assert 1 <= len(shown) <= 80
    assert "discord" not in shown.lower()
    assert "clyde" not in shown.lower()


def test_discord_says_in_its_own_words_what_it_has_words_for() -> None:
    assert "/aman settings" in WORDS.said(Sentence("mode.observe"))
    assert WORDS.said(Sentence("press.undone")) == LocalePhrases().say("press.undone")
