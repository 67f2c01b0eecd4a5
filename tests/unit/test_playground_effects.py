"""The core's orders, carried out in the playground."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.playground.effects import carried_out
from bot.adapters.playground.world import State, World
from bot.domain.cards import Card, Record
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.ports import Order
from config.phrases import LocalePhrases
from tests.factories import LOBBY, NOW, REVIEW, a_message, a_person, an_opened_case

ASHA = a_person()
Carry = Callable[..., Outcome]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, lambda: NOW)
    yield world
    world.close()


@pytest.fixture
def carry(world: World) -> Carry:
    """Carry out an effect of this kind, each under an intent of its own."""
    ids = itertools.count(1)

    def carry(kind: EffectKind, place=LOBBY, order=None, **values) -> Outcome:
        effect = Effect(kind, "case-1", place, **values)
        intent = Intent(f"intent-{next(ids)}", "community-1", effect, NOW)
        return carried_out(Order(intent, 1, **(order or {})), world.bot, LocalePhrases())

    return carry


def state_of(world: World) -> State:
    [post] = world.view().posts
    return post.state


def test_hide_and_restore(world, carry):
    message_id = world.post("asha", "hello")
    assert carry(EffectKind.HIDE, message_id=message_id) == Outcome(Result.DONE)
    assert state_of(world) is State.HIDDEN
    assert carry(EffectKind.RESTORE, message_id=message_id) == Outcome(Result.DONE)
    assert state_of(world) is State.VISIBLE


def test_a_sentence_in_several_messages_goes_and_comes_back_whole(world, carry):
    first, last = world.post("asha", "you"), world.post("asha", "idiot")
    whole = replace(a_message("you idiot", id=last), continues=(first,))
    carry(EffectKind.HIDE, message_id=last, order={"message": whole})
    assert [post.state for post in world.view().posts] == [State.HIDDEN, State.HIDDEN]
    carry(EffectKind.RESTORE, message_id=last, order={"message": whole})
    assert [post.state for post in world.view().posts] == [State.VISIBLE, State.VISIBLE]


def test_the_message_as_it_stands_now_is_the_one_that_is_hidden(world, carry):
    world.post("asha", "as it was first posted")
    reposted = world.post("asha", "as it was brought back")
    carry(EffectKind.HIDE, message_id="1", order={"target_id": reposted})
    assert [post.state for post in world.view().posts] == [State.VISIBLE, State.HIDDEN]


def test_what_is_gone_already_is_a_success(world, carry):
    message_id = world.post("asha", "hello")
    world.delete("asha", message_id)
    assert carry(EffectKind.HIDE, message_id=message_id).result is Result.GONE
    assert carry(EffectKind.RESTORE, message_id=message_id).result is Result.GONE
    assert carry(EffectKind.HIDE, message_id="no such id").result is Result.GONE
    assert carry(EffectKind.UNMUTE, person=ASHA).result is Result.GONE
    assert carry(EffectKind.UNBAN, person=ASHA).result is Result.GONE


def test_a_missing_right_is_refused_with_the_sentence_that_mends_it(world, carry):
    message_id = world.post("asha", "hello")
    world.let_bot_delete(False)
    outcome = carry(EffectKind.HIDE, message_id=message_id)
    assert outcome.result is Result.REFUSED
    assert "Give it that right" in outcome.reason
    assert state_of(world) is State.VISIBLE


@pytest.mark.parametrize(
    ("kind", "notice", "begins"),
    [
        (EffectKind.WARN, "notice.warn", "A reviewer found"),
        (EffectKind.NOTIFY, "notice.hidden", "Your message was hidden"),
        (EffectKind.NOTIFY, "notice.restored", "A reviewer looked at your message"),
        (EffectKind.KICK, "notice.kick", "A reviewer found"),
        (EffectKind.BAN, "notice.ban", "A reviewer found"),
    ],
)
def test_the_person_concerned_is_told(world, carry, kind, notice, begins):
    assert carry(kind, person=ASHA, notice=notice).result is Result.DONE
    [told] = world.view().notices
    assert told.member == "asha"
    assert told.text.startswith(begins)


def test_a_mute_says_until_when(world, carry):
    until = NOW + timedelta(hours=24)
    outcome = carry(EffectKind.MUTE, person=ASHA, until=until, notice="notice.mute")
    assert outcome.result is Result.DONE
    assert world.member("asha").muted_until == until
    assert "2026-03-02 12:00 UTC" in world.view().notices[0].text
    assert carry(EffectKind.UNMUTE, person=ASHA).result is Result.DONE
    assert world.member("asha").muted_until is None


def test_who_was_put_out_comes_back_as_a_newcomer(world, carry):
    carry(EffectKind.KICK, person=ASHA, notice="notice.kick")
    assert world.member("asha").joined_at == NOW
    assert not world.member("asha").banned


def test_a_ban_and_its_end(world, carry):
    carry(EffectKind.BAN, person=ASHA, notice="notice.ban")
    assert world.member("asha").banned
    carry(EffectKind.UNBAN, person=ASHA)
    assert not world.member("asha").banned


def test_a_card_is_posted_and_then_drawn_anew_where_it_stands(world, carry):
    case = an_opened_case().case
    card = Card(case, a_message(), None, Record(), (), ())
    posted = carry(EffectKind.CARD, REVIEW, order={"card": card})
    assert posted.result is Result.DONE
    again = replace(card, ref=posted.ref, case=replace(case, number=7))
    assert carry(EffectKind.CARD, REVIEW, order={"card": again}).ref == posted.ref
    [shown] = world.view().cards
    assert shown.view["number"] == 7


def test_a_card_posted_again_unknowingly_stands_once_and_shows_how_the_case_stands_now(world):
    case = an_opened_case().case
    card = Card(case, a_message(), None, Record(), (), ())
    intent = Intent("intent-1", "community-1", Effect(EffectKind.CARD, case.id, REVIEW), NOW)
    carried_out(Order(intent, 1, card=card), world.bot, LocalePhrases())
    since = replace(card, case=replace(case, number=7))
    carried_out(Order(intent, 2, card=since), world.bot, LocalePhrases())
    [shown] = world.view().cards
    assert shown.view["number"] == 7


def test_a_card_that_is_gone_is_not_posted_again(world, carry):
    card = Card(an_opened_case().case, a_message(), None, Record(), (), (), ref="404")
    assert carry(EffectKind.CARD, REVIEW, order={"card": card}).result is Result.GONE
    assert world.view().cards == []


def test_an_order_for_a_card_without_the_card_is_an_error(carry):
    with pytest.raises(PlatformError, match="comes without its card"):
        carry(EffectKind.CARD, REVIEW)


def test_the_same_intent_again_gives_the_first_answer(world):
    message_id = world.post("asha", "hello")
    effect = Effect(EffectKind.HIDE, "case-1", LOBBY, message_id=message_id)
    order = Order(Intent("intent-1", "community-1", effect, NOW), 1)
    first = carried_out(order, world.bot, LocalePhrases())
    again = carried_out(replace(order, attempt=2), world.bot, LocalePhrases())
    assert first == again == Outcome(Result.DONE)
    assert [each.asked for each in world.bot.applied()] == [2]
