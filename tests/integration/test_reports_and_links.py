"""What the platform or a member says of a message, and where reviewers come to act."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.cards import Press
from bot.domain.cases import DecisionKind, Status
from bot.domain.desk import Command, CommandName, Gap, Standing
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.messages import Message, Person, Place
from bot.domain.policy import Action, Mode
from bot.domain.signals import Flagged, Reported
from bot.streams.budgets import RedisBudgets
from bot.streams.intake import Intake
from bot.streams.link_codes import RedisLinkCodes
from handlers.community import unbind_review
from handlers.linking import LinkingHandler
from handlers.report import ReportHandler
from handlers.rights import Rights
from handlers.standing import StandingHandler
from tests.factories import LOBBY, NOOR, NOW, REVIEW, a_message, a_person, a_policy
from tests.fakes.moderated_group import ModeratedGroup, NotingAdapter, moderated_group

BLOCKED = Flagged("AutoMod", "slurs", blocked=True)
FAR = Person("far", "lee", "Lee")


@dataclass
class Admins(NotingAdapter):
    """An adapter that knows admins by their ids."""

    admins: set[str] = field(default_factory=lambda: {NOOR.id, FAR.id})

    async def may_administer(self, person: Person, group: Place) -> bool:
        return person.id in self.admins


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as made:
        yield made


def reports_of(group: ModeratedGroup) -> ReportHandler:
    return ReportHandler(
        store=group.store,
        budgets=RedisBudgets(group.redis),
        waiting=Intake(group.redis),
        queue=group.queue,
        window=group.window,
        now=group.now,
    )


def linking_of(group: ModeratedGroup, adapter: Admins) -> LinkingHandler:
    return LinkingHandler(
        store=group.store,
        codes=RedisLinkCodes(group.redis),
        rights=Rights({"playground": adapter, "far": adapter}),
        now=group.now,
    )


def link(place: Place, person: Person = NOOR, **changes: object) -> Command:
    values: dict[str, object] = {"argument": "", **changes}
    return Command(name=CommandName.LINK, person=person, place=place, **values)  # type: ignore[arg-type]


async def test_what_the_platform_blocked_is_a_case_with_nothing_to_hide(
    group: ModeratedGroup,
) -> None:
    await reports_of(group).flag(a_message("you slur", id="blocked.1", blocked=True), BLOCKED)
    await group.act()
    case = await group.case()
    assert case.hidden
    assert "AutoMod blocked this" in case.verdict.reason
    assert group.adapter.did() == []
    await group.press(Press.RESTORE)
    await group.press(Press.UNDO)
    assert [kind for kind in group.adapter.did() if kind is not EffectKind.NOTIFY] == [
        EffectKind.RESTORE,
        EffectKind.HIDE,
    ]


async def test_a_flag_told_twice_is_one_and_strengthens_a_case_there_is(
    group: ModeratedGroup,
) -> None:
    reports = reports_of(group)
    message = a_message("so so")
    await reports.report(message, a_person("om"))
    before = (await group.case()).verdict.severity
    flagged = Flagged("AutoMod", "spam")
    await reports.flag(message, flagged)
    await reports.flag(message, flagged)
    case = await group.case()
    assert case.verdict.severity > before
    async with group.store.reading() as tx:
        evidence = await tx.cases.evidence(case.id)
    assert evidence is not None
    assert evidence.signals == (Reported("playground:om"), flagged)


async def told_first(group: ModeratedGroup, by: str, message: Message) -> str:
    """Somebody speaks of a message that still waits to be judged; what the case then says."""
    if by == "a member":
        await reports_of(group).report(message, a_person("om"))
    else:
        await reports_of(group).flag(message, Flagged("AutoMod", "slurs"))
    case = await group.case()
    assert not case.hidden
    return case.verdict.reason


@pytest.mark.parametrize("by", ["a member", "the platform"])
async def test_what_is_judged_after_it_was_told_of_is_hidden_in_the_case_there_is(
    group: ModeratedGroup, by: str
) -> None:
    told = await told_first(group, by, a_message("you idiot"))
    await group.act()
    assert await group.says("you idiot")
    await group.act()
    case = await group.case()
    assert case.hidden
    assert case.verdict.reason == f"toxicity 0.99, hidden from 0.90; {told}"
    assert group.adapter.did() == [EffectKind.HIDE, EffectKind.NOTIFY]
    assert await group.says("you idiot"), "delivered again"
    await group.act()
    assert group.adapter.did() == [EffectKind.HIDE, EffectKind.NOTIFY]
    assert (await group.facts()).count("case.judged") == 1
    card = group.adapter.cards()[-1]
    assert card.scores is not None
    assert card.case.verdict.reason == case.verdict.reason
    await group.press(Press.RESTORE)
    assert group.adapter.did()[-2:] == [EffectKind.RESTORE, EffectKind.NOTIFY]


async def test_what_is_in_doubt_after_it_was_told_of_stays_up_with_both_reasons(
    group: ModeratedGroup,
) -> None:
    told = await told_first(group, "a member", a_message("so silly"))
    await group.says("so silly")
    await group.act()
    case = await group.case()
    assert not case.hidden
    assert case.verdict.reason.endswith(f"; {told}")
    assert group.adapter.did() == []
    assert group.adapter.cards()[-1].scores is not None


async def test_a_reviewer_who_was_quicker_than_the_model_is_not_overruled(
    group: ModeratedGroup,
) -> None:
    await told_first(group, "a member", a_message("you idiot"))
    await group.act()
    await group.press(Press.RESTORE)
    await group.says("you idiot")
    await group.act()
    case = await group.case()
    assert (case.hidden, case.status) == (False, Status.DECIDED)
    assert EffectKind.HIDE not in group.adapter.did()
    await group.press(Press.UNDO)
    await group.press(Press.KEEP_HIDDEN)
    assert EffectKind.HIDE in group.adapter.did()


async def test_a_button_drawn_before_the_hide_does_not_count_after_it(
    group: ModeratedGroup,
) -> None:
    await told_first(group, "a member", a_message("you idiot"))
    await group.act()
    before = group.adapter.cards()[-1]
    await group.says("you idiot")
    await group.act()
    assert not (await group.press(Press.RESTORE, card=before)).accepted
    assert (await group.press(Press.RESTORE)).accepted


async def test_an_observing_policy_hides_nothing_that_was_told_of_either() -> None:
    async with moderated_group(a_policy(mode=Mode.OBSERVE)) as group:
        await told_first(group, "the platform", a_message("you idiot"))
        await group.says("you idiot")
        await group.act()
        case = await group.case()
        assert (case.hidden, case.verdict.action, case.verdict.enforced) == (
            False,
            Action.HIDE,
            False,
        )
        assert group.adapter.did() == []


async def test_all_that_is_told_of_a_judged_message_is_in_its_cases_reason(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot")
    reports, message = reports_of(group), a_message("you idiot")
    judged = (await group.case()).verdict.reason
    await reports.report(message, a_person("om"))
    await reports.flag(message, Flagged("AutoMod", "slurs"))
    await reports.report(message, a_person("lee"))
    reason = (await group.case()).verdict.reason
    flagged = "AutoMod flagged this, by its rule 'slurs'"
    assert reason == f"{judged}; reported by 2 members; {flagged}"


async def test_a_raid_is_settled_together_whatever_was_told_of_it_before(
    group: ModeratedGroup,
) -> None:
    raid = [a_message(f"you idiot {n}", id=f"raid-{n}") for n in range(40)]
    await reports_of(group).report(raid[3], a_person("om"))
    await group.messages.judge(raid[:2])
    assert await group.messages.judge(raid) == [True] * 40
    cases = await group.cases()
    assert sorted(case.number for case in cases) == list(range(1, 41))
    assert all(case.hidden for case in cases)
    told = next(case for case in cases if case.message_id == "raid-3")
    assert told.verdict.reason.endswith("reported by a member")
    await group.act()
    hidden = [
        each.target_id for each in group.adapter.orders if each.effect.kind is EffectKind.HIDE
    ]
    assert sorted(filter(None, hidden)) == sorted(each.id for each in raid)


async def test_an_edit_is_reported_whatever_was_decided_of_the_text_before_it(
    group: ModeratedGroup,
) -> None:
    reports, om = reports_of(group), a_person("om")
    await group.says("how silly")
    await group.act()
    await group.press(Press.RESTORE)
    assert (await reports.report(a_message("how silly"), om)).text == "report.decided"
    edited = a_message("buy my course", revision=1)
    assert (await reports.report(edited, om)).text == "report.taken"
    await group.act()
    card = group.adapter.cards()[-1]
    assert card.message is not None
    assert card.message.text == "buy my course"
    assert (await reports.report(edited, om)).text == "report.again"
    await group.press(Press.RESTORE)
    assert (await reports.report(edited, om)).text == "report.decided"
    assert len(await group.cases()) == 2


async def test_an_edit_is_reported_though_reviewers_have_its_first_text_before_them(
    group: ModeratedGroup,
) -> None:
    reports, edited = reports_of(group), a_message("you idiot", revision=1)
    await group.says("how silly")
    await reports.report(edited, a_person("om"))
    await group.says("you idiot", revision=1)
    newest, first = await group.cases()
    assert newest.hidden
    assert newest.verdict.reason.endswith("reported by a member"), "its verdict goes into its case"
    assert "reported" not in first.verdict.reason


async def test_a_reported_edit_finds_its_case_though_its_number_was_forgotten(
    group: ModeratedGroup,
) -> None:
    reports = reports_of(group)
    await group.says("how silly", revision=1)
    await group.says("so silly", revision=2)
    forgotten = a_message("so silly", revision=1)
    await reports.report(forgotten, a_person("om"))
    newest, first = await group.cases()
    assert newest.verdict.reason.endswith("reported by a member")
    assert "reported" not in first.verdict.reason


async def test_what_a_member_writes_with_a_report_is_on_the_card(group: ModeratedGroup) -> None:
    reports = reports_of(group)
    await reports.report(a_message("so so"), a_person("om"), "he follows me")
    again = await reports.report(a_message("so so"), a_person("om"), "I say it again")
    await group.act()
    assert again.text == "report.again"
    assert group.adapter.cards()[-1].whys == ("he follows me",)


async def test_a_reviewers_reason_is_on_record(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    [button] = [b for b in group.adapter.cards()[-1].buttons if b.press is Press.WARN]
    await group.desk.press(button.id, NOOR, REVIEW, "third time this week")
    async with group.store.reading() as tx:
        entries = [entry async for entry in tx.audit.entries(group.community.id)]
    [decided] = [e.fact for e in entries if e.fact.action == "case.decided"]
    assert decided.details == {
        "decision": DecisionKind.WARN,
        "reason": "third time this week",
    }


async def test_what_was_put_aside_to_hide_comes_back_with_the_restore(
    group: ModeratedGroup,
) -> None:
    await group.says("you idiot")
    await group.act()
    await group.press(Press.RESTORE)
    hide, restore = (o for o in group.adapter.orders if o.effect.kind in ("hide", "restore"))
    assert (hide.kept, restore.kept) == (None, "ref-1")
    assert restore.case_number == 1
    [*_, card] = [o for o in group.adapter.orders if o.effect.kind is EffectKind.CARD]
    assert card.kept == "ref-1"  # so that it does not show it a second time


async def test_reviewers_are_not_judged_where_they_review(group: ModeratedGroup) -> None:
    assert await group.says("you idiot", place=REVIEW)
    thread = Place(REVIEW.platform, REVIEW.group, "thread")
    assert await group.says("you idiot", id="m2", place=thread, parent=REVIEW.channel)
    assert await group.cases() == []


async def test_a_channel_apart_becomes_its_groups_review_channel_without_a_code(
    group: ModeratedGroup,
) -> None:
    linking = linking_of(group, Admins())
    here = Place(LOBBY.platform, LOBBY.group, "mods")
    answer = await linking.link(link(here, apart=True, public=True))
    assert [each.key for each in answer.sentences] == ["link.public"]
    answer = await linking.link(link(here, a_person(), apart=True))
    assert [each.key for each in answer.sentences] == ["command.admins_only"]
    answer = await linking.link(link(here, apart=True))
    assert answer.accepted
    async with group.store.reading() as tx:
        community = await tx.communities.get(group.community.id)
    assert here in community.review_channels


async def test_a_topic_of_the_group_never_becomes_its_review_channel(
    group: ModeratedGroup,
) -> None:
    linking = linking_of(group, Admins())
    code = dict((await linking.link(link(LOBBY))).sentences[0].fields)["code"]
    topic = Place(LOBBY.platform, LOBBY.group, "topic")
    answer = await linking.link(link(topic, argument=code))
    assert [each.key for each in answer.sentences] == ["link.same_group"]


async def test_a_code_links_a_channel_of_another_platform_while_its_maker_is_an_admin(
    group: ModeratedGroup,
) -> None:
    adapter = Admins()
    linking = linking_of(group, adapter)
    there = Place("far", "server", "mods")
    codes = [dict((await linking.link(link(LOBBY))).sentences[0].fields)["code"] for _ in range(2)]
    adapter.admins.discard(NOOR.id)
    answer = await linking.link(link(there, FAR, argument=codes[0], apart=True))
    assert [each.key for each in answer.sentences] == ["link.not_an_admin_there"]
    adapter.admins.add(NOOR.id)
    assert (await linking.link(link(there, FAR, argument=codes[1], apart=True))).accepted


async def test_a_gap_is_on_record_and_reviewers_are_told(group: ModeratedGroup) -> None:
    standings = StandingHandler(store=group.store, window=group.window, now=group.now)
    [telling] = await standings.miss(Gap(LOBBY, NOW - timedelta(days=2), NOW))
    assert telling.to == REVIEW
    assert await standings.miss(Gap(Place("far", "other"), NOW, NOW)) == []
    async with group.store.reading() as tx:
        entries = [entry async for entry in tx.audit.entries(group.community.id)]
    assert entries[-1].fact.action == "messages.missed"


async def test_back_in_the_review_channel_the_bot_shows_at_once_what_it_could_not(
    group: ModeratedGroup,
) -> None:
    group.adapter.answer = lambda _: Outcome(Result.REFUSED, "not a member of the chat")
    await group.says("how silly")
    await group.act()
    group.adapter.answer = None
    await group.sweeper.sweep()
    await group.act()
    async with group.store.reading() as tx:
        assert await tx.cards.refs(REVIEW) == []
    standings = StandingHandler(store=group.store, window=group.window, now=group.now)
    back = Standing(REVIEW, "Reviewers", NOOR, present=True, joined=True, lacks=frozenset())
    await standings.stand(back)
    await group.act()
    async with group.store.reading() as tx:
        assert len(await tx.cards.refs(REVIEW)) == 1


async def test_in_a_review_channel_that_was_let_go_nothing_is_shown_and_nobody_decides(
    group: ModeratedGroup,
) -> None:
    await group.says("how silly")
    await group.act()
    card = group.adapter.cards()[-1]
    async with group.store.transaction() as tx:
        left = await unbind_review(tx, group.community, REVIEW, "test", group.now)
    await group.says("so silly", id="m2")
    await group.sweeper.sweep()
    await group.act()
    assert group.adapter.cards()[-1] is card
    assert (await group.press(Press.RESTORE, card=card)).text == "press.not_a_reviewer"
    async with group.store.reading() as tx:
        entries = [entry async for entry in tx.audit.entries(left.id)]
    [fact] = [each.fact for each in entries if each.fact.action == "community.unbound"]
    assert fact.details == {"role": "review", "place": "playground:review"}
