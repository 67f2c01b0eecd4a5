"""Checks what bots send against the shapes in `published`, and complains as Discord does.

Kinds are those of the Telegram fake's tables, in Discord's words: `str(low,high)` counts characters
and `[Kind]` entries, `snowflake` is an id, `colour` 24 bits, `time` ISO 8601, `any` goes unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.fakes.telegram.schema import Kind, Shape

from .errors import Problem, invalid_form

Json = dict[str, Any]
Path = tuple[str, ...]


class Reader:
    """Turns a body or query into checked Python values.

    `strict` refuses unknown names, which the real server ignores; they are collected in `ignored`.
    """

    def __init__(self, objects: Mapping[str, Shape], *, strict: bool) -> None:
        self._objects = objects
        self._strict = strict
        self._problems: list[Problem] = []
        self.ignored: list[str] = []

    def read(self, shape: str, given: Any) -> Any:
        """Check `given`; `shape` is an object's name, or one in brackets for a list of them."""
        kind = Kind("array", item=Kind(shape[1:-1])) if shape.startswith("[") else Kind(shape)
        value = self._value(kind, given, ())
        if self._problems:
            raise invalid_form(*self._problems)
        return value

    def _object(self, name: str, given: Any, path: Path) -> Json:
        shape = self._objects[name]
        if not isinstance(given, dict):
            self._wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used", None)
            return {}
        values: Json = {}
        for field in given.keys() - shape.keys():
            self.ignored.append(f"{name}.{field}")
            if self._strict:
                self._wrong((*path, field), "UNKNOWN_FIELD", f"No such field in {name}", None)
        for field in shape.values():
            if field.name not in given:
                if field.required:
                    self._missing((*path, field.name))
            elif given[field.name] is None:
                values[field.name] = self._missing((*path, field.name)) if field.required else None
            else:
                values[field.name] = self._value(field.kind, given[field.name], (*path, field.name))
        return values

    def _value(self, kind: Kind, raw: Any, path: Path) -> Any:
        if kind.name == "array":
            return self._array(kind, raw, path)
        if kind.name in self._objects:
            return self._object(kind.name, raw, path)
        return getattr(self, f"_{kind.name}")(kind, raw, path)

    def _array(self, kind: Kind, raw: Any, path: Path) -> Any:
        assert kind.item is not None
        if not isinstance(raw, list):
            return self._wrong(path, "LIST_TYPE_CONVERT", "Only iterables may be used", [])
        return [self._value(kind.item, item, (*path, str(n))) for n, item in enumerate(raw)]

    def _any(self, kind: Kind, raw: Any, path: Path) -> Any:
        return raw

    def _str(self, kind: Kind, raw: Any, path: Path) -> str:
        if not isinstance(raw, str):
            return str(self._wrong(path, "BASE_TYPE_STRING", "Must be a string.", ""))
        if kind.low and not raw:
            return str(self._missing(path))
        low, high = kind.low or 0, kind.high
        if low <= len(raw) and (high is None or len(raw) <= high):
            return raw
        if high is not None and low:
            sentence, code = f"Must be between {low} and {high} in length.", "BASE_TYPE_BAD_LENGTH"
        else:
            sentence, code = f"Must be {high} or fewer in length.", "BASE_TYPE_MAX_LENGTH"
        return str(self._wrong(path, code, sentence, raw))

    def _int(self, kind: Kind, raw: Any, path: Path) -> int:
        try:
            value = int(raw)
        except (TypeError, ValueError):
            return int(self._wrong(path, "NUMBER_TYPE_COERCE", f'Value "{raw}" is not int.', 0))
        if kind.low is not None and value < kind.low:
            sentence = f"int value should be greater than or equal to {kind.low}."
            return int(self._wrong(path, "NUMBER_TYPE_MIN", sentence, value))
        if kind.high is not None and value > kind.high:
            sentence = f"int value should be less than or equal to {kind.high}."
            return int(self._wrong(path, "NUMBER_TYPE_MAX", sentence, value))
        return value

    def _float(self, kind: Kind, raw: Any, path: Path) -> float:
        if isinstance(raw, int | float):
            return float(raw)
        return float(self._wrong(path, "NUMBER_TYPE_COERCE", f'Value "{raw}" is not float.', 0))

    def _colour(self, kind: Kind, raw: Any, path: Path) -> int:
        return self._int(Kind("int", 0, 0xFFFFFF), raw, path)

    def _bool(self, kind: Kind, raw: Any, path: Path) -> bool:
        if isinstance(raw, bool):
            return raw
        if str(raw).lower() in {"1", "0", "true", "false"}:
            return str(raw).lower() in {"1", "true"}
        return bool(self._wrong(path, "BOOLEAN_TYPE_CONVERT", "Must be true or false.", False))

    def _snowflake(self, kind: Kind, raw: Any, path: Path) -> int:
        try:
            return int(raw)
        except (TypeError, ValueError):
            sentence = f'Value "{raw}" is not snowflake.'
            return int(self._wrong(path, "NUMBER_TYPE_COERCE", sentence, 0))

    def _time(self, kind: Kind, raw: Any, path: Path) -> float:
        try:
            return datetime.fromisoformat(raw).timestamp()
        except (TypeError, ValueError):
            sentence = f"Could not parse {raw}. Should be ISO8601."
            return float(self._wrong(path, "DATE_TIME_TYPE_PARSE", sentence, 0.0))

    def _missing(self, path: Path) -> Any:
        return self._wrong(path, "BASE_TYPE_REQUIRED", "This field is required", "")

    def _wrong(self, path: Path, code: str, sentence: str, instead: Any) -> Any:
        """Note what is wrong and go on with `instead`, to find the rest as well."""
        self._problems.append((path, code, sentence))
        return instead
