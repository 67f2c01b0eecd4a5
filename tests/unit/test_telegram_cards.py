"""What a card looks like on Telegram."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.adapters.telegram.cards import drawn, keyboard
from bot.adapters.telegram.files import Reference
from bot.adapters.telegram.kept import Kept
from bot.adapters.telegram.writing import MOST_TEXT, Written, harmless, length
from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.effects import EffectKind, Result
from bot.domain.explanations import WordWeight
from bot.domain.messages import Attachment, Author, Person, Place
from config.phrases import LocalePhrases
from tests.factories import NOW, a_message, a_verdict, an_opened_case

PHRASES = LocalePhrases()
JOINER = "\u2060"


def a_card(text: str = "you idiot", name: str = "Asha", **changes: Any) -> Card:
    message = a_message(text, author=Author(Person("telegram", "7", name)))
    values: dict[str, Any] = {
        "case": an_opened_case(message=message).case,
        "message": message,
        "scores": None,
        "record": Record(),
        "done": (),
        "buttons": (Button("a" * 32, Press.RESTORE), Button("b" * 32, Press.BAN)),
    }
    return Card(**{**values, **changes})


def covered(written: Written) -> list[str]:
    """What the spoilers cover, read as Telegram does: in UTF-16 units."""
    units = written.text.encode("utf-16-le", "surrogatepass")
    return [
        units[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le")
        for each in written.entities
        if each.type == MessageEntity.SPOILER
    ]


def test_what_was_said_is_covered_and_nothing_else_is() -> None:
    assert covered(drawn(a_card("😀 you idiot 😀", name="😀"), PHRASES)) == ["😀 you idiot 😀"]


@given(text=st.text(min_size=1), name=st.text(max_size=300))
@example(text="empty lines at the end show nothing\n\n", name="Asha")
def test_whatever_was_said_is_covered_whole_and_fits(text: str, name: str) -> None:
    written = drawn(a_card(text, name), PHRASES)
    assert length(written.text) <= MOST_TEXT
    for each in written.entities:
        assert 0 <= each.offset < each.offset + each.length <= length(written.text)
    shown = harmless(a_card(text).message.text)  # type: ignore[union-attr]
    if shown.strip() and length(shown) <= 2000:
        assert covered(written) == [shown.rstrip("\n")]


def test_a_message_of_a_megabyte_is_cut_and_the_card_says_so() -> None:
    done = tuple(Done(EffectKind.HIDE, Result.REFUSED, "x" * 5000, NOW) for _ in range(50))
    verdict = a_verdict(reason="🤬" * 1000)
    message = a_message("🤬" * 500_000, author=Author(Person("telegram", "7", "🤬" * 900)))
    case = an_opened_case(message=message, verdict=verdict).case
    words = [WordWeight("🤬" * 300, 0.5)] * 3
    card = a_card(case=case, message=message, done=done, words=words, whys=["🤬" * 900] * 9)
    written = drawn(card, PHRASES)
    assert length(written.text) <= MOST_TEXT
    assert "more characters" in written.text


def test_nobody_is_pinged_and_no_link_can_be_followed_by_mistake() -> None:
    written = drawn(a_card("@noor see https://evil.example/x or t.me/trap", "@asha"), PHRASES)
    for found in ("@noor", "@asha", "https://e", "evil.example", "t.me"):
        assert found not in written.text
    assert f"https://{JOINER}evil.{JOINER}example" in written.text


def test_a_name_cannot_turn_the_card_around() -> None:
    written = drawn(a_card("x", name="asha\u202enoor\u2066"), PHRASES)
    assert "ashanoor" in written.text


def test_markup_in_a_text_is_no_markup_of_ours() -> None:
    written = drawn(a_card("*bold* [x](http://y) <b>z</b>"), PHRASES)
    assert covered(written) == [f"*bold* [x](http://{JOINER}y) <b>z</b>"]
    kinds = {each.type for each in written.entities}
    assert kinds <= {MessageEntity.SPOILER, MessageEntity.BOLD, MessageEntity.ITALIC}


def test_buttons_bear_nothing_but_an_id_that_fits() -> None:
    rows = keyboard(a_card(), PHRASES).inline_keyboard
    ids = [str(button.callback_data) for row in rows for button in row]
    assert ids == ["a" * 32, "b" * 32]
    assert all(len(each.encode()) <= 64 for each in ids)


@pytest.mark.parametrize("text", ["", "   "])
def test_a_message_without_text_says_so(text: str) -> None:
    assert "only files" in drawn(a_card(text), PHRASES).text


def test_files_that_cannot_be_covered_are_named_under_a_cover() -> None:
    files = (
        Attachment("photo", "5:p"),
        Attachment("sticker", "5:s"),
        Attachment("document", "5:d", "you_idiot.pdf"),
    )
    message = a_message("look", place=Place("telegram", "-1"), attachments=files)
    written = drawn(a_card(message=message), PHRASES)
    assert f"Not shown here: sticker, document you idiot.{JOINER}pdf" in written.text
    assert f"sticker, document you idiot.{JOINER}pdf" in covered(written)
    above = Kept("-9", (Reference("7", ("p",)), None, Reference("8", ("d",))))
    assert "Not shown here: sticker\n" in drawn(a_card(message=message), PHRASES, above).text
    elsewhere = a_message("look", place=Place("discord", "1"), attachments=files[:1])
    assert "Not shown here: photo" in drawn(a_card(message=elsewhere), PHRASES).text


def test_what_reporters_wrote_is_covered_too() -> None:
    assert covered(drawn(a_card("x", whys=["he insults @noor"]), PHRASES)) == [
        "x",
        f"he insults @{JOINER}noor",
    ]


def test_the_newest_of_a_long_history_are_shown() -> None:
    done = [Done(EffectKind.HIDE, Result.REFUSED, f"{n} " * 60, NOW) for n in range(100, 130)]
    text = drawn(a_card(done=done), PHRASES).text
    assert "129 129" in text
    assert "100 100" not in text


def test_what_was_erased_is_not_shown() -> None:
    assert "erased" in drawn(a_card(message=None), PHRASES).text
