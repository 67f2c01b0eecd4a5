"""What Telegram refuses, as the key of the sentence that says what to mend. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.adapters.telegram.errors import Refused, Unknown
from bot.domain.effects import EffectKind
from bot.domain.ports import Order

DELETABLE_FOR = timedelta(hours=48)
"""How long Telegram lets bots delete what others wrote."""

_RIGHTS: Mapping[EffectKind, str] = {
    EffectKind.HIDE: "telegram.no_right_to_delete",
    EffectKind.MUTE: "telegram.no_right_to_restrict",
    EffectKind.UNMUTE: "telegram.no_right_to_restrict",
    EffectKind.KICK: "telegram.no_right_to_restrict",
    EffectKind.BAN: "telegram.no_right_to_restrict",
    EffectKind.UNBAN: "telegram.no_right_to_restrict",
}
_NOT_THERE = ("kicked", "not a member", "chat not found", "group is deactivated")
_NO_RIGHT = (
    "not enough rights",
    "need administrator rights",
    "have no rights",
    "administrator_required",
    "can't be deleted",
    "right_forbidden",
)
_ADMIN = ("is an administrator", "chat owner", "user_admin_invalid", "chat creator")
_NO_SUCH_PERSON = ("participant_id_invalid", "user_not_participant", "user not found", "user_id")


_SENTENCES = (
    (_ADMIN, "telegram.is_admin"),
    (_NOT_THERE, "telegram.not_there"),
    (_NO_SUCH_PERSON, "telegram.no_such_person"),
    (("only for supergroups", "for supergroup and channel"), "telegram.only_supergroups"),
)


def sentence_for(refused: Refused, order: Order, now: datetime) -> str:
    """The key of the sentence for reviewers; it may name `reason`, Telegram's own words."""
    if isinstance(refused, Unknown):
        return "telegram.server_too_old"
    if refused.says(*_NO_RIGHT):
        return _right(order, now)
    known = (key for words, key in _SENTENCES if refused.says(*words))
    return next(known, "telegram.refused")


def _right(order: Order, now: datetime) -> str:
    kind = order.effect.kind
    old = order.message is not None and now - order.message.posted_at > DELETABLE_FOR
    if kind is EffectKind.HIDE and old:
        return "telegram.too_old"
    return _RIGHTS.get(kind, "telegram.no_right_to_post")
