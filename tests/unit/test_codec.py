"""What is written by this release reads back, here and in the releases beside it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import codec
from bot.domain.errors import UnreadablePayload
from bot.domain.repositories import Evidence
from bot.domain.scores import Label, Scores
from bot.domain.signals import Flagged, Listed, Reported, Scored, Unjudged
from tests.factories import a_message, a_policy, a_verdict, an_opened_case


@given(st.text(st.characters(), max_size=200))
def test_any_text_survives_being_written_even_broken_unicode(text: str) -> None:
    message = a_message(text)
    assert codec.read_message(codec.write_message(message)) == message


def test_lone_surrogates_and_nul_become_replacement_characters() -> None:
    assert a_message("a\ud800b\x00c").text == "a\ufffdb\ufffdc"


def test_policy_verdict_effect_and_evidence_read_back() -> None:
    scores = Scores({Label.THREAT: 0.25}, complete=False)
    signals = (
        Scored(scores, "mini"),
        Listed("x", True),
        Unjudged("y"),
        Reported("far:om", "why"),
        Flagged("AutoMod", "spam", blocked=True),
    )
    evidence = Evidence(a_message(parent="forum", blocked=True), signals)
    [effect, *_] = an_opened_case().effects
    assert codec.read_policy(codec.write_policy(a_policy())) == a_policy()
    assert codec.read_verdict(codec.write_verdict(a_verdict())) == a_verdict()
    assert codec.read_effect(codec.write_effect(effect)) == effect
    assert codec.read_evidence(codec.write_evidence(evidence)) == evidence


def _changed(payload: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(payload), **changes}).encode()


def test_a_payload_of_the_next_release_with_new_fields_is_read() -> None:
    written = json.loads(codec.write_message(a_message()))
    written["v"] = codec.FORM + 1
    written["body"]["colour"] = "green"
    assert codec.read_message(json.dumps(written).encode()) == a_message()


def test_a_payload_of_the_previous_release_without_newer_fields_is_read() -> None:
    written = json.loads(codec.write_message(a_message()))
    del written["body"]["album"]
    assert codec.read_message(json.dumps(written).encode()) == a_message()


def test_a_signal_of_a_later_release_does_not_spoil_the_evidence() -> None:
    written = json.loads(codec.write_evidence(Evidence(a_message(), ())))
    written["body"]["signals"] = [{"kind": "telepathy", "of": {}}]
    [signal] = codec.read_evidence(json.dumps(written).encode()).signals
    assert isinstance(signal, Unjudged)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[1]",
        _changed(codec.write_message(a_message()), body={"place": 3}),
        _changed(codec.write_message(a_message()), needs=codec.FORM + 1),
    ],
)
def test_what_this_release_cannot_read_is_said_to_be_unreadable(payload: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        codec.read_message(payload)
