"""Albums whose parts come one after another are one matter, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.cards import Press
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.messages import Attachment, Message, Part, PartKind
from bot.domain.policy import Action
from handlers.report import ReportHandler
from tests.factories import a_message, a_person
from tests.fakes.moderated_group import ModeratedGroup, moderated_group
from tests.integration.test_reports_and_links import reports_of

HIDE, NOTIFY = EffectKind.HIDE, EffectKind.NOTIFY


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as group:
        yield group


@pytest.fixture
def reports(group: ModeratedGroup) -> ReportHandler:
    return reports_of(group)


def an_album(files: int, *texts: str, revision: int = 0) -> Message:
    """The album m1, with so many files."""
    return a_message(
        parts=tuple(Part(PartKind.CAPTION, text) for text in texts),
        attachments=tuple(Attachment("photo", f"{n}:file") for n in range(files)),
        album="a1",
        revision=revision,
    )


async def judged(group: ModeratedGroup, *albums: Message) -> None:
    for each in albums:
        assert await group.messages.judge([each]) == [True]
    await group.act()


async def files(group: ModeratedGroup) -> int:
    """How many the one case knows of."""
    case = await group.case()
    async with group.store.reading() as tx:
        evidence = await tx.cases.evidence(case.id)
    assert evidence is not None
    return len(evidence.message.attachments)


async def test_more_of_a_hidden_album_is_hidden_in_its_case_and_told_once(
    group: ModeratedGroup,
) -> None:
    await judged(group, an_album(2, "you idiot"))
    await judged(group, an_album(3, "you idiot", revision=1))
    assert await files(group) == 3
    assert group.adapter.did() == [HIDE, NOTIFY, HIDE]
    last = group.adapter.orders[-2]
    assert last.message is not None
    assert (last.message.id, len(last.message.attachments)) == ("m1", 3)
    assert (await group.facts()).count("case.grown") == 1


async def test_what_went_of_an_album_comes_back_though_more_of_it_could_not_be_hidden(
    group: ModeratedGroup,
) -> None:
    await judged(group, an_album(2, "you idiot"))
    group.adapter.answer = lambda order: Outcome(
        Result.REFUSED if order.effect.kind is HIDE else Result.DONE, ref="1"
    )
    await judged(group, an_album(3, "you idiot", revision=1))
    await group.press(Press.RESTORE)
    assert group.adapter.did()[-2:] == [EffectKind.RESTORE, NOTIFY]


async def test_delivered_again_it_changes_nothing(group: ModeratedGroup) -> None:
    album, more = an_album(2, "you idiot"), an_album(3, "you idiot", revision=1)
    await judged(group, album)
    await judged(group, more, more, album)
    assert group.adapter.did() == [HIDE, NOTIFY, HIDE]
    assert await files(group) == 3


async def test_what_is_told_late_with_fewer_parts_is_no_case_of_its_own(
    group: ModeratedGroup,
) -> None:
    await judged(group, an_album(3, "you idiot", revision=1), an_album(2, "you idiot"))
    assert await files(group) == 3


async def test_two_of_one_album_may_be_judged_together(group: ModeratedGroup) -> None:
    albums = [an_album(2, "you idiot"), an_album(3, "you idiot", "fool", revision=1)]
    assert await group.messages.judge(albums) == [True, True]
    await group.act()
    assert await files(group) == 3


async def test_an_album_in_doubt_is_hidden_for_what_came_late(group: ModeratedGroup) -> None:
    await judged(group, an_album(2, "how silly"))
    assert group.adapter.did() == []
    await judged(group, an_album(3, "how silly", "idiot", revision=1))
    assert group.adapter.did() == [HIDE, NOTIFY]
    case = await group.case()
    assert case.verdict.action is Action.HIDE
    await group.press(Press.RESTORE)
    assert not (await group.case()).hidden


async def test_what_reviewers_hid_goes_whole_though_all_of_it_is_allowed(
    group: ModeratedGroup, reports: ReportHandler
) -> None:
    await judged(group, an_album(2, "my shop"))
    await reports.report(an_album(2, "my shop"), a_person("om"), "rubbish")
    await group.act()
    await group.press(Press.KEEP_HIDDEN)
    await judged(group, an_album(3, "my shop", "flowers", revision=1))
    assert group.adapter.did() == [HIDE, NOTIFY, HIDE]
    assert group.adapter.cards()[-1].whys == ("rubbish",)


async def test_what_was_reported_keeps_that_reason_beside_the_verdict_on_all_of_it(
    group: ModeratedGroup, reports: ReportHandler
) -> None:
    await reports.report(an_album(2, "my shop"), a_person("om"))
    await judged(group, an_album(3, "my shop", "idiot", revision=1), an_album(2, "my shop"))
    case = await group.case()
    assert case.hidden
    assert case.verdict.reason == "toxicity 0.99, hidden from 0.90; reported by a member"
    assert await files(group) == 3


async def test_what_reviewers_left_up_is_asked_of_anew_only_where_more_is_said(
    group: ModeratedGroup,
) -> None:
    await judged(group, an_album(2, "how silly"))
    await group.press(Press.RESTORE)
    await judged(group, an_album(3, "how silly", revision=1))
    assert group.adapter.did() == []
    assert await files(group) == 3
    await judged(group, an_album(4, "how silly", "idiot", revision=2))
    assert group.adapter.did() == [HIDE, NOTIFY]
    assert [case.hidden for case in await group.cases()] == [True, False]


async def test_an_edit_is_a_matter_of_its_own_as_of_any_message(group: ModeratedGroup) -> None:
    await judged(group, an_album(2, "how silly"), an_album(2, "so silly", revision=1))
    assert len(await group.cases()) == 2
