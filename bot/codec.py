"""How the core's values are written down, in streams and in the database.

Every payload is JSON in an envelope: `v`, the form it was written in, and `needs`, the oldest
form whose readers understand it. Releases overlap while one replaces another, so a release
adds fields with defaults and ignores fields it does not know; only a change that an older
reader would misread raises `needs`, and that reader then keeps the payload aside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from bot.domain.effects import Effect
from bot.domain.errors import UnreadablePayload
from bot.domain.explanations import WordWeight
from bot.domain.messages import Message
from bot.domain.policy import Policy, Verdict
from bot.domain.repositories import Evidence
from bot.domain.signals import Flagged, Listed, Reported, Scored, Signal, Uncovered, Unjudged

FORM = 1
NEEDS = 1

T = TypeVar("T")
_SIGNALS: Mapping[str, type[Any]] = {
    "scored": Scored,
    "listed": Listed,
    "unjudged": Unjudged,
    "reported": Reported,
    "uncovered": Uncovered,
    "flagged": Flagged,
}
_SIGNAL_NAMES = {kind: name for name, kind in _SIGNALS.items()}


class _Envelope(msgspec.Struct):
    v: int
    needs: int
    body: msgspec.Raw


_encoder = msgspec.json.Encoder()
_envelopes = msgspec.json.Decoder(_Envelope)


def _writer(value: object) -> bytes:
    return _encoder.encode({"v": FORM, "needs": NEEDS, "body": value})


def _reader(kind: type[T]) -> Callable[[bytes], T]:
    decoder = msgspec.json.Decoder(kind)

    def read(payload: bytes) -> T:
        return decoder.decode(_body(payload))

    return _translated(read)


def _translated(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    def translated(payload: bytes) -> T:
        try:
            return read(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as exc:
            raise UnreadablePayload(f"payload of {len(payload)} bytes: {exc}") from exc

    return translated


def _body(payload: bytes) -> msgspec.Raw:
    envelope = _envelopes.decode(payload)
    if envelope.needs > FORM:
        raise UnreadablePayload(
            f"payload needs a reader of form {envelope.needs}, this release reads {FORM}"
        )
    return envelope.body


def write_message(message: Message) -> bytes:
    """A message, as UTF-8 JSON."""
    return _writer(message)


read_message = _reader(Message)
"""The message in a payload. Raises UnreadablePayload."""


def write_effect(effect: Effect) -> bytes:
    """An effect, as UTF-8 JSON."""
    return _writer(effect)


read_effect = _reader(Effect)
"""The effect in a payload. Raises UnreadablePayload."""


def write_verdict(verdict: Verdict) -> bytes:
    """A verdict, as UTF-8 JSON."""
    return _writer(verdict)


read_verdict = _reader(Verdict)
"""The verdict in a payload. Raises UnreadablePayload."""


def write_policy(policy: Policy) -> bytes:
    """A policy, as UTF-8 JSON."""
    return _writer(policy)


read_policy = _reader(Policy)
"""The policy in a payload. Raises UnreadablePayload."""


def write_evidence(evidence: Evidence) -> bytes:
    """What a case was opened on, as UTF-8 JSON."""
    signals = [{"kind": _SIGNAL_NAMES[type(each)], "of": each} for each in evidence.signals]
    return _writer({"message": evidence.message, "signals": signals, "words": evidence.words})


class _WrittenSignal(msgspec.Struct):
    kind: str
    of: msgspec.Raw


class _WrittenEvidence(msgspec.Struct):
    message: Message
    signals: list[_WrittenSignal]
    words: tuple[WordWeight, ...] = ()


_evidence = msgspec.json.Decoder(_WrittenEvidence)


def _read_evidence(payload: bytes) -> Evidence:
    written = _evidence.decode(_body(payload))
    signals = tuple(_read_signal(each) for each in written.signals)
    return Evidence(written.message, signals, written.words)


def _read_signal(written: _WrittenSignal) -> Signal:
    kind = _SIGNALS.get(written.kind)
    if kind is None:  # a later release knows more signals; the rest of the evidence still counts
        return Unjudged(f"signal {written.kind!r} is from a later release")
    signal: Signal = msgspec.json.decode(written.of, type=kind)
    return signal


read_evidence = _translated(_read_evidence)
"""The evidence in a payload. Raises UnreadablePayload."""
