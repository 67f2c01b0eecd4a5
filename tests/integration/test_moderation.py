"""The main job from a message to its record, on a real database and a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.adapters.texts import Texts
from bot.codec import write_message
from bot.domain.cards import Press
from bot.domain.cases import DecisionKind, Status
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.errors import PlatformBusy, PlatformError, StorageUnavailable
from bot.domain.files import KeptFile
from bot.domain.messages import Author, Message, Person, Place
from bot.domain.policy import Action, Mode
from bot.domain.ports import Order
from bot.domain.signals import Reported
from bot.domain.terms import Term
from bot.scoring.coverage import coverage_of
from bot.streams.revisions import RedisRevisions
from handlers.effect import GIVE_UP_AFTER
from handlers.window import CARDS_AT_ONCE, FIRST_WAIT, LONGEST_WAIT
from tests.factories import LOBBY, NOOR, NOW, REVIEW, SAM, a_message, a_person, a_policy
from tests.fakes.moderated_group import ModeratedGroup, moderated_group

HIDE, NOTIFY, RESTORE = EffectKind.HIDE, EffectKind.NOTIFY, EffectKind.RESTORE


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as group:
        yield group


class NotedInbox:
    """Notes what adapters take in."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def put(self, message: Message) -> None:
        self.messages.append(message)


@asynccontextmanager
async def refusing_evidence(group: ModeratedGroup) -> AsyncIterator[None]:
    """The database gives what it has, and takes no case."""
    async with group.store._writing.begin() as connection:
        await connection.execute(text("ALTER TABLE evidence RENAME TO away"))
    yield
    async with group.store._writing.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO evidence"))


async def test_an_insult_is_hidden_its_author_told_and_a_card_posted(group: ModeratedGroup) -> None:
    assert await group.says("you idiot")
    await group.act()
    assert group.adapter.did() == [HIDE, NOTIFY]
    card = group.adapter.cards()[-1]
    assert card.message is not None
    assert card.message.text == "you idiot"
    assert [done.result for done in card.done] == [Result.DONE, Result.DONE]
    assert [button.press for button in card.buttons][:2] == [Press.RESTORE, Press.KEEP_HIDDEN]


async def test_what_is_in_doubt_stays_up_and_goes_to_reviewers(group: ModeratedGroup) -> None:
    await group.says("how silly")
    await group.act()
    assert group.adapter.did() == []
    assert group.adapter.cards()[-1].case.verdict.action is Action.REVIEW


async def test_what_is_allowed_is_counted_and_forgotten(group: ModeratedGroup) -> None:
    assert await group.says("good morning")
    assert await group.cases() == []
    assert group.metrics.figures("words", scorer_ok=True).allowed == 1


async def test_what_the_database_refused_is_counted_once_it_is_on_record(
    group: ModeratedGroup,
) -> None:
    met = [
        a_message("good morning", id="m1"),
        a_message("you idiot", id="m2"),
        a_message("ten to one", id="m3", author=Author(a_person("bot"), is_bot=True)),
    ]
    async with refusing_evidence(group):
        with pytest.raises(StorageUnavailable):
            await group.messages.judge(met)
        with pytest.raises(StorageUnavailable):
            await group.dead_letters.bury(write_message(met[1]), {}, "delivered 5 times")
    assert b"aman_messages_total{" not in group.metrics.exposition()
    assert await group.messages.judge(met) == [True, True, True]
    counted = group.metrics.exposition()
    for verdict in ("allow", "hide", "exempt"):
        line = f'aman_messages_total{{platform="playground",verdict="{verdict}"}} 1.0'
        assert line.encode() in counted


async def test_an_unknown_language_is_counted_and_reviewed_where_listed(tmp_path: Path) -> None:
    policy = a_policy(deny=(Term("идиот", hide=False),))
    async with moderated_group(policy) as group:
        group.messages._coverage = coverage_of("mini", tmp_path)
        await group.says("доброе утро", id="m1")
        await group.says("ты идиот", id="m2", posted_at=NOW + timedelta(minutes=1))
        assert [each.message_id for each in await group.cases()] == ["m2"]
        assert b'aman_uncovered_total{language="Cyrillic"} 2.0' in group.metrics.exposition()


async def test_a_message_of_a_group_that_nobody_bound_is_left_alone(group: ModeratedGroup) -> None:
    assert await group.says("you idiot", place=Place("playground", "elsewhere"))
    assert await group.cases() == []


async def test_the_same_message_again_changes_nothing(group: ModeratedGroup) -> None:
    for _ in range(3):
        await group.says("you idiot")
        await group.act()
    assert group.adapter.did() == [HIDE, NOTIFY]
    assert (await group.facts()).count("case.opened") == 1


