"""A sentence in several messages, read as one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.bursts import MOST, SHORT, WITHIN, joined, may_be_part, read_together
from bot.domain.judging import Judgement
from bot.domain.messages import Attachment, Message, Part, PartKind, Place
from bot.domain.policy import Action
from tests.factories import NOW, a_message, a_verdict

ALLOWED = a_verdict(Action.ALLOW)
HIDE = a_verdict(Action.HIDE, reason="toxicity 0.97, hidden from 0.90")


def said(text: str, number: int, seconds: float = 0.0, **changes: object) -> Message:
    return a_message(text, id=str(number), posted_at=NOW + timedelta(seconds=seconds), **changes)


def judged(message: Message, verdict=ALLOWED) -> Judgement:
    return Judgement(message, (), verdict)


def test_messages_are_read_in_the_order_in_which_they_were_posted():
    whole = joined(said("idiot", 10, 2), [said("an", 9, 2), said("you are", 8, 1)])
    assert whole is not None
    assert whole.text == "you are an idiot"
    assert whole.continues == ("8", "9")
    assert whole.key == said("idiot", 10).key


def test_one_that_was_met_late_still_has_its_place():
    whole = joined(said("you", 1, 0), [said("idiot", 2, 1)])
    assert whole is not None
    assert (whole.id, whole.text, whole.continues) == ("1", "you idiot", ("2",))


def test_a_message_alone_is_no_sentence_of_several():
    assert joined(said("you", 1), []) is None
    assert joined(said("you", 1), [said("you", 1)]) is None


def test_what_was_said_long_before_is_another_sentence():
    apart = WITHIN.total_seconds() + 0.1
    assert joined(said("idiot", 2, apart), [said("you", 1)]) is None


def test_an_edited_part_counts_as_it_reads_now():
    before, after = said("you", 1), said("we", 1, 1, revision=1)
    whole = joined(said("agree", 2, 2), [before, after])
    assert whole is not None
    assert (whole.text, whole.continues) == ("we agree", ("1",))


def test_only_the_newest_are_read():
    others = [said(str(number), number, number / 10) for number in range(1, 20)]
    whole = joined(said("20", 20, 2), others)
    assert whole is not None
    assert whole.text.split() == [str(number) for number in range(21 - MOST, 21)]


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (said("you", 1), True),
        (said("x" * SHORT, 1), True),
        (said("x" * (SHORT + 1), 1), False),
        (said("  ", 1), False),
        (said("you", 1, attachments=(Attachment("photo", "ref"),)), False),
        (said("you", 1, parts=(Part(PartKind.NAME, "you"),)), False),
        (said("you", 1, blocked=True), False),
    ],
)
def test_a_part_is_a_few_words_and_nothing_else(message, part):
    assert may_be_part(message) is part


def test_a_sentence_counts_where_none_of_its_parts_does():
    first, last = said("you", 1), said("idiot", 2)
    whole = joined(last, [first])
    assert whole is not None
    counted = read_together([judged(first), judged(last)], [None, judged(whole, HIDE)])
    assert counted[0] == judged(first)
    assert counted[1] is not None
    assert counted[1].message == whole
    assert counted[1].verdict is not None
    assert counted[1].verdict.action is Action.HIDE
    assert counted[1].verdict.reason == f"{HIDE.reason}, read as one from 2 messages"


def test_a_part_that_has_its_own_verdict_is_no_reason_to_hide_its_neighbour():
    insult, sorry = said("you idiot", 1), said("sorry, wrong chat", 2)
    whole = joined(sorry, [insult])
    assert whole is not None
    counted = read_together([judged(insult, HIDE), judged(sorry)], [None, judged(whole, HIDE)])
    assert counted == [judged(insult, HIDE), judged(sorry)]


def test_no_message_is_in_two_cases():
    first, second, third = said("you", 1), said("idiot", 2), said("lol", 3)
    both, all_three = joined(second, [first]), joined(third, [first, second])
    assert both is not None
    assert all_three is not None
    counted = read_together(
        [judged(each) for each in (first, second, third)],
        [None, judged(both, HIDE), judged(all_three, HIDE)],
    )
    assert counted[2] == judged(third)


def test_a_message_that_could_not_be_judged_yet_stays_so():
    first, last = said("you", 1), said("idiot", 2)
    whole = joined(last, [first])
    assert whole is not None
    assert read_together([judged(first), None], [None, judged(whole, HIDE)])[1] is None


def test_messages_of_another_group_may_bear_the_same_ids():
    elsewhere = judged(said("idiot", 2, place=Place("telegram", "-2")), HIDE)
    sentence = joined(said("idiot", 2), [said("you", 1)])
    alone = [elsewhere, judged(said("idiot", 2))]
    [_, counting] = read_together(alone, [None, judged(sentence, HIDE)])
    assert counting is not None
    assert counting.verdict is not None
    assert counting.verdict.action is Action.HIDE
