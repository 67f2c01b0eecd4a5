"""Reads parameters by the published schema: names, types, ranges.

A kind is written as `int`, `int(1,100)`, `str(0,200)`, `bytes(1,64)`, `bool`, `float`, `chat`,
`file`, `obj` (any object), `[kind]`, or the name of an object in `published.OBJECTS`.
`name!:kind` is required. Lengths of `str` are UTF-16 code units, those of `bytes` UTF-8 bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, bad_request

Json = dict[str, Any]
_KIND = re.compile(r"(?P<name>\w+)(?:\((?P<low>-?\d*),(?P<high>-?\d*)\))?$")


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value and its bounds, which are inclusive."""

    name: str
    low: int | None = None
    high: int | None = None
    item: Kind | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a method, or one field of an object."""

    name: str
    kind: Kind
    required: bool


Shape = Mapping[str, Field]


def parse_kind(text: str) -> Kind:
    """Read a kind as this module's docstring writes it."""
    if text.startswith("["):
        return Kind("array", item=parse_kind(text[1:-1]))
    match = _KIND.match(text)
    if match is None:
        raise ValueError(f"schema: cannot read the kind {text!r}")
    low, high = (int(bound) if bound else None for bound in match.group("low", "high"))
    return Kind(match["name"], low, high)


def parse_shapes(table: str, shared: Mapping[str, str]) -> dict[str, Shape]:
    """Read a table of `name field:kind ...`, where an indented line continues the one above.

    `@word` stands for `shared[word]`.
    """
    shapes: dict[str, Shape] = {}
    for line in table.strip().replace("\n    ", " ").splitlines():
        words = line.split()
        fields: dict[str, Field] = {}
        for word in words[1:]:
            for part in shared[word[1:]].split() if word.startswith("@") else [word]:
                name, _, kind = part.partition(":")
                bare = name.rstrip("!")
                fields[bare] = Field(bare, parse_kind(kind), name.endswith("!"))
        shapes[words[0]] = fields
    return shapes


class Reader:
    """Turns what came over the wire into checked Python values.

    `strict` refuses unknown names and values out of range; otherwise unknown names are dropped, as
    a server older than its client does, and collected in `ignored`.
    """

    def __init__(
        self, objects: Mapping[str, Shape], missing: Mapping[str, str], *, strict: bool
    ) -> None:
        self._objects = objects
        self._missing = missing
        self._strict = strict
        self.ignored: list[str] = []

    def read(self, shape: Shape, given: Mapping[str, Any], of: str) -> Json:
        """Check `given` against `shape`; `of` is the method or object, for the error."""
        self._refuse_unknown(shape, given, of)
        values = {}
        for field in shape.values():
            if field.name in given and given[field.name] is not None:
                values[field.name] = self._value(field.kind, given[field.name], field.name)
            elif field.required:
                raise bad_request(self._absent(field.name, of))
        return values

    def _refuse_unknown(self, shape: Shape, given: Mapping[str, Any], of: str) -> None:
        for name in given:
            if name in shape:
                continue
            if self._strict:
                raise bad_request(f'unknown field "{name}" in {of}')
            self.ignored.append(f"{of}.{name}")

    def _absent(self, name: str, of: str) -> str:
        if of[0].isupper():
            return f"can't parse {of}: Can't find field \"{name}\""
        return self._missing.get(name, f'parameter "{name}" is required')

    def _value(self, kind: Kind, raw: Any, name: str) -> Any:
        scalar = _SCALARS.get(kind.name)
        if scalar is not None:
            return _within(kind, scalar(raw, name), name, strict=self._strict)
        decoded = _decoded(raw, name)
        if kind.name == "array":
            return self._array(kind, decoded, name)
        if not isinstance(decoded, dict):
            raise bad_request(f"object expected as {name.replace('_', ' ')}")
        if kind.name == "obj":
            return decoded
        return self.read(self._shape_of(kind.name, decoded), decoded, kind.name)

    def _array(self, kind: Kind, decoded: Any, name: str) -> list[Any]:
        if not isinstance(decoded, list):
            raise bad_request(f"expected an Array of {name.replace('_', ' ')}")
        assert kind.item is not None
        return [self._value(kind.item, item, name) for item in decoded]

    def _shape_of(self, name: str, value: Json) -> Shape:
        if name in self._objects:
            return self._objects[name]
        marks = _UNIONS[name]
        for mark, object_name in marks.items():
            if mark in value or value.get("type") == mark:
                return self._objects[object_name]
        raise bad_request(f"can't parse {name}: unsupported type specified")


_UNIONS: dict[str, dict[str, str]] = {
    "Markup": {
        "inline_keyboard": "InlineKeyboardMarkup",
        "keyboard": "ReplyKeyboardMarkup",
        "remove_keyboard": "ReplyKeyboardRemove",
        "force_reply": "ForceReply",
    },
    "InputMedia": {
        "live_photo": "InputMediaLivePhoto",  # before "photo", which is a field of it
        "photo": "InputMediaPhoto",
        "video": "InputMediaVideo",
        "document": "InputMediaDocument",
        "audio": "InputMediaAudio",
        "animation": "InputMediaAnimation",
    },
}


def _decoded(raw: Any, name: str) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _integer(raw: Any, name: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise bad_request(f'parameter "{name}" must be an Integer')
    try:
        return int(raw)
    except ValueError:
        raise bad_request(f'parameter "{name}" must be an Integer') from None


def _float(raw: Any, name: str) -> float:
    try:
        return float(raw)
    except (TypeError, ValueError):
        raise bad_request(f'parameter "{name}" must be a Number') from None


def _boolean(raw: Any, name: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in {"true", "false"}:
        return raw.lower() == "true"
    raise bad_request(f'parameter "{name}" must be a Boolean')


def _string(raw: Any, name: str) -> str:
    if not isinstance(raw, str):
        raise bad_request(f'field "{name}" must be of type String')
    return raw


def _chat(raw: Any, name: str) -> int | str:
    if isinstance(raw, str) and raw.startswith("@"):
        return raw
    if raw == "":
        raise bad_request(f"{name} is empty")
    return _integer(raw, name)


_SCALARS: dict[str, Callable[[Any, str], Any]] = {
    "int": _integer,
    "float": _float,
    "bool": _boolean,
    "str": _string,
    "bytes": _string,
    "chat": _chat,
    "file": _string,
}


def _within(kind: Kind, value: Any, name: str, *, strict: bool) -> Any:
    if kind.low is None and kind.high is None:
        return value
    low = float("-inf") if kind.low is None else kind.low
    high = float("inf") if kind.high is None else kind.high
    if low <= _size(kind.name, value) <= high:
        return value
    if not strict and kind.name == "int":
        return int(min(max(value, low), high))  # the real server clamps
    raise _out_of_range(kind, name)


def _size(kind: str, value: Any) -> float:
    if kind == "str":
        return len(value.encode("utf-16-le", "surrogatepass")) // 2
    return len(value.encode()) if kind == "bytes" else value


def _out_of_range(kind: Kind, name: str) -> ApiError:
    if name == "callback_data":
        return bad_request("BUTTON_DATA_INVALID")
    unit = {"str": " characters", "bytes": " bytes"}.get(kind.name, "")
    return bad_request(f'parameter "{name}" must be {kind.low} to {kind.high}{unit}')