async def test_an_edit_into_an_insult_is_a_matter_of_its_own(group: ModeratedGroup) -> None:
    await group.says("good morning")
    await group.says("you idiot", revision=1)
    assert (await group.case()).message_key.endswith(":m1:1")


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_an_edit_is_judged_though_it_was_forgotten_how_many_came_before_it(
    platform: str,
) -> None:
    lobby = Place(platform, "lobby")
    async with moderated_group(groups=[lobby]) as group:
        texts = Texts(taken := NotedInbox(), RedisRevisions(group.redis))

        async def edited(text: str) -> None:
            await texts.changed(a_message(text, place=lobby))
            await group.messages.judge([taken.messages[-1]])

        await edited("how silly")
        await edited("so silly")
        await group.redis.flushall()  # on Discord 48 hours do the same
        await edited("you idiot")
        again = taken.messages[-1]
        assert again.key.endswith(":1"), "it counts from the start again"
        await group.messages.judge([again])
        keys = [case.message_key[-2:] for case in await group.cases()]
        assert keys == [":3", ":2", ":1"], "and delivered again it changes nothing"
        assert [case.hidden for case in await group.cases()] == [True, False, False]
        await group.redis.flushall()
        await edited("so silly")
        assert len(await group.cases()) == 3, "what has its case needs no other"


async def test_an_observing_policy_shows_what_it_would_have_done() -> None:
    async with moderated_group(a_policy(mode=Mode.OBSERVE)) as group:
        await group.says("you idiot")
        await group.act()
        assert group.adapter.did() == []
        assert not group.adapter.cards()[-1].case.verdict.enforced


