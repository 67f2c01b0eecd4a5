"""What the playground makes of the core's values, and the core of the playground's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.adapters.playground.bell import Bell
from bot.adapters.playground.bot_api import Update
from bot.adapters.playground.cards import SHOWN_OF_TEXT, drawn
from bot.adapters.playground.rulebook import Limits, PolicyForm, changed
from bot.adapters.playground.scoreboard import KEPT, Scoreboard
from bot.adapters.playground.translate import message_in
from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import DecisionKind, decide, take
from bot.domain.effects import EffectKind, Result
from bot.domain.errors import InvalidPolicy, PressRefused
from bot.domain.explanations import WordWeight
from bot.domain.messages import Place
from bot.domain.policy import Action, Mode
from bot.domain.scores import Label, Scores
from bot.domain.signals import Listed, Scored
from config.phrases import LocalePhrases
from tests.factories import NOOR, NOW, a_message, a_policy, a_verdict, an_opened_case

PHRASES = LocalePhrases()


def a_card(action: Action = Action.HIDE, **changes) -> Card:
    verdict = changes.pop("verdict", a_verdict(action))
    values = {
        "case": replace(an_opened_case(verdict=verdict).case, number=3),
        "message": a_message("what was said"),
        "scores": Scores({Label.INSULT: 0.4, Label.TOXICITY: 0.97}),
        "record": Record(),
        "done": (),
        "buttons": (),
    }
    return Card(**{**values, **changes})


# ---------------------------------------------------------------- cards


def test_a_card_says_who_where_what_and_why():
    card = drawn(a_card(), PHRASES)
    assert (card.number, card.author, card.where) == (3, "Asha", "lobby")
    assert card.text == "what was said"
    assert card.reason == "toxicity 0.97, hidden from 0.90"
    assert card.scores == [("toxicity", 0.97), ("insult", 0.4)]


@pytest.mark.parametrize(
    ("verdict", "tone", "headline"),
    [
        (a_verdict(Action.HIDE), "hidden", "Hidden"),
        (a_verdict(Action.REVIEW), "visible", "Still visible"),
        (a_verdict(Action.HIDE, enforced=False), "observed", "Would have been hidden"),
        (a_verdict(Action.REVIEW, enforced=False), "observed", "Would have come to review"),
    ],
)
def test_a_card_says_how_its_message_stands(verdict, tone, headline):
    card = drawn(a_card(verdict=verdict), PHRASES)
    assert (card.tone, card.headline) == (tone, headline)


def test_a_long_text_is_cut_and_says_so():
    card = drawn(a_card(message=a_message("a" * 1_000_000)), PHRASES)
    assert card.text is not None
    assert len(card.text) == SHOWN_OF_TEXT
    assert card.left_out is not None
    assert "996,000" in card.left_out


def test_erased_evidence_leaves_a_card_without_text():
    card = drawn(a_card(message=None, scores=None), PHRASES)
    assert (card.text, card.left_out, card.scores) == (None, None, [])


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (Record(), "Asha has no earlier cases."),
        (
            Record(cases=1, restored=1),
            "Asha had 1 earlier case: 1 restored, 0 kept hidden, 0 with a sanction, 0 still open.",
        ),
        (
            Record(cases=7, restored=1, kept_hidden=2, sanctioned=1),
            "Asha had 7 earlier cases: 1 restored, 2 kept hidden, 1 with a sanction, 3 still open.",
        ),
    ],
)
def test_a_card_tells_the_authors_record(record, sentence):
    assert drawn(a_card(record=record), PHRASES).record == sentence


def test_a_word_that_weighed_is_told_without_the_marks_behind_it():
    words = tuple(WordWeight(word, 0.4) for word in ("loser,", "b*tch!", "face.", "?!"))
    assert drawn(a_card(words=words), PHRASES).words == ["loser", "b*tch", "face", "?!"]


def test_a_refused_effect_stands_out_with_its_reason():
    done = Done(EffectKind.HIDE, Result.REFUSED, "Give it the right.", NOW)
    [line] = drawn(a_card(done=(done,)), PHRASES).done
    assert line.bad
    assert line.text == "Could not be hidden. Give it the right."


def test_the_buttons_of_a_visible_message_say_what_they_would_do_to_it():
    buttons = (Button("b1", Press.RESTORE), Button("b2", Press.KEEP_HIDDEN))
    hidden = drawn(a_card(Action.HIDE, buttons=buttons), PHRASES)
    visible = drawn(a_card(Action.REVIEW, buttons=buttons), PHRASES)
    assert [button.label for button in hidden.buttons] == ["Restore", "Keep hidden"]
    assert [button.label for button in visible.buttons] == ["Leave it up", "Hide it"]
    assert [button.id for button in visible.buttons] == ["b1", "b2"]


def test_a_card_says_who_holds_who_is_asked_and_who_decided():
    card = a_card()
    held = take(card.case, NOOR, 0, a_policy(), NOW).case
    kept = decide(card.case, NOOR, DecisionKind.KEEP_HIDDEN, 0, a_policy(), NOW).case
    assert drawn(card, PHRASES).state is None
    assert drawn(replace(card, case=held), PHRASES).state == "Noor is deciding"
    asked = drawn(replace(card, case=held, confirming=NOOR), PHRASES)
    assert asked.state == "Ban Asha? Noor is asked to confirm."
    assert drawn(replace(card, case=kept), PHRASES).state == "Noor kept it hidden"


def test_the_card_of_a_sentence_names_every_message_that_it_is_about():
    card = drawn(a_card(message=a_message("you idiot", id="m1", continues=("m0",))), PHRASES)
    assert (card.message_id, card.parts) == ("m1", ("m0",))


# ---------------------------------------------------------------- sentences


def test_every_sentence_that_the_code_can_ask_for_is_there():
    keys = [f"done.{kind}_{how}" for kind, how in product(EffectKind, [*Result, "under_way"])]
    keys = [key for key in keys if not key.startswith("done.card")]
    keys += [f"button.{key}" for key in (*Press, "leave_up", "hide")]
    keys += [f"decision.{kind}" for kind in DecisionKind]
    keys += [f"card.decided_{kind}" for kind in DecisionKind]
    keys += [f"notice.{key}" for key in ("hidden", "restored", "warn", "mute", "kick", "ban")]
    keys += ["notice.warning_withdrawn", "notice.kick_withdrawn"]
    keys += ["press.confirm_ban", "press.cancelled", "press.undone"]
    keys += [f"press.done_{kind}" for kind in DecisionKind]
    keys += [kind.reply for kind in (PressRefused, *PressRefused.__subclasses__())]
    assert [key for key in keys if PHRASES.say(key) == key] == []


# ---------------------------------------------------------------- messages


def an_update(**changes) -> Update:
    payload = {
        "message": "12",
        "revision": 2,
        "member": "priya",
        "name": "Priya",
        "role": "admin",
        "joined_at": "2026-01-01T00:00:00+00:00",
        "text": "hello \ud800",
        "at": "2026-03-01T12:00:00+00:00",
        "reach": 7,
    }
    return Update(1, {**payload, **changes})


def test_an_update_becomes_a_message():
    received = NOW + timedelta(milliseconds=20)
    message = message_in(an_update(), received)
    assert message.key == "playground:lobby:12:2"
    assert message.author.person.name == "Priya"
    assert message.author.roles == {"admin"}
    assert (message.posted_at, message.received_at, message.reach) == (NOW, received, 7)
    assert message.text == "hello \ufffd"


# ---------------------------------------------------------------- judgements


def test_the_scoreboard_keeps_scores_and_never_text():
    scoreboard = Scoreboard(Bell())
    scored = Scored(Scores({Label.TOXICITY: 0.2}), "mini")
    scoreboard.judged(a_message("secret"), [scored], a_verdict(Action.ALLOW))
    count, [judged] = scoreboard.since(0)
    assert count == 1
    assert (judged.message, judged.action, judged.scores) == ("m1", "allow", {"toxicity": 0.2})
    assert "secret" not in repr(judged)


def test_the_scoreboard_tells_the_exempt_from_the_listed():
    scoreboard = Scoreboard(Bell())
    scoreboard.judged(a_message(), [], None)
    scoreboard.judged(a_message(), [Listed("spam", hide=False)], a_verdict(Action.REVIEW))
    _, [exempt, listed] = scoreboard.since(0)
    assert (exempt.action, listed.action) == (None, "review")


def test_the_scoreboard_says_of_every_part_of_a_sentence_what_the_sentence_scored():
    scoreboard = Scoreboard(Bell())
    scored = Scored(Scores({Label.TOXICITY: 0.97}), "mini")
    scoreboard.judged(a_message("you", id="1"), [], a_verdict(Action.ALLOW))
    whole = a_message("you idiot", id="2", continues=("1",))
    scoreboard.judged(whole, [scored], a_verdict(Action.HIDE))
    shown = {each.message: each for each in scoreboard.since(0)[1]}
    assert [shown[id_].action for id_ in "12"] == ["hide", "hide"]
    assert shown["1"].scores == shown["2"].scores == {"toxicity": 0.97}


def test_what_a_part_says_by_itself_counts_again_once_it_is_edited():
    scoreboard = Scoreboard(Bell())
    whole = a_message("you idiot", id="2", continues=("1",))
    scoreboard.judged(whole, [], a_verdict(Action.HIDE))
    scoreboard.judged(a_message("you", id="1"), [], a_verdict(Action.ALLOW))
    assert scoreboard.since(0)[1][-1].action == "hide"
    scoreboard.judged(a_message("we", id="1", revision=1), [], a_verdict(Action.ALLOW))
    assert scoreboard.since(0)[1][-1].action == "allow"


def test_the_scoreboard_forgets_the_oldest_and_other_platforms():
    scoreboard = Scoreboard(Bell())
    scoreboard.judged(a_message(place=Place("telegram", "1")), [], None)
    for nth in range(KEPT + 2):
        scoreboard.judged(a_message(id=str(nth)), [], None)
    count, judged = scoreboard.since(0)
    assert (count, len(judged), judged[0].message) == (KEPT + 2, KEPT, "2")
    assert [each.message for each in scoreboard.since(count - 1)[1]] == [str(KEPT + 1)]


# ---------------------------------------------------------------- the policy's form


def a_form(review: float = 0.5, hide: float = 0.9, mode: Mode = Mode.ACT) -> PolicyForm:
    return PolicyForm("priya", mode, {Label.TOXICITY: Limits(review, hide)})


def test_changing_thresholds_leaves_the_rest_of_the_policy_alone():
    current = a_policy(mute_for=timedelta(hours=3))
    policy = changed(current, a_form(0.4, 0.6), [])
    assert policy.name == "custom"
    assert policy.mute_for == timedelta(hours=3)
    assert policy.thresholds[Label.TOXICITY].hide == 0.6
    assert Label.THREAT not in policy.thresholds


def test_thresholds_of_a_preset_bear_its_name():
    preset = changed(a_policy(name="strict"), a_form(0.4, 0.6), [])
    preset = replace(preset, name="strict")
    assert changed(a_policy(), a_form(0.4, 0.6), [preset]).name == "strict"
    assert changed(a_policy(), a_form(0.4, 0.6, Mode.OBSERVE), [preset]).name == "custom"


@pytest.mark.parametrize(("review", "hide"), [(0.9, 0.5), (0.0, 0.5), (0.5, 1.1)])
def test_thresholds_that_cannot_be_are_refused(review, hide):
    with pytest.raises(InvalidPolicy, match="need 0 < review <= hide <= 1"):
        changed(a_policy(), a_form(review, hide), [])
