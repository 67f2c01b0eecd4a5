"""What is asked for and, as things stand, is not to be done: refused before it, held by another
case, or left behind by a group that moved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.adapters import card_words
from bot.domain.cards import Press
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.messages import Place
from bot.domain.ports import Order
from config.phrases import LocalePhrases
from tests.factories import LOBBY
from tests.fakes.moderated_group import ModeratedGroup, moderated_group

HIDE, RESTORE, NOTIFY = EffectKind.HIDE, EffectKind.RESTORE, EffectKind.NOTIFY
MUTE, UNMUTE, BAN, UNBAN = EffectKind.MUTE, EffectKind.UNMUTE, EffectKind.BAN, EffectKind.UNBAN
MOVED = Place(LOBBY.platform, "moved")
say = LocalePhrases().say


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as open_group:
        yield open_group


def refusing(*kinds: EffectKind) -> Callable[[Order], Outcome]:
    def answer(order: Order) -> Outcome:
        if order.effect.kind in kinds:
            return Outcome(Result.REFUSED, "no right")
        return Outcome(Result.DONE, ref="1")

    return answer


def told(group: ModeratedGroup) -> list[str | None]:
    return [each.effect.notice for each in group.adapter.orders if each.effect.kind is NOTIFY]


def said(group: ModeratedGroup) -> list[str]:
    """What the newest card says was done."""
    return [card_words.done(each, say) for each in group.adapter.cards()[-1].done]


async def test_a_notice_tells_of_its_own_deed_whatever_became_of_others(
    group: ModeratedGroup,
) -> None:
    group.adapter.answer = refusing(HIDE)
    await group.says("how silly")
    await group.act()
    await group.press(Press.MUTE)
    assert (group.adapter.did(), told(group)) == ([HIDE, MUTE], [])
    assert "Author not told, since it was not done" in said(group)


async def test_a_hidden_messages_author_is_told_though_the_mute_was_refused(
    group: ModeratedGroup,
) -> None:
    group.adapter.answer = refusing(MUTE)
    await group.says("how silly")
    await group.act()
    await group.press(Press.MUTE)
    assert told(group) == ["notice.hidden"]


async def test_what_could_not_be_hidden_is_not_posted_a_second_time(group: ModeratedGroup) -> None:
    group.adapter.answer = refusing(HIDE)
    await group.says("you idiot")
    await group.act()
    assert card_words.headline(group.adapter.cards()[-1], say) == "Not hidden yet"
    await group.press(Press.RESTORE)
    assert (group.adapter.did(), told(group)) == ([HIDE], [])
    assert "Nothing to bring back: it was never hidden" in said(group)


async def test_undoing_one_ban_leaves_the_one_of_another_case(group: ModeratedGroup) -> None:
    for number in ("m1", "m2"):
        await group.says("you idiot", id=number)
        await group.act()
        await group.press(Press.BAN)
        await group.press(Press.CONFIRM_BAN)
    first, second = await group.cases()
    cards = {each.case.id: each for each in group.adapter.cards()}
    await group.press(Press.UNDO, card=cards[first.id])
    assert UNBAN not in group.adapter.did()
    assert "Left in force: another case's decision asks for it" in said(group)
    await group.press(Press.UNDO, card=cards[second.id])
    assert group.adapter.did()[-1] is UNBAN


async def test_a_mute_of_another_case_that_has_run_out_holds_nothing(group: ModeratedGroup) -> None:
    await group.says("you idiot", id="m1")
    await group.act()
    await group.press(Press.MUTE)
    [until] = [each.effect.until for each in group.adapter.orders if each.effect.kind is MUTE]
    assert until is not None
    group.time = until
    await group.says("you idiot", id="m2")
    await group.act()
    await group.press(Press.MUTE)
    await group.press(Press.UNDO)
    assert group.adapter.did()[-1] is UNMUTE


async def test_a_message_that_a_moved_group_left_behind_has_no_id_any_more(
    group: ModeratedGroup,
) -> None:
    await group.says("how silly")
    await group.act()
    async with group.store.transaction() as tx:
        await tx.communities.rebind(LOBBY, MOVED)
    await group.press(Press.KEEP_HIDDEN)
    [hide] = [each for each in group.adapter.orders if each.effect.kind is HIDE]
    assert (hide.effect.place.group, hide.out_of_reach) == (MOVED.group, True)


async def test_a_repost_after_the_move_can_be_hidden_again(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    async with group.store.transaction() as tx:
        await tx.communities.rebind(LOBBY, MOVED)
    group.adapter.answer = lambda order: Outcome(Result.DONE, ref="reposted-7")
    await group.press(Press.RESTORE)
    await group.press(Press.UNDO)
    hide = next(each for each in reversed(group.adapter.orders) if each.effect.kind is HIDE)
    assert (hide.target_id, hide.out_of_reach) == ("reposted-7", False)
