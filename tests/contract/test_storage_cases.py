"""Cases on record: numbered, opened once a message, decided once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from bot.domain.cards import Record
from bot.domain.cases import Case, DecisionKind, Status, decide, take, undo
from bot.domain.effects import Effect, EffectKind
from bot.domain.errors import (
    AlreadyDecided,
    InvalidValue,
    NotFound,
    StalePress,
    UnreadablePayload,
)
from bot.domain.messages import Place
from bot.domain.policy import Action
from bot.domain.repositories import Evidence
from bot.storage import SqlStore
from bot.storage.engines import database_url as parsed
from bot.storage.engines import writing_engine
from tests.factories import (
    LOBBY,
    NOOR,
    NOW,
    SAM,
    a_message,
    a_person,
    a_policy,
    an_opened_case,
)
from tests.factories.records import COMMUNITY, a_community, a_recorded_case, an_evidence

MUCH = 1_000_000


@pytest.fixture(autouse=True)
async def community(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())


async def test_a_case_comes_back_as_it_was_recorded(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, reach=1200)
        claimed = take(case, NOOR, 0, a_policy(), NOW).case
        await tx.cases.save(claimed)
        decided = decide(claimed, NOOR, DecisionKind.MUTE, 1, a_policy(), NOW).case
    async with store.reading() as tx:
        on_record = await tx.cases.get("case-1")
        assert on_record == claimed
        assert on_record.author.name == "Asha"
        assert on_record.claim is not None
        assert on_record.claim.holder.name == "Noor"
    async with store.transaction() as tx:
        await tx.cases.save(decided)
    async with store.reading() as tx:
        assert await tx.cases.by_number(COMMUNITY, 1) == decided


async def test_a_message_delivered_again_opens_no_second_case(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await a_recorded_case(tx, 1)
    async with store.transaction() as tx:
        again = an_opened_case(case_id="case-2", message=a_message(id="m1")).case
        assert await tx.cases.add(again, an_evidence()) is None
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, 3)
    assert case.number == 2, "a delivery that was refused leaves no gap"
    async with store.reading() as tx:
        assert [each.id for each in await tx.cases.listed()] == ["case-3", "case-1"]
        assert await tx.cases.evidence("case-2") is None


async def test_cases_opened_at_once_are_numbered_without_gap_or_double(store: SqlStore) -> None:
    async def delivered(number: int, message_id: int) -> Case | None:
        message = a_message(id=f"m{message_id}")
        async with store.transaction() as tx:
            opened = an_opened_case(case_id=f"case-{number}", message=message).case
            return await tx.cases.add(opened, an_evidence())

    answers = await asyncio.gather(*(delivered(number, number % 8) for number in range(12)))
    assert sorted(case.number for case in answers if case) == list(range(1, 9))
    async with store.reading() as tx:
        on_record = await tx.cases.listed()
    assert {case.message_key for case in on_record} == {a_message(id=f"m{n}").key for n in range(8)}


async def test_of_two_who_decide_at_once_one_decides_and_one_is_told(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await a_recorded_case(tx)

    async def press(reviewer_kind: tuple[str, DecisionKind]) -> None:
        name, kind = reviewer_kind
        async with store.transaction() as tx:
            case = await tx.cases.lock("case-1")
            await asyncio.sleep(0.05)
            change = decide(case, a_person(name), kind, 0, a_policy(), NOW)
            await tx.cases.save(change.case)
            await tx.outbox.add(COMMUNITY, change.effects, NOW)

    ended = await asyncio.gather(
        press(("noor", DecisionKind.RESTORE)),
        press(("sam", DecisionKind.BAN)),
        return_exceptions=True,
    )
    assert sorted(type(each) for each in ended if each) == [AlreadyDecided]
    async with store.reading() as tx:
        case = await tx.cases.get("case-1")
        assert case.generation == 1
        assert case.decision is not None
        restored = case.decision.kind is DecisionKind.RESTORE
        kinds = {done.kind for done in await tx.outbox.done("case-1")}
        assert kinds == ({"restore", "notify"} if restored else {"ban"})


async def test_a_case_that_moved_on_is_not_overwritten_by_who_did_not_lock_it(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)
        await tx.cases.save(take(case, NOOR, 0, a_policy(), NOW).case)
    late = take(case, SAM, 0, a_policy(), NOW).case
    with pytest.raises(StalePress, match="case-1 is at generation 1"):
        async with store.transaction() as tx:
            await tx.cases.save(late)


async def test_an_unknown_case_is_not_found(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx)
        for look in (
            tx.cases.get("none"),
            tx.cases.lock("none"),
            tx.cases.by_number(COMMUNITY, 7),
            tx.cases.save(replace(case, id="none")),
        ):
            with pytest.raises(NotFound):
                await look


async def test_a_case_is_found_by_the_revision_of_its_message(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, 1)
        await a_recorded_case(tx, 2)
    async with store.transaction() as tx:
        assert await tx.cases.lock_of(COMMUNITY, case.message_key) == case
        for community, key in (
            (COMMUNITY, a_message(id="m1", revision=1).key),
            ("other", case.message_key),
        ):
            with pytest.raises(NotFound):
                await tx.cases.lock_of(community, key)


async def test_a_case_needs_a_community_on_record(store: SqlStore) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        async with store.transaction() as tx:
            await a_recorded_case(tx, community_id="nowhere")


async def test_a_case_id_cannot_be_taken_twice(store: SqlStore) -> None:
    with pytest.raises(InvalidValue, match="contradicts what is on record"):
        async with store.transaction() as tx:
            case = await a_recorded_case(tx)
            other = replace(case, message_key="playground:lobby:m9:0")
            await tx.cases.add(other, an_evidence())


async def test_what_an_exception_leaves_behind_is_nothing(store: SqlStore) -> None:
    with pytest.raises(RuntimeError):
        async with store.transaction() as tx:
            case = await a_recorded_case(tx)
            await tx.outbox.add(COMMUNITY, an_opened_case().effects, NOW)
            await tx.audit.append(COMMUNITY, NOW, an_opened_case().facts[0])
            await tx.policies.add(COMMUNITY, a_policy(), "x", NOW)
            await tx.cards.set_card_ref(case.id, a_message().place, "ref")
            raise RuntimeError
    async with store.reading() as tx:
        assert await tx.cases.listed() == []
        assert await tx.outbox.due(NOW, 10) == []
        assert await tx.audit.head(COMMUNITY) is None
        assert await tx.policies.history(COMMUNITY) == []
    async with store.transaction() as tx:
        assert (await a_recorded_case(tx)).number == 1


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(store: SqlStore) -> None:
    recorded = asyncio.Event()

    async def never_ends() -> None:
        async with store.transaction() as tx:
            await a_recorded_case(tx)
            recorded.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(never_ends())
    await recorded.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        assert await tx.cases.listed() == []
        assert (await a_recorded_case(tx)).number == 1


async def test_readers_neither_wait_for_a_writer_nor_see_its_unfinished_work(
    store: SqlStore,
) -> None:
    async with store.transaction() as writing:
        await a_recorded_case(writing)
        async with store.reading() as reading:
            assert await reading.cases.listed() == []


async def test_a_reader_keeps_one_view_while_others_write(store: SqlStore) -> None:
    async with store.reading() as reading:
        assert await reading.cases.listed() == []
        async with store.transaction() as writing:
            await a_recorded_case(writing)
        assert await reading.cases.listed() == []


async def test_evidence_comes_back_whole(store: SqlStore) -> None:
    nasty = [
        "x" * MUCH,
        "بِسْمِ \u202e rtl \u202c",
        "👩‍👩‍👧‍👦 e\u0301 \u200b",
        "broken \ud800 and \x00",
        "quotes ' \" \\ ; -- %s :name ?",
    ]
    async with store.transaction() as tx:
        for number, text in enumerate(nasty, 1):
            case = an_opened_case(case_id=f"case-{number}", message=a_message(id=str(number)))
            await tx.cases.add(case.case, an_evidence(text))
    async with store.reading() as tx:
        for number, text in enumerate(nasty, 1):
            kept = await tx.cases.evidence(f"case-{number}")
            assert kept == an_evidence(text)
    assert an_evidence(nasty[3]).message.text == "broken \ufffd and \ufffd"


async def test_names_with_what_cannot_be_stored_are_mended_not_refused(store: SqlStore) -> None:
    verdict = replace(an_opened_case().case.verdict, reason="term '\x00' is on the deny list")
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, author=a_person(name="A\ud800\x00"), verdict=verdict)
    async with store.reading() as tx:
        assert (await tx.cases.get(case.id)).author.name == "A\ufffd\ufffd"
        assert (await tx.cases.get(case.id)).verdict == verdict


async def test_an_id_that_is_no_unicode_is_refused_in_our_words(store: SqlStore) -> None:
    with pytest.raises(InvalidValue, match="Unicode"):
        async with store.transaction() as tx:
            await tx.cases.get("\ud800")


async def test_times_come_back_in_utc_to_the_microsecond(store: SqlStore) -> None:
    in_kathmandu = datetime(
        2026, 3, 1, 17, 45, 0, 123457, tzinfo=timezone(timedelta(hours=5, minutes=45))
    )
    async with store.transaction() as tx:
        await a_recorded_case(tx, opened_at=in_kathmandu)
    async with store.reading() as tx:
        opened_at = (await tx.cases.get("case-1")).opened_at
    assert opened_at == in_kathmandu
    assert opened_at.tzinfo is UTC
    assert opened_at.microsecond == 123457


async def test_a_time_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidValue, match="zone"):
        async with store.transaction() as tx:
            await a_recorded_case(tx, opened_at=datetime(2026, 3, 1))


async def test_cases_are_listed_by_filter_the_newest_first(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community(id="c2", name="other", groups=(), review_channels=()))
        for number in range(1, 4):
            case = await a_recorded_case(tx, number, opened_at=NOW + timedelta(microseconds=number))
        await tx.cases.save(decide(case, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case)
        await a_recorded_case(tx, 4, community_id="c2", opened_at=NOW + timedelta(hours=1))
    async with store.reading() as tx:

        async def ids(*of: object, **by: object) -> list[str]:
            return [each.id for each in await tx.cases.listed(*of, **by)]  # type: ignore[arg-type]

        assert await ids() == ["case-4", "case-3", "case-2", "case-1"]
        assert await ids(COMMUNITY) == ["case-3", "case-2", "case-1"]
        assert await ids(COMMUNITY, Status.OPEN) == ["case-2", "case-1"]
        assert await ids(status=Status.DECIDED) == ["case-3"]
        assert await ids(COMMUNITY, limit=1) == ["case-3"]
        assert await tx.cases.count(Status.OPEN) == 3


async def test_all_open_cases_of_a_community_are_read_bit_by_bit(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(
            a_community(id="other", name="other", groups=(), review_channels=())
        )
        for number in (1, 2, 3):
            case = await a_recorded_case(tx, number)
        await a_recorded_case(tx, 4, community_id="other")
        await tx.cases.save(decide(case, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case)
    async with store.reading() as tx:
        opened = {each.id async for each in tx.cases.opened(COMMUNITY)}
    assert opened == {"case-1", "case-2"}


async def test_a_case_that_cannot_be_read_is_passed_over_and_keeps_no_other_from_being_read(
    store: SqlStore, database_url: str
) -> None:
    hide = Effect(EffectKind.HIDE, "case-1", LOBBY)
    async with store.transaction() as tx:
        for number in (1, 2):
            await a_recorded_case(tx, number)
        _, kept = await tx.outbox.add(COMMUNITY, [hide, replace(hide, case_id="case-2")], NOW)
    engine = writing_engine(parsed(database_url))
    async with engine.begin() as connection:  # as a newer release writes what this one cannot know
        newer = '{"v": 9, "needs": 9, "body": {}}'
        of_first = {"newer": newer, "of": "case-1"}
        await connection.execute(text("UPDATE cases SET verdict = :newer WHERE id = :of"), of_first)
        change = "UPDATE intents SET effect = :newer WHERE case_id = :of"
        await connection.execute(text(change), of_first)
    await engine.dispose()
    async with store.reading() as tx:
        assert [case.id for case in await tx.cases.listed()] == ["case-2"]
        assert [case.id async for case in tx.cases.opened(COMMUNITY)] == ["case-2"]
        assert await tx.outbox.due(NOW, 10) == [kept]
        with pytest.raises(UnreadablePayload):
            await tx.cases.get("case-1")


async def test_claims_that_ran_out_are_found_the_longest_past_first(store: SqlStore) -> None:
    policy = a_policy(claim_for=timedelta(minutes=5))
    async with store.transaction() as tx:
        for number, minutes in ((1, 1), (2, 0), (3, 2), (5, 0)):
            case = await a_recorded_case(tx, number)
            at = NOW + timedelta(minutes=minutes)
            await tx.cases.save(claimed := take(case, NOOR, 0, policy, at).case)
        await tx.cases.save(decide(claimed, NOOR, DecisionKind.BAN, 1, policy, at).case)
        await a_recorded_case(tx, 4)
    async with store.reading() as tx:
        at_six = await tx.cases.claims_run_out(NOW + timedelta(minutes=6))
    assert [case.id for case in at_six] == ["case-2", "case-1"]


async def test_open_cases_that_fell_due_are_counted_once(store: SqlStore) -> None:
    def after(hours: int) -> datetime:
        return NOW + timedelta(hours=hours)

    async with store.transaction() as tx:
        for number in (1, 2, 3):
            case = await a_recorded_case(tx, number, due_at=after(number))
        await tx.cases.save(decide(case, NOOR, DecisionKind.RESTORE, 0, a_policy(), NOW).case)
    async with store.reading() as tx:
        assert await tx.cases.fell_due(after(0), after(1)) == 1
        assert await tx.cases.fell_due(after(1), after(9)) == 1
        assert await tx.cases.fell_due(after(2), after(9)) == 0


async def test_the_record_of_an_author_counts_their_other_cases(store: SqlStore) -> None:
    kinds = [
        DecisionKind.RESTORE,
        DecisionKind.KEEP_HIDDEN,
        DecisionKind.WARN,
        DecisionKind.MUTE,
        None,
    ]
    async with store.transaction() as tx:
        for number, kind in enumerate(kinds, 1):
            case = await a_recorded_case(tx, number)
            if kind is not None:
                await tx.cases.save(decide(case, NOOR, kind, 0, a_policy(), NOW).case)
        await a_recorded_case(tx, 8, author=a_person("somebody"))
        present = await a_recorded_case(tx, 9)
    async with store.reading() as tx:
        record = await tx.cases.record_of(COMMUNITY, present.author, present)
        assert record == Record(cases=5, restored=1, kept_hidden=1, sanctioned=2)
        assert await tx.cases.record_of("elsewhere", present.author, present) == Record()


async def test_a_case_undone_stands_open_again(store: SqlStore) -> None:
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, action=Action.REVIEW)
        decided = decide(case, NOOR, DecisionKind.BAN, 0, a_policy(), NOW).case
        await tx.cases.save(decided)
        await tx.cases.save(undo(decided, SAM, 1, NOW).case)
    async with store.reading() as tx:
        reopened = await tx.cases.get(case.id)
    assert (reopened.status, reopened.decision, reopened.hidden) == (Status.OPEN, None, False)


async def test_evidence_without_signals_is_kept(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.cases.add(an_opened_case().case, Evidence(a_message(), ()))
    async with store.reading() as tx:
        assert await tx.cases.evidence("case-1") == Evidence(a_message(), ())


async def test_a_messages_case_is_found_and_not_anothers_that_bore_its_number_before_a_move(
    store: SqlStore,
) -> None:
    moved = Place(LOBBY.platform, "moved")
    async with store.transaction() as tx:
        case = await a_recorded_case(tx, 1)
        found = await tx.cases.by_message(COMMUNITY, LOBBY, "m1")
        assert found is not None
        assert found.id == case.id
        assert await tx.cases.by_message(COMMUNITY, LOBBY, "m") is None
        await tx.communities.rebind(LOBBY, moved)
        assert await tx.cases.by_message(COMMUNITY, moved, "m1") is None
