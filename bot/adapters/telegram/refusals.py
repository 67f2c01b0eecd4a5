"""What Telegram refuses, as the key of the sentence that says what to mend. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.adapters.telegram.errors import Refused, Unknown
from bot.domain.desk import Right
from bot.domain.effects import EffectKind

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
    "chat_send_",
)
_ADMIN = ("is an administrator", "chat owner", "user_admin_invalid", "chat creator")
_NO_SUCH_PERSON = ("participant_id_invalid", "user_not_participant", "user not found", "user_id")


_SENTENCES = (
    (_ADMIN, "telegram.is_admin"),
    (_NOT_THERE, "telegram.not_there"),
    (_NO_SUCH_PERSON, "telegram.no_such_person"),
    (("topic_closed",), "telegram.topic_closed"),
    (("topic_deleted", "message thread not found"), "telegram.topic_gone"),
    (("only for supergroups", "for supergroup and channel"), "telegram.only_supergroups"),
)


def is_of_a_right(refused: Refused) -> bool:
    """Whether a right is missing, that somebody may give, and not what was asked at fault."""
    return not isinstance(refused, Unknown) and refused.says(*_NO_RIGHT)


def sentence_for(refused: Refused, kind: EffectKind, lacks: Collection[Right] | None = None) -> str:
    """The key of the sentence for reviewers; it may name `reason`, Telegram's own words.

    lacks: the rights that the bot has not in the group; None where that was not asked.
    """
    if isinstance(refused, Unknown):
        return "telegram.server_too_old"
    if is_of_a_right(refused):
        # Telegram lets bots delete for 48 hours, and refuses what is older in the same words.
        if kind is EffectKind.HIDE and lacks is not None and Right.DELETE not in lacks:
            return "telegram.too_old"
        return _RIGHTS.get(kind, "telegram.no_right_to_post")
    known = (key for words, key in _SENTENCES if refused.says(*words))
    return next(known, "telegram.refused")
