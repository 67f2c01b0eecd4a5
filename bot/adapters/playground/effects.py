"""The core's orders, as what the playground's platform is asked to do."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bot.adapters.playground.bot_api import Applied, BotApi
from bot.adapters.playground.cards import drawn
from bot.adapters.playground.errors import PLATFORM, RightMissing
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.ports import Order, Phrases


def carried_out(order: Order, api: BotApi, phrases: Phrases) -> Outcome:
    """Do what is ordered; blocks for as long as the disk takes.

    Raises PlatformError.
    """
    try:
        applied = _asked(order, api, phrases)
    except RightMissing:
        return Outcome(Result.REFUSED, phrases.say("playground.no_right_to_delete"))
    return Outcome(Result.DONE if applied.done else Result.GONE, ref=applied.ref)


def _asked(order: Order, api: BotApi, phrases: Phrases) -> Applied:  # noqa: PLR0911
    effect, key = order.effect, order.intent.id
    match effect.kind:
        case EffectKind.HIDE:
            return _each(order, api.hide)
        case EffectKind.RESTORE:
            return _each(order, api.restore)
        case EffectKind.WARN | EffectKind.NOTIFY:
            return api.notify(key, effect.kind, _member_id(effect), _notice(effect, phrases))
        case EffectKind.MUTE:
            return api.mute(key, _member_id(effect), effect.until, _notice(effect, phrases))
        case EffectKind.UNMUTE:
            return api.unmute(key, _member_id(effect))
        case EffectKind.KICK:
            return api.kick(key, _member_id(effect), _notice(effect, phrases))
        case EffectKind.BAN:
            return api.ban(key, _member_id(effect), _notice(effect, phrases))
        case EffectKind.UNBAN:
            return api.unban(key, _member_id(effect))
        case EffectKind.CARD:
            return _card(order, api, phrases)


def _card(order: Order, api: BotApi, phrases: Phrases) -> Applied:
    if order.card is None:
        raise PlatformError(PLATFORM, f"intent {order.intent.id} comes without its card")
    view = msgspec.json.encode(drawn(order.card, phrases)).decode()
    if order.card.ref is not None:
        return api.edit_card(order.intent.id, order.card.ref, view)
    posted = api.post_card(order.intent.id, order.effect.place.group, view)
    if order.attempt > 1 and posted.ref is not None:
        # What an earlier attempt posted shows how the case stood then.
        api.edit_card(f"{order.intent.id} {order.attempt}", posted.ref, view)
    return posted


def _notice(effect: Effect, phrases: Phrases) -> str:
    until = effect.until.strftime("%Y-%m-%d %H:%M UTC") if effect.until else ""
    who = effect.person.name if effect.person else ""
    return phrases.say(effect.notice or f"notice.{effect.kind}", who=who, until=until)


def _each(order: Order, act: Callable[[str, str], Applied]) -> Applied:
    first, *rest = order.targets
    applied = act(order.intent.id, first)
    for target in rest:
        act(f"{order.intent.id} {target}", target)
    return applied


def _member_id(effect: Effect) -> str:
    return effect.person.id if effect.person else ""
