"""Cards and buttons on record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.cards import Press
from bot.domain.cases import DecisionKind, decide, take
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.messages import Place
from bot.domain.repositories import CardRefusals, DrawnButton
from bot.storage import SqlStore
from bot.storage.engines import database_url as parsed
from bot.storage.engines import writing_engine
from tests.factories import NOOR, NOW, REVIEW, a_policy
from tests.factories.records import COMMUNITY, a_community, a_recorded_case

PRESSES = (Press.RESTORE, Press.KEEP_HIDDEN, Press.BAN)
OTHER_REVIEW = Place("playground", "review", "topic-2")


@pytest.fixture(autouse=True)
async def community(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())


async def test_buttons_drawn_again_keep_their_ids(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)
        drawn = await tx.cards.draw_buttons(case, PRESSES)
    async with store.transaction() as tx:
        again = await tx.cards.draw_buttons(case, (Press.CANCEL, *reversed(PRESSES)))
    assert [button.press for button in drawn] == list(PRESSES)
    assert again[1:] == tuple(reversed(drawn))
    assert again[0].press is Press.CANCEL
    assert len({button.id for button in again}) == 4
    assert all(button.id.isascii() and len(button.id) <= 32 for button in again)


async def test_a_button_says_what_it_stands_for_and_an_unknown_one_nothing(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)
        await tx.cases.save(claimed := take(case, NOOR, 0, a_policy(), NOW).case)
        old = await tx.cards.draw_buttons(case, PRESSES)
        new = await tx.cards.draw_buttons(claimed, PRESSES)
    assert not {button.id for button in old} & {button.id for button in new}
    async with store.reading() as tx:
        assert await tx.cards.button(old[2].id) == DrawnButton(case.id, 0, Press.BAN)
        assert await tx.cards.button(new[2].id) == DrawnButton(case.id, 1, Press.BAN)
        for unknown in ("", "none", "' OR 1=1 --", "x" * 10_000):
            assert await tx.cards.button(unknown) is None


async def test_a_channels_cards_are_told_apart_from_those_of_others(store: SqlStore) -> None:
    async with store.transaction() as tx:
        cases = [await a_recorded_case(tx, n) for n in range(3)]
        for case, channel in zip(cases, (REVIEW, REVIEW, OTHER_REVIEW), strict=True):
            await tx.cards.set_card_ref(case.id, channel, f"card {case.number}")
        await tx.cards.set_card_ref(cases[0].id, REVIEW, "posted anew")
    async with store.reading() as tx:
        assert sorted(await tx.cards.refs(REVIEW)) == [f"card {cases[1].number}", "posted anew"]
        assert await tx.cards.refs(OTHER_REVIEW) == [f"card {cases[2].number}"]
        assert await tx.cards.refs(Place("playground", "elsewhere")) == []


async def test_two_who_draw_at_once_draw_the_same_buttons(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)

    async def draw() -> object:
        async with store.transaction() as tx:
            return await tx.cards.draw_buttons(case, PRESSES)

    drawn = await asyncio.gather(*(draw() for _ in range(5)))
    assert drawn == [drawn[0]] * 5


async def test_the_newest_card_of_a_channel_counts(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)
        assert await tx.cards.card_ref(case.id, REVIEW) is None
        await tx.cards.set_card_ref(case.id, REVIEW, "c1")
        await tx.cards.set_card_ref(case.id, OTHER_REVIEW, "c2")
        await tx.cards.set_card_ref(case.id, REVIEW, "c3")
        assert await tx.cards.card_ref(case.id, REVIEW) == "c3"
        assert await tx.cards.card_ref(case.id, OTHER_REVIEW) == "c2"


async def test_cards_in_a_channel_are_counted_posted_or_on_their_way(store: SqlStore) -> None:
    async def shown(community_id: str = COMMUNITY, most: int = 20) -> int:
        async with store.reading() as tx:
            return await tx.cards.with_card(community_id, REVIEW, most)

    async with store.transaction() as tx:
        for number in (1, 2, 3):
            case = await a_recorded_case(tx, number)
        await tx.cards.set_card_ref("case-1", REVIEW, "c1")
        await tx.cards.set_card_ref("case-2", OTHER_REVIEW, "c2")
        card = Effect(EffectKind.CARD, "case-3", REVIEW)
        again = Effect(EffectKind.CARD, "case-1", REVIEW)
        intent, _ = await tx.outbox.add(COMMUNITY, [card, again], NOW)
    assert await shown() == 2
    assert await shown(most=1) == 1
    assert await shown(community_id="elsewhere") == 0
    async with store.transaction() as tx:
        await tx.outbox.close(intent.id, Outcome(Result.REFUSED, "no right to write"), NOW)
        await tx.cases.save(decide(case, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case)
    assert await shown() == 1
    async with store.transaction() as tx:
        await tx.cards.set_card_ref(case.id, REVIEW, "of a decided case")
    assert await shown() == 1


async def test_cases_without_a_card_in_a_channel_are_told_with_its_refusals(
    store: SqlStore,
) -> None:
    asked = [f"case-{number}" for number in (1, 2, 3, 4)]

    async def without(channel: Place = REVIEW) -> Mapping[str, CardRefusals]:
        async with store.reading() as tx:
            return await tx.cards.without([*asked, "never recorded"], channel)

    async with store.transaction() as tx:
        for number in (1, 2, 3, 4, 5):
            await a_recorded_case(tx, number)
        await tx.cards.set_card_ref("case-1", REVIEW, "c1")
        cards = [Effect(EffectKind.CARD, case_id, REVIEW) for case_id in asked[1:3]]
        refused, _ = await tx.outbox.add(COMMUNITY, cards, NOW)
    assert await without() == {"case-4": CardRefusals(0, None)}
    for at in (NOW, NOW + timedelta(minutes=1)):
        async with store.transaction() as tx:
            await tx.outbox.close(refused.id, Outcome(Result.REFUSED, "no right to write"), at)
            [again] = await tx.outbox.add(COMMUNITY, cards[:1], at)
            refused = again
    async with store.transaction() as tx:
        await tx.outbox.close(again.id, Outcome(Result.GONE), NOW + timedelta(minutes=2))
    newest = NOW + timedelta(minutes=1)
    assert (await without())["case-2"] == CardRefusals(2, newest)
    assert (await without(OTHER_REVIEW))["case-2"] == CardRefusals(0, None)


async def test_erased_evidence_leaves_the_case_standing(store: SqlStore, database_url: str) -> None:
    async with store.transaction() as tx:
        await a_recorded_case(tx)
    engine = writing_engine(parsed(database_url))
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM evidence"))
    await engine.dispose()
    async with store.reading() as tx:
        assert await tx.cases.evidence("case-1") is None
        assert (await tx.cases.get("case-1")).number == 1