async def test_restore_brings_the_message_back_and_undo_hides_the_repost(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot")
    await group.act()
    group.adapter.answer = lambda order: Outcome(Result.DONE, ref="reposted-7")
    reply = await group.press(Press.RESTORE)
    assert (reply.text, reply.accepted) == ("press.done_restore", True)
    assert group.adapter.did()[2:] == [RESTORE, NOTIFY]
    assert [button.press for button in group.adapter.cards()[-1].buttons] == [Press.UNDO]
    await group.press(Press.UNDO, by=SAM)
    hide = next(each for each in reversed(group.adapter.orders) if each.effect.kind is HIDE)
    assert hide.target_id == "reposted-7"
    assert (await group.case()).status is Status.OPEN


@pytest.mark.parametrize(
    ("presses", "kind", "did"),
    [
        ([Press.WARN], DecisionKind.WARN, EffectKind.WARN),
        ([Press.MUTE], DecisionKind.MUTE, EffectKind.MUTE),
        ([Press.KICK], DecisionKind.KICK, EffectKind.KICK),
        ([Press.BAN, Press.CONFIRM_BAN], DecisionKind.BAN, EffectKind.BAN),
    ],
)
async def test_a_sanction_reaches_the_author(
    group: ModeratedGroup, presses: list[Press], kind: DecisionKind, did: EffectKind
) -> None:
    await group.says("you idiot")
    await group.act()
    for press in presses:
        await group.press(press)
    [order] = [each for each in group.adapter.orders if each.effect.kind is did]
    assert order.effect.person == a_person()
    decision = (await group.case()).decision
    assert decision is not None
    assert (decision.kind, decision.by) == (kind, NOOR)


async def test_a_slip_of_the_thumb_bans_nobody(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    reply = await group.press(Press.BAN)
    assert reply.text == "press.confirm_ban"
    assert group.adapter.cards()[-1].confirming == NOOR
    await group.press(Press.CANCEL)
    assert EffectKind.BAN not in group.adapter.did()
    assert (await group.case()).claim is None


async def test_the_second_reviewer_is_told_who_decided(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    card = group.adapter.cards()[-1]
    await group.press(Press.RESTORE, by=NOOR, card=card)
    reply = await group.press(Press.BAN, by=SAM, card=card)
    assert reply.text == "press.decided"
    assert dict(reply.fields) == {"who": "Noor", "decision": "restore"}
    assert not reply.accepted
    assert (await group.facts()).count("case.decided") == 1


async def test_another_reviewers_claim_holds_until_it_runs_out(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    await group.press(Press.BAN, by=NOOR)
    confirming = group.adapter.cards()[-1]
    reply = await group.press(Press.CANCEL, by=SAM, card=confirming)
    assert reply.text == "press.held"
    group.later(timedelta(minutes=6))
    await group.sweeper.sweep()
    await group.act()
    reply = await group.press(Press.CONFIRM_BAN, by=NOOR, card=confirming)
    assert reply.text == "press.stale"
    assert (await group.press(Press.RESTORE, by=SAM)).accepted


@pytest.mark.parametrize(
    ("presser", "place"),
    [
        (a_person("asha"), REVIEW),
        (NOOR, LOBBY),
        (NOOR, Place("telegram", "review")),
        (Person("telegram", NOOR.id), REVIEW),
    ],
)
async def test_nobody_decides_who_may_not(
    group: ModeratedGroup, presser: Person, place: Place
) -> None:
    await group.says("you idiot")
    await group.act()
    reply = await group.press(Press.RESTORE, by=presser, place=place)
    assert (reply.text, reply.accepted) == ("press.not_a_reviewer", False)
    assert (await group.case()).decision is None
    assert "press.refused" in await group.facts()


async def test_a_reviewer_removed_a_moment_ago_decides_nothing(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    group.adapter.reviewers.remove(NOOR.id)
    assert not (await group.press(Press.RESTORE)).accepted


async def test_rights_that_cannot_be_checked_are_no_rights(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    reply = await group.press(Press.RESTORE, by=Person("playground", "noor", "unreachable"))
    assert not reply.accepted
    assert (await group.case()).decision is None


@pytest.mark.parametrize(
    "forged", ["", "x", "../../etc", "0" * 64, "\ud800", "'; DROP TABLE cases"]
)
async def test_a_forged_button_decides_nothing(group: ModeratedGroup, forged: str) -> None:
    await group.says("you idiot")
    await group.act()
    assert (await group.desk.press(forged, NOOR, REVIEW)).text == "press.stale"


async def test_a_missing_right_is_told_on_the_card_and_on_record(group: ModeratedGroup) -> None:
    group.adapter.answer = lambda order: (
        Outcome(Result.REFUSED, "give the bot the right to delete messages")
        if order.effect.kind is HIDE
        else Outcome(Result.DONE, ref="1")
    )
    await group.says("you idiot")
    await group.act()
    hide = group.adapter.cards()[-1].done[0]
    assert (hide.result, hide.reason) == (
        Result.REFUSED,
        "give the bot the right to delete messages",
    )
    assert "effect.refused" in await group.facts()
    assert group.adapter.did() == [HIDE]  # the author is not told of what did not happen


async def test_a_busy_platform_is_asked_again_when_it_said_and_cards_do_not_wait(
    group: ModeratedGroup,
) -> None:
    def busy(order: Order) -> Outcome:
        if order.effect.kind is HIDE and order.attempt == 1:
            raise PlatformBusy("playground", "too many requests", retry_after=30)
        return Outcome(Result.DONE, ref="1")

    group.adapter.answer = busy
    await group.says("you idiot")
    await group.act()
    assert group.adapter.did() == []
    assert len(group.adapter.cards()) > 0
    group.later(timedelta(seconds=29))
    await group.act()
    assert group.adapter.did() == []
    group.later(timedelta(seconds=1))
    await group.act()
    assert group.adapter.did() == [HIDE, NOTIFY]


async def test_a_platform_that_fails_for_a_day_is_given_up_and_told(group: ModeratedGroup) -> None:
    def down(order: Order) -> Outcome:
        if order.effect.kind is HIDE:
            raise PlatformError("playground", "no answer")
        return Outcome(Result.DONE, ref="1")

    group.adapter.answer = down
    await group.says("you idiot")
    await group.act()
    group.later(GIVE_UP_AFTER)
    await group.act()
    assert group.adapter.cards()[-1].done[0].result is Result.FAILED
    assert "effect.failed" in await group.facts()


async def test_an_adapter_that_breaks_loses_no_intent(group: ModeratedGroup) -> None:
    def broken(order: Order) -> Outcome:
        if order.attempt == 1:
            raise RuntimeError("a fault of the adapter's own")
        return Outcome(Result.DONE, ref="1")

    group.adapter.answer = broken
    await group.says("you idiot")
    await group.act()
    group.later(timedelta(minutes=1))
    await group.act()
    assert HIDE in group.adapter.did()


async def test_without_a_scorer_nothing_is_called_clean(group: ModeratedGroup) -> None:
    group.scorer.down = True
    assert not await group.says("you idiot")
    assert await group.cases() == []
    group.scorer.down = False
    assert await group.says("you idiot")
    assert (await group.case()).verdict.action is Action.HIDE


async def test_without_a_scorer_the_deny_list_still_hides() -> None:
    async with moderated_group(a_policy(deny=(Term("idiot", hide=True),))) as group:
        group.scorer.down = True
        assert await group.says("you idiot")
        assert (await group.case()).verdict.action is Action.HIDE


async def test_one_text_that_cannot_be_scored_holds_nobody_back(group: ModeratedGroup) -> None:
    group.scorer.poison = "poison"
    messages = [
        a_message("you idiot", id="1"),
        a_message("poison", id="2"),
        a_message("hello", id="3"),
    ]
    assert await group.messages.judge(messages) == [True, False, True]


async def test_a_dead_letter_becomes_a_case(group: ModeratedGroup) -> None:
    payload = write_message(a_message("poison"))
    await group.dead_letters.bury(payload, {}, "delivered 5 times")
    case = await group.case()
    assert case.verdict.action is Action.REVIEW
    assert "delivered 5 times" in case.verdict.reason


async def test_a_dead_letter_that_cannot_be_read_still_becomes_a_case(
    group: ModeratedGroup,
) -> None:
    fields = {"platform": "playground", "group": "lobby", "message": "m9"}
    await group.dead_letters.bury(b"\xff\xfe", fields, "unreadable")
    case = await group.case()
    assert (case.message_id, case.punishable) == ("m9", False)


async def test_reviewers_see_a_window_of_the_queue_the_most_urgent_first(
    group: ModeratedGroup,
) -> None:
    for n in range(CARDS_AT_ONCE + 5):
        await group.says("how silly", id=f"m{n}")
    await group.says("how silly", id="wide", reach=100_000)
    await group.act()
    shown = {card.case.message_id for card in group.adapter.cards()}
    assert len(shown) == CARDS_AT_ONCE
    await group.press(Press.RESTORE)
    shown = {card.case.message_id for card in group.adapter.cards()}
    assert len(shown) == CARDS_AT_ONCE + 1
    assert "wide" in shown


async def test_a_refused_card_is_asked_for_again_after_growing_waits_and_holds_no_other_back(
    group: ModeratedGroup,
) -> None:
    group.adapter.answer = lambda order: (
        Outcome(Result.REFUSED, "it cannot be shown")
        if order.card is not None and order.card.case.message_id == "m1"
        else Outcome(Result.DONE, ref="1")
    )
    await group.says("how silly")

    async def is_asked_for() -> bool:
        before = len(group.adapter.cards())
        await group.sweeper.sweep()
        await group.act()
        return len(group.adapter.cards()) > before

    tried = []
    for number in range(130):
        if await is_asked_for():
            tried.append(number)
        group.later(FIRST_WAIT)
    assert tried == [0, 1, 3, 7, 15, 31, 63, 127]
    for _ in range(4):
        group.later(LONGEST_WAIT)
        assert await is_asked_for()
    await group.says("so silly", id="m2")
    await group.act()
    assert [card.case.message_id for card in group.adapter.cards()[-2:]] == ["m1", "m2"]


async def test_the_most_urgent_case_is_so_in_a_rebuilt_queue_too(group: ModeratedGroup) -> None:
    await group.says("how silly", id="m1")
    await group.says("how silly", id="wide", reach=100_000)
    urgent = await group.queue.first(group.community.id, 2)
    await group.sweeper.rebuild()
    assert await group.queue.first(group.community.id, 2) == urgent
    assert [each.message_id for each in await group.cases() if each.id == urgent[0]] == ["wide"]


async def test_how_much_is_kept_of_files_is_measured(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    async with group.store.transaction() as tx:
        await tx.files.put((await tx.cases.listed())[0].id, KeptFile(0, "photo", "cat", b"a cat"))
    await group.sweeper.sweep()
    assert b"aman_kept_files_bytes 5.0" in group.metrics.exposition()


async def test_a_clock_that_is_set_back_keeps_no_queue_from_being_rebuilt(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot")
    await group.sweeper.sweep()
    group.later(-timedelta(days=300))
    await group.redis.flushall()
    await group.sweeper.sweep()
    assert await group.queue.depth(group.community.id) == 1


async def test_a_case_that_is_opened_while_the_queue_is_rebuilt_keeps_its_place(
    group: ModeratedGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilt = group.queue.replace

    async def late(*words: Any) -> None:
        await group.says("you idiot", id="m2")
        await rebuilt(*words)

    monkeypatch.setattr(group.queue, "replace", late)
    await group.says("you idiot", id="m1")
    await group.sweeper.rebuild()
    assert await group.queue.depth(group.community.id) == 2


async def test_a_flushed_redis_loses_nothing(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.redis.flushall()
    group.later(timedelta(seconds=5))
    await group.sweeper.sweep()
    assert await group.queue.first(group.community.id, 10) == [(await group.case()).id]
    assert await group.effects.depth("playground") > 0
    await group.act()
    assert group.adapter.did() == [HIDE, NOTIFY]
    assert group.adapter.cards()


async def test_a_card_shows_what_changed_while_it_was_drawn(group: ModeratedGroup) -> None:
    """The hide ends while the first card is on its way: the card is drawn once more."""
    await group.says("you idiot")
    async with group.store.reading() as tx:
        due = await tx.outbox.due(NOW, 10)
    [card] = [each for each in due if each.effect.kind is EffectKind.CARD]
    [hide] = [each for each in due if each.effect.kind is HIDE]
    carried = group.adapter.carry_out

    async def slow(order: Order) -> Outcome:
        if order.intent.id == card.id:
            await group.carrier.carry_out(hide.id)
        return await carried(order)

    group.adapter.carry_out = slow  # type: ignore[method-assign]
    await group.carrier.carry_out(card.id)
    await group.act()
    assert group.adapter.cards()[-1].done[0].result is Result.DONE


async def test_a_card_shows_a_report_that_came_while_it_was_drawn(group: ModeratedGroup) -> None:
    await group.says("how silly")
    [case] = await group.cases()
    carried = group.adapter.carry_out

    async def slow(order: Order) -> Outcome:
        group.adapter.carry_out = carried  # type: ignore[method-assign]
        async with group.store.transaction() as tx:
            known = await tx.cases.evidence(case.id)
            assert known is not None
            signals = (*known.signals, Reported("playground:9", "they do it every day"))
            await tx.cases.strengthen(case, replace(known, signals=signals))
        return await carried(order)

    group.adapter.carry_out = slow  # type: ignore[method-assign]
    await group.act()
    assert [card.whys for card in group.adapter.cards()] == [(), ("they do it every day",)]


async def test_the_record_of_an_author_counts_their_other_cases(group: ModeratedGroup) -> None:
    await group.says("you idiot", id="1")
    await group.act()
    await group.press(Press.WARN)
    await group.says("you idiot", id="2")
    await group.act()
    record = group.adapter.cards()[-1].record
    assert (record.cases, record.sanctioned) == (1, 1)


async def test_an_author_who_stands_for_others_gets_no_sanction_button(
    group: ModeratedGroup,
) -> None:
    channel = replace(Author(a_person("channel")), punishable=False)
    await group.says("you idiot", author=channel)
    await group.act()
    presses = [button.press for button in group.adapter.cards()[-1].buttons]
    assert presses == [Press.RESTORE, Press.KEEP_HIDDEN]


async def test_an_overdue_case_counts_as_a_breach_once(group: ModeratedGroup) -> None:
    await group.says("how silly")
    group.later(timedelta(hours=25))
    await group.sweeper.sweep()
    group.later(timedelta(seconds=1))
    await group.sweeper.sweep()
    assert b"aman_clock_breaches_total 1.0" in group.metrics.exposition()


async def test_an_outcome_that_comes_too_late_is_not_recorded_twice(group: ModeratedGroup) -> None:
    """A worker thought dead ends its effect after another took it over and ended it."""
    await group.says("you idiot")
    async with group.store.reading() as tx:
        due = await tx.outbox.due(NOW, 10)
    [hide] = [each for each in due if each.effect.kind is HIDE]
    carried = group.adapter.carry_out

    async def very_slow(order: Order) -> Outcome:
        if order.attempt == 1 and order.intent.id == hide.id:
            group.later(timedelta(minutes=2))
            await group.carrier.carry_out(hide.id)
        return await carried(order)

    group.adapter.carry_out = very_slow  # type: ignore[method-assign]
    await group.carrier.carry_out(hide.id)
    assert (await group.facts()).count("effect.done") == 1


async def test_what_was_said_is_erased_when_its_time_of_keeping_is_over(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot", id="decided")
    await group.act()
    await group.press(Press.KEEP_HIDDEN)
    await group.says("you idiot", id="open")
    await group.act()
    await group.sweeper.sweep()
    group.later(timedelta(days=180))
    await group.sweeper.sweep()
    assert "case.erased" not in await group.facts()
    group.later(timedelta(hours=1))
    await group.sweeper.sweep()
    await group.act()
    open_case, decided = await group.cases()
    async with group.store.reading() as tx:
        assert await tx.cases.evidence(decided.id) is None
        assert await tx.cases.evidence(open_case.id) is not None
    erased = [each for each in group.adapter.cards() if each.case.id == decided.id][-1]
    assert erased.message is None
    assert (await group.facts()).count("case.erased") == 1
    reply = await group.press(Press.UNDO, card=erased)
    assert reply.accepted
