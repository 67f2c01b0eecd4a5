"""What may stand under a message or in a form, by the published rules.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from typing import Any

from .errors import Problem, invalid_form

Json = dict[str, Any]
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT, LABEL = 1, 2, 3, 4, 10, 18
SELECTS = {STRING_SELECT, 5, 6, 7, 8}
_CONTAINER, _SECTION = 17, 9
_LAYOUT = {ROW, _SECTION, TEXT, 12, 13, 14, _CONTAINER}
_FORM_FIELDS = SELECTS | {TEXT_INPUT, 19, 21, 22, 23}
_LINK, _PREMIUM = 5, 6
_MOST_ROWS, _MOST_BUTTONS, _MOST_OPTIONS, _MOST_COMPONENTS, _MOST_TEXT = 5, 5, 25, 40, 4000
_MOST_FIELDS, _LABEL_LENGTH = 5, 45
Path = tuple[str, ...]


class _Check:
    """Walks components and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._custom_ids: set[str] = set()
        self.count = 0
        self.text = 0

    def wrong(self, path: Path, code: str, message: str) -> None:
        self.problems.append((path, code, message))

    def length(self, given: list[Any], low: int, high: int, path: Path) -> None:
        if not low <= len(given) <= high:
            sentence = f"Must be between {low} and {high} in length."
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", sentence)

    def custom_id(self, component: Json, path: Path) -> None:
        given = component.get("custom_id")
        if not given:
            self.wrong((*path, "custom_id"), "BASE_TYPE_REQUIRED", "This field is required")
        elif given in self._custom_ids:
            sentence = "Component custom id cannot be duplicated"
            self.wrong((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", sentence)
        else:
            self._custom_ids.add(given)

    def row(self, row: Json, path: Path) -> None:
        """Up to five buttons, or one select menu."""
        inside = row.get("components") or []
        inner = (*path, "components")
        self.length(inside, 1, _MOST_BUTTONS, inner)
        for number, component in enumerate(inside):
            self.count += 1
            at = (*inner, str(number))
            if component["type"] == BUTTON:
                self.button(component, at)
            elif component["type"] in SELECTS:
                self.select(component, at)
                if len(inside) > 1:
                    self.wrong(inner, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "Too wide for one row")
            else:
                self.wrong((*at, "type"), "UNION_TYPE_CHOICES", "Not in a row of a message.")

    def button(self, button: Json, path: Path) -> None:
        style = button.get("style")
        if style not in range(1, 7):
            self.wrong((*path, "style"), "BASE_TYPE_CHOICES", "Must be one of 1, 2, 3, 4, 5, 6.")
        elif style == _LINK:
            if not button.get("url") or button.get("custom_id"):
                sentence = "A link has an url and no custom id"
                self.wrong(path, "BUTTON_COMPONENT_INVALID", sentence)
        elif style != _PREMIUM:
            self.custom_id(button, path)
            if not button.get("label") and not button.get("emoji"):
                sentence = "A button needs a label or an emoji"
                self.wrong(path, "BUTTON_COMPONENT_INVALID", sentence)

    def select(self, select: Json, path: Path) -> None:
        self.custom_id(select, path)
        options = select.get("options") or []
        if select["type"] == STRING_SELECT:
            self.length(options, 1, _MOST_OPTIONS, (*path, "options"))
            if len({option["value"] for option in options}) < len(options):
                sentence = "The specified option value is already used"
                self.wrong((*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", sentence)
        low, high = select.get("min_values"), select.get("max_values")
        if (1 if low is None else low) > (1 if high is None else high):
            sentence = "Must not be larger than max_values"
            self.wrong((*path, "min_values"), "NUMBER_TYPE_MAX", sentence)

    def layout(self, components: list[Json], path: Path) -> None:
        """Version 2: texts, sections and containers, which hold one another."""
        for number, component in enumerate(components):
            self.count += 1
            at = (*path, str(number))
            kind = component["type"]
            self.text += len(component.get("content") or "")
            if kind == ROW:
                self.row(component, at)
            elif kind not in _LAYOUT:
                self.wrong((*at, "type"), "UNION_TYPE_CHOICES", "Not at this place.")
            else:
                self.layout(component.get("components") or [], (*at, "components"))
                accessory = component.get("accessory")
                if accessory is not None and accessory["type"] == BUTTON:
                    self.count += 1
                    self.button(accessory, (*at, "accessory"))

    def form_field(self, component: Json, path: Path) -> None:
        if component["type"] == TEXT:
            return
        if component["type"] == LABEL:
            self.labelled(component, path)
        elif component["type"] == ROW:
            inside = component.get("components") or []
            self.length(inside, 1, 1, (*path, "components"))
            for field in inside[:1]:
                at = (*path, "components", "0")
                if field["type"] != TEXT_INPUT:
                    self.wrong((*at, "type"), "UNION_TYPE_CHOICES", "Only text inputs.")
                self.caption(field, at)
                self.text_input(field, at)
        else:
            self.wrong((*path, "type"), "UNION_TYPE_CHOICES", "Not at the top of a form.")

    def labelled(self, label: Json, path: Path) -> None:
        self.caption(label, path)
        field, at = label.get("component") or {}, (*path, "component")
        if field.get("type") not in _FORM_FIELDS:
            self.wrong((*at, "type"), "UNION_TYPE_CHOICES", "Not under a label.")
        elif field["type"] == TEXT_INPUT:
            self.text_input(field, at)
        elif field["type"] in SELECTS:
            self.select(field, at)
        else:
            self.custom_id(field, at)

    def caption(self, component: Json, path: Path) -> None:
        if not 1 <= len(component.get("label") or "") <= _LABEL_LENGTH:
            sentence = "Must be between 1 and 45 in length."
            self.wrong((*path, "label"), "BASE_TYPE_BAD_LENGTH", sentence)

    def text_input(self, field: Json, path: Path) -> None:
        self.custom_id(field, path)
        if field.get("style") not in {1, 2}:
            self.wrong((*path, "style"), "BASE_TYPE_CHOICES", "Must be one of 1, 2.")
        value, most = field.get("value") or "", field.get("max_length") or _MOST_TEXT
        if len(value) > most:
            sentence = f"Must be {most} or fewer in length."
            self.wrong((*path, "value"), "BASE_TYPE_MAX_LENGTH", sentence)

    def finish(self) -> None:
        if self.problems:
            raise invalid_form(*self.problems)


def check_message(components: list[Json], *, version_2: bool) -> None:
    """Refuse what may not stand under a message."""
    check = _Check()
    top: Path = ("components",)
    if version_2:
        check.layout(components, top)
        if check.count > _MOST_COMPONENTS:
            check.wrong(top, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "At most 40 components")
        if check.text > _MOST_TEXT:
            check.wrong(top, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "At most 4000 characters")
    else:
        check.length(components, 0, _MOST_ROWS, top)
        for number, row in enumerate(components):
            if row["type"] == ROW:
                check.row(row, (*top, str(number)))
            else:
                check.wrong((*top, str(number), "type"), "UNION_TYPE_CHOICES", "Must be one of 1.")
    check.finish()


def check_form(form: Json) -> None:
    """Refuse what may not open as a form."""
    check = _Check()
    components = form.get("components") or []
    check.length(components, 1, _MOST_FIELDS, ("data", "components"))
    for name in ("custom_id", "title"):
        if not form.get(name):
            check.wrong(("data", name), "BASE_TYPE_REQUIRED", "This field is required")
    for number, component in enumerate(components):
        check.form_field(component, ("data", "components", str(number)))
    check.finish()


def without_nulls(components: list[Json]) -> list[Json]:
    """Components as Discord gives them back: what was left empty is not there."""
    return [_without_nulls(component) for component in components]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(inner) for k, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
