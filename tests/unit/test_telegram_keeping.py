"""What is known of copies of a message's files, and when nothing is copied."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.case_files import CaseFiles
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.copies import Copies
from bot.adapters.telegram.files import Reference, to_be_copied
from bot.adapters.telegram.keeping import Keeper
from bot.adapters.telegram.kept import Kept
from bot.domain.effects import Effect, EffectKind, Intent
from bot.domain.files import WITH_CASE
from bot.domain.memory import Facts
from bot.domain.messages import Attachment, Place
from bot.domain.ports import Order
from bot.domain.repositories import Store
from config.phrases import LocalePhrases
from tests.factories import NOW, a_message

LOBBY = Place("telegram", "-1")
PHOTO = Attachment("photo", "5:p:spoiler")
STICKER = Attachment("sticker", "5:s")

ids = st.text("abcXYZ019-_", min_size=1)
references = st.builds(
    Reference,
    st.integers(1).map(str),
    st.lists(ids, min_size=1, max_size=2).map(tuple),
    st.booleans(),
    st.booleans(),
)


def an_order(**changes: Any) -> Order:
    message = a_message(place=LOBBY, attachments=(PHOTO, STICKER))
    intent = Intent("i", "k", Effect(EffectKind.HIDE, "case", LOBBY, "5"), NOW)
    return Order(intent, 1, message=message, **changes)


def a_keeper() -> Keeper:
    """One that breaks if it asks for anything."""
    copies = Copies(cast(Facts, None))
    store = cast(Store, None)
    return Keeper(cast(Client, None), copies, CaseFiles(store), store, LocalePhrases())


@given(references)
def test_a_reference_is_read_as_it_was_written(reference: Reference) -> None:
    assert Reference.read(str(reference)) == reference


@given(st.lists(st.none() | references, min_size=1))
def test_copies_are_read_as_they_were_written(refs: list[Reference | None]) -> None:
    kept = Kept("-100", tuple(refs))
    assert Kept.read(str(kept)) == kept


def test_a_copy_is_covered_as_its_author_covered_it() -> None:
    kept = Kept("-100", (Reference("77", ("p2",)), None))
    assert kept.copies((PHOTO, STICKER)) == [Attachment("photo", "77:p2:spoiler"), STICKER]
    uncovered = Kept("-100", (Reference("77", ("p2",), covered=True),))
    assert uncovered.copies([Attachment("photo", "5:p")]) == [Attachment("photo", "77:p2")]


def test_only_what_is_not_seen_unasked_is_copied() -> None:
    seen = (STICKER, Attachment("video_note", "5:n"), Attachment("document", "5:d:pictured"))
    unseen = (Attachment("voice", "5:v"), Attachment("document", "5:d"), PHOTO)
    assert to_be_copied(a_message(place=LOBBY, attachments=(*seen, *unseen))) == [3, 4, 5]
    assert to_be_copied(a_message(place=Place("discord", "1"), attachments=unseen)) == []


async def test_what_was_copied_for_an_earlier_hide_is_not_copied_again() -> None:
    kept = str(Kept("-100", (Reference("77", ("p2",)), None)))
    assert (await a_keeper().keep(an_order(kept=kept))).ref == kept


def test_copies_of_what_came_late_stand_beside_those_that_there_are() -> None:
    first, second, third = (Reference(str(n), ("p",)) for n in range(3))
    joined = Kept("-100", (None, second)).joined(Kept("-100", (first, None, third)))
    assert joined == Kept("-100", (first, second, third))
    assert Kept("-100", (first,)).joined(Kept("-100", (second,))) == Kept("-100", (first,))


async def test_what_was_shown_with_the_card_counts_as_copied() -> None:
    keeper, kept = a_keeper(), Kept("-100", (Reference("77", ("p2",)), None))
    keeper.note("case", kept)
    assert (await keeper.keep(an_order())).ref == str(kept)


def test_what_is_kept_with_the_case_is_no_copy_to_the_releases_before() -> None:
    assert Kept.read(WITH_CASE).copies([PHOTO, STICKER]) == [PHOTO, STICKER]
