"""What an engine's process and the one that asks it say to each other, and how that is framed.

A frame is a length in four bytes and a message in MessagePack. The first one asks for an engine;
what there is to log meanwhile and how it went come back. Then requests and answers follow, which
bear their request's number, because they may come in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from bot.domain.scores import Label
from bot.scoring.windows import Reading

HEAD = 4
"""Bytes that say how long the rest of a frame is."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Asks for an engine; see `load_engine`."""

    engine: str
    model: str
    data_dir: str
    config_path: str | None


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Asks for texts to be cut into windows."""

    number: int
    texts: Sequence[str]


class Score(msgspec.Struct, frozen=True, tag="score"):
    """Asks for windows to be scored in one call."""

    number: int
    windows: Sequence[str]


class Said(msgspec.Struct, frozen=True, tag="said"):
    """An entry for the log."""

    level: str
    event: str
    fields: dict[str, Any]


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The engine is loaded; see `Engine`."""

    tokens_a_call: int
    pads: bool


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """There is no engine. mendable: `why` says what to mend, else it names the fault."""

    why: str
    mendable: bool


class Readings(msgspec.Struct, frozen=True, tag="readings"):
    """One for each text, in order."""

    number: int
    readings: list[Reading]


class Scored(msgspec.Struct, frozen=True, tag="scored"):
    """One mapping for each window, in order."""

    number: int
    scores: list[Mapping[Label, float]]


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """A request came to nothing. why: names the fault, never the text."""

    number: int
    why: str


Request: TypeAlias = Open | Read | Score
Answer: TypeAlias = Readings | Scored | Fault
Reply: TypeAlias = Said | Opened | Refused | Answer

_encoder = msgspec.msgpack.Encoder(enc_hook=str)
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def framed(message: Request | Reply) -> bytes:
    """A message with its head, to be sent."""
    body = _encoder.encode(message)
    return len(body).to_bytes(HEAD, "big") + body


def length(head: bytes) -> int:
    """How many bytes follow a head."""
    return int.from_bytes(head, "big")


def request(body: bytes) -> Request:
    """What is asked. Raises msgspec.DecodeError."""
    return _requests.decode(body)


def reply(body: bytes) -> Reply:
    """What is answered. Raises msgspec.DecodeError."""
    return _replies.decode(body)
