"""The outbox: each case's intents in order, one worker at a time, ended once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.cards import Done
from bot.domain.cases import Decision, DecisionKind
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.errors import InvalidValue
from bot.domain.messages import Place
from bot.domain.repositories import Started
from bot.storage import SqlStore
from tests.factories import LOBBY, NOW, REVIEW, a_person
from tests.factories.records import COMMUNITY, a_community, a_recorded_case

LEASE_S = 30.0
DONE = Outcome(Result.DONE)
OTHER_REVIEW = Place("playground", "review-2")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
async def two_cases(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx, 1)
        await a_recorded_case(tx, 2)


def an_effect(kind: EffectKind, place: Place = LOBBY, case_id: str = "case-1") -> Effect:
    return Effect(kind, case_id, place, message_id="m1", person=a_person(), until=after(60))


HIDE = an_effect(EffectKind.HIDE)
NOTIFY = an_effect(EffectKind.NOTIFY)
RESTORE = an_effect(EffectKind.RESTORE)
CARD = an_effect(EffectKind.CARD, REVIEW)


async def added(store: SqlStore, *effects: Effect) -> list[Intent]:
    async with store.transaction() as tx:
        return await tx.outbox.add(COMMUNITY, effects, NOW)


async def started(store: SqlStore, intent: Intent, now: datetime = NOW) -> Started | None:
    async with store.transaction() as tx:
        return await tx.outbox.start(intent.id, now, LEASE_S, "me")


async def closed(
    store: SqlStore, intent: Intent, outcome: Outcome = DONE, now: datetime = NOW
) -> list[Intent] | None:
    async with store.transaction() as tx:
        return await tx.outbox.close(intent.id, outcome, now)


async def due(store: SqlStore, now: datetime = NOW, limit: int = 100) -> list[Intent]:
    async with store.reading() as tx:
        return await tx.outbox.due(now, limit)


async def test_an_intent_is_taken_up_as_it_was_put_on_record(store: SqlStore) -> None:
    (intent,) = await added(store, HIDE)
    assert intent.effect == HIDE
    assert len(intent.id) <= 25, "Discord takes a nonce of 25 characters"
    assert await due(store) == [intent]
    assert await started(store, intent) == Started(intent, attempt=1)


async def test_an_intent_is_taken_up_at_once_where_the_clock_is_behind_that_of_who_added_it(
    store: SqlStore,
) -> None:
    (intent,) = await added(store, HIDE)
    assert await due(store, now=after(-1)) == [intent]
    assert await started(store, intent, now=after(-1)) == Started(intent, attempt=1)


async def test_nothing_to_add_adds_nothing(store: SqlStore) -> None:
    assert await added(store) == []


async def test_an_effect_of_no_case_on_record_is_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidValue, match="contradicts"):
        await added(store, an_effect(EffectKind.HIDE, case_id="none"))


async def test_a_deed_waits_for_earlier_deeds_of_its_case(store: SqlStore) -> None:
    hide, restore = await added(store, HIDE, RESTORE)
    assert await due(store) == [hide]
    assert await started(store, restore) is None
    assert await closed(store, hide) == [restore]
    assert await closed(store, restore) == []


async def test_people_are_told_after_the_deed_and_no_deed_waits_for_that(store: SqlStore) -> None:
    hide, notify, restore, again = await added(store, HIDE, NOTIFY, RESTORE, NOTIFY)
    assert await started(store, notify) is None
    assert await closed(store, hide) == [notify, restore]
    assert await started(store, restore) is not None
    assert await closed(store, restore) == []
    assert await started(store, again) is None
    assert await closed(store, notify) == [again]


async def test_a_process_that_starts_again_takes_up_what_it_held(store: SqlStore) -> None:
    hide, other = await added(store, HIDE, an_effect(EffectKind.HIDE, case_id="case-2"))
    await started(store, hide)
    async with store.transaction() as tx:
        await tx.outbox.start(other.id, NOW, LEASE_S, "somebody else")
    async with store.transaction() as tx:
        assert await tx.outbox.give_back("me") == [hide]
    assert await started(store, hide) == Started(hide, attempt=2)
    assert await started(store, other) is None


async def test_cases_do_not_wait_for_each_other(store: SqlStore) -> None:
    first, other = await added(store, HIDE, an_effect(EffectKind.HIDE, case_id="case-2"))
    assert await due(store) == [first, other]
    assert await started(store, other) is not None


async def test_deeds_are_due_before_what_shows_and_tells_of_others(store: SqlStore) -> None:
    card, hide = await added(store, CARD, an_effect(EffectKind.HIDE, case_id="case-2"))
    assert await due(store) == [hide, card]
    assert await due(store, limit=1) == [hide]


async def test_a_card_waits_only_for_cards_of_its_case_in_its_place(store: SqlStore) -> None:
    hide, card, again, elsewhere, restore = await added(
        store, HIDE, CARD, CARD, an_effect(EffectKind.CARD, OTHER_REVIEW), RESTORE
    )
    assert await due(store) == [hide, card, elsewhere]
    assert await started(store, again) is None
    assert await closed(store, hide) == [restore]
    assert await closed(store, card) == [again]


async def test_a_card_waits_for_those_of_its_place_also_once_the_place_has_another_id(
    store: SqlStore,
) -> None:
    (first,) = await added(store, CARD)
    new = Place("playground", "moved", "review")
    async with store.transaction() as tx:
        await tx.communities.rebind(REVIEW, new)
    (second,) = await added(store, an_effect(EffectKind.CARD, new))
    taken = await started(store, first)
    assert taken is not None
    assert taken.intent.effect.place == new
    assert await started(store, second) is None, "both would post a card"
    await closed(store, first)
    assert await started(store, second) is not None


async def test_while_one_works_on_an_intent_nobody_else_does(store: SqlStore) -> None:
    (hide,) = await added(store, HIDE)
    workers = await asyncio.gather(*(started(store, hide) for _ in range(6)))
    assert [each.attempt for each in workers if each] == [1]
    assert await due(store) == []
    assert await started(store, hide, after(LEASE_S - 1)) is None


async def test_what_a_dead_worker_held_is_taken_up_again_when_its_lease_ends(
    store: SqlStore,
) -> None:
    (hide,) = await added(store, HIDE)
    await started(store, hide)
    assert await due(store, after(LEASE_S)) == [hide]
    assert await started(store, hide, after(LEASE_S)) == Started(hide, attempt=2)


async def test_a_late_worker_ends_an_intent_once_for_all(store: SqlStore) -> None:
    hide, notify = await added(store, HIDE, NOTIFY)
    await started(store, hide)
    await started(store, hide, after(LEASE_S))
    assert await closed(store, hide, Outcome(Result.DONE, ref="late")) == [notify]
    assert await closed(store, hide, Outcome(Result.FAILED, "too late")) is None
    assert await started(store, hide, after(9 * LEASE_S)) is None
    async with store.transaction() as tx:
        await tx.outbox.postpone(hide.id, after(1), "too late")
        assert await tx.outbox.done("case-1") == [
            Done(EffectKind.HIDE, Result.DONE, "", NOW),
            Done(EffectKind.NOTIFY, None, "", NOW),
        ]
    assert await due(store, after(2)) == [notify]


async def test_a_postponed_intent_is_tried_again_no_sooner_and_holds_its_place(
    store: SqlStore,
) -> None:
    hide, notify = await added(store, HIDE, NOTIFY)
    await started(store, hide)
    async with store.transaction() as tx:
        await tx.outbox.postpone(hide.id, after(5), "playground: asks to wait")
    assert await due(store, after(4)) == []
    assert await started(store, hide, after(4)) is None
    assert await started(store, notify, after(4)) is None
    assert await due(store, after(5)) == [hide]
    assert await started(store, hide, after(5)) == Started(hide, attempt=2)


async def test_due_gives_the_oldest_first_and_no_more_than_asked(store: SqlStore) -> None:
    cards = [an_effect(EffectKind.CARD, Place("playground", str(n))) for n in range(5)]
    intents = await added(store, *cards)
    assert await due(store, limit=3) == intents[:3]


async def test_an_intent_that_is_not_on_record_is_nothing_to_do(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.outbox.start("none", NOW, LEASE_S, "me") is None
        assert await tx.outbox.close("none", DONE, NOW) is None


async def test_a_refusal_keeps_the_sentence_that_says_what_to_mend(store: SqlStore) -> None:
    (hide, _) = await added(store, HIDE, CARD)
    outcome = Outcome(Result.REFUSED, "give the bot the right to delete\x00 messages")
    await closed(store, hide, outcome, after(1))
    async with store.reading() as tx:
        assert await tx.outbox.done("case-1") == [
            Done(
                EffectKind.HIDE,
                Result.REFUSED,
                "give the bot the right to delete\ufffd messages",
                after(1),
            )
        ]


async def test_pending_is_what_waits_and_nobody_has_taken_up(store: SqlStore) -> None:
    (card,) = await added(store, CARD)

    async def pending(place: Place = REVIEW, kind: EffectKind = EffectKind.CARD) -> bool:
        async with store.reading() as tx:
            return await tx.outbox.pending("case-1", kind, place)

    assert await pending()
    assert not await pending(place=OTHER_REVIEW)
    assert not await pending(kind=EffectKind.HIDE)
    await started(store, card)
    assert not await pending()
    async with store.transaction() as tx:
        await tx.outbox.postpone(card.id, after(1), "busy")
    assert await pending()
    await closed(store, card)
    assert not await pending()


async def test_the_newest_repost_is_where_the_message_stands_now(store: SqlStore) -> None:
    async def restored_as() -> str | None:
        async with store.reading() as tx:
            return await tx.outbox.restored_as("case-1", LOBBY)

    first, hide, second = await added(store, RESTORE, HIDE, RESTORE)
    assert await restored_as() is None
    await closed(store, first, Outcome(Result.DONE, ref="m7"))
    await closed(store, hide)
    assert await restored_as() == "m7"
    await closed(store, second, Outcome(Result.DONE, ref="m9"))
    assert await restored_as() == "m9"
    async with store.reading() as tx:
        assert await tx.outbox.restored_as("case-1", Place("playground", "moved")) is None


async def test_how_a_deed_ended_is_told_of_the_newest_before_an_intent(store: SqlStore) -> None:
    first, told, second = await added(store, HIDE, NOTIFY, HIDE)

    async def ended_before(intent: Intent) -> Result | None:
        async with store.reading() as tx:
            return await tx.outbox.ended_before(intent, EffectKind.HIDE)

    assert await ended_before(told) is None
    await closed(store, first, Outcome(Result.REFUSED, "no right"))
    await closed(store, second)
    assert await ended_before(told) is Result.REFUSED
    assert await ended_before(first) is None


async def test_a_message_was_never_hidden_where_each_hide_since_its_return_was_refused(
    store: SqlStore,
) -> None:
    async def ended(kind: EffectKind, result: Result) -> None:
        [intent] = await added(store, an_effect(kind))
        await closed(store, intent, Outcome(result))

    async def never_hidden() -> bool:
        [asking] = await added(store, RESTORE)
        async with store.reading() as tx:
            told = await tx.outbox.never_hidden(asking)
        await closed(store, asking, Outcome(Result.GONE))
        return told

    assert not await never_hidden(), "it was asked for by nobody: its platform kept it back"
    await ended(EffectKind.HIDE, Result.REFUSED)
    assert await never_hidden()
    await ended(EffectKind.HIDE, Result.DONE)
    await ended(EffectKind.HIDE, Result.REFUSED)
    await ended(EffectKind.RESTORE, Result.REFUSED)
    assert not await never_hidden(), "some of it went"
    await ended(EffectKind.RESTORE, Result.DONE)
    await ended(EffectKind.HIDE, Result.REFUSED)
    assert await never_hidden()


async def test_a_deed_holds_for_another_case_until_its_time_or_its_decision_is_over(
    store: SqlStore,
) -> None:
    mute = replace(an_effect(EffectKind.MUTE, case_id="case-2"), until=after(60))
    mine, theirs = await added(store, an_effect(EffectKind.UNMUTE), mute)

    async def holds(seconds: float, kind: EffectKind = EffectKind.MUTE) -> bool:
        async with store.reading() as tx:
            return await tx.outbox.holds_for_another(mine, kind, after(seconds))

    async def decide(decision: Decision | None) -> None:
        async with store.transaction() as tx:
            case = await tx.cases.get("case-2")
            await tx.cases.save(replace(case, decision=decision, generation=case.generation + 1))

    await decide(Decision(DecisionKind.MUTE, a_person(), NOW, was_hidden=True))
    assert not await holds(0)  # it is not done yet
    await closed(store, theirs)
    assert await holds(59)
    assert not await holds(59, EffectKind.BAN)
    assert not await holds(60)
    await decide(None)
    assert not await holds(59)


async def test_depth_counts_what_is_open_by_platform(store: SqlStore) -> None:
    elsewhere = an_effect(EffectKind.CARD, Place("telegram", "-100"))
    hide, *_ = await added(store, HIDE, NOTIFY, elsewhere)
    async with store.reading() as tx:
        assert await tx.outbox.depth() == {"playground": 2, "telegram": 1}
    await closed(store, hide)
    async with store.reading() as tx:
        assert await tx.outbox.depth() == {"playground": 1, "telegram": 1}
