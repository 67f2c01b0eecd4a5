"""The first answer to an interaction."""

from __future__ import annotations

from typing import Any

from ..components import check_form
from ..composing import changes_of
from ..errors import ApiError, unknown, wrong
from ..interactions import AUTOCOMPLETE, COMPONENT, MODAL_SUBMIT, Interaction
from ..messages import EPHEMERAL, Message
from . import followups
from .call import Call, Json, route

_PONG, _MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL = 1, 4, 5, 6, 7, 8, 9
_KNOWN = {_PONG, _MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL}
_MOST_CHOICES = 25


@route(
    "POST",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    query="CallbackQuery",
    body="Callback",
    needs_bot=False,
    counts_overall=False,
)
def answer(call: Call) -> Json | None:
    """Answer within 3 seconds, once."""
    interaction = call.world.interactions.get(str(call.params["interaction_token"]))
    if interaction is None or interaction.id != call.id("interaction_id"):
        raise unknown("Interaction")
    if interaction.answered_with is not None:
        raise followups.refuse_second_answer()
    if not interaction.may_answer_first(call.now):
        raise unknown("Interaction")
    kind, data = call.body["type"], call.body.get("data") or {}
    _require_fitting(interaction, kind)
    message = _carry_out(call, interaction, kind, data)
    interaction.answered_with = kind
    return _told(interaction, kind, message) if call.query.get("with_response") else None


def _require_fitting(interaction: Interaction, kind: int) -> None:
    """Each kind of interaction takes only some kinds of answers."""
    if kind == _PONG:
        raise _unfitting()  # pings come over HTTP only
    if kind not in _KNOWN:
        raise wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(_KNOWN)}.")
    if (kind == _CHOICES) != (interaction.type == AUTOCOMPLETE):
        raise _unfitting()
    if kind == _MODAL and interaction.type == MODAL_SUBMIT:
        raise _unfitting()
    updates = kind in {_DEFERRED_UPDATE, _UPDATE}
    if updates and (interaction.type not in {COMPONENT, MODAL_SUBMIT} or not interaction.source):
        raise _unfitting()


def _unfitting() -> ApiError:
    sentence = "This kind of answer does not fit this kind of interaction"
    return wrong("type", "INTERACTION_RESPONSE_INVALID", sentence)


def _carry_out(call: Call, interaction: Interaction, kind: int, data: Json) -> Message | None:
    if kind == _MESSAGE:
        interaction.original = followups.post(call, interaction, data)
    elif kind == _DEFERRED:
        ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
        interaction.original = followups.promise(call, interaction, ephemeral=ephemeral)
    elif kind == _UPDATE:
        return _update(call, interaction, data)
    elif kind == _MODAL:
        check_form(data)
        interaction.modal = data
    elif kind == _CHOICES:
        interaction.choices = _checked_choices(data.get("choices") or [])
    return interaction.original


def _update(call: Call, interaction: Interaction, data: Json) -> Message:
    source = interaction.source
    assert source is not None
    if source.is_deleted:
        raise unknown("Message")
    if data:
        call.world.edit(source, **changes_of(call.world, source, data, call.files))
    return source


def _checked_choices(choices: list[Json]) -> list[Json]:
    if len(choices) > _MOST_CHOICES:
        raise wrong("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for number, choice in enumerate(choices):
        value: Any = choice["value"]
        if isinstance(value, str) and not 1 <= len(value) <= 100:
            at = f"data.choices.{number}.value"
            raise wrong(at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    return choices


def _told(interaction: Interaction, kind: int, message: Message | None) -> Json:
    told: Json = {"interaction": {"id": str(interaction.id), "type": interaction.type}}
    resource: Json = {"type": kind}
    if message is not None:
        told["interaction"].update(
            response_message_id=str(message.id),
            response_message_loading=kind == _DEFERRED,
            response_message_ephemeral=message.is_ephemeral,
        )
        if kind != _DEFERRED_UPDATE:
            resource["message"] = message.json()
    return {**told, "resource": resource}
