"""Forms, as a person fills them in."""

from __future__ import annotations

import re
from typing import Any

from .components import LABEL, ROW, TEXT_INPUT
from .errors import CannotHappen

Json = dict[str, Any]


def filled_in(form: Json, values: dict[str, Any]) -> Json:
    """The data of a form's submission; `values` are by custom id or label."""
    left = dict(values)
    components = [_filled(component, left) for component in form["components"]]
    if left:
        raise CannotHappen(f"the form has no field {', '.join(sorted(left))}")
    data: Json = {"custom_id": form["custom_id"]}
    return {**data, "components": [found for found in components if found]}


def _filled(component: Json, values: dict[str, Any]) -> Json | None:
    if component["type"] == LABEL:
        field = component["component"]
        value = _taken(field, component["label"], values)
        return {"type": LABEL, "id": 1, "component": _field(field, value)}
    if component["type"] == ROW:
        field = component["components"][0]
        value = _taken(field, field["label"], values)
        return {"type": ROW, "id": 1, "components": [_field(field, value)]}
    return None


def _taken(field: Json, label: str, values: dict[str, Any]) -> Any:
    for name in (field["custom_id"], re.sub(r"\W+", "_", label).strip("_").lower()):
        if name in values:
            return values.pop(name)
    return field.get("value") or ""


def _field(field: Json, value: Any) -> Json:
    data = {"type": field["type"], "id": 2, "custom_id": field["custom_id"]}
    if field["type"] != TEXT_INPUT:
        return {**data, "values": [value] if isinstance(value, str) and value else list(value)}
    needed = field.get("required") is not False
    low, high = field.get("min_length") or 0, field.get("max_length") or 4000
    if (needed and not value) or (value and not low <= len(value) <= high):
        raise CannotHappen(f"the field {field['custom_id']} takes {low} to {high} characters")
    return {**data, "value": value}
