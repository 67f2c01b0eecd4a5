"""The way to Discord: its errors in our words, its patience watched, its commands translated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from discord.app_commands import TranslationContext, TranslationContextLocation, locale_str
from yarl import URL

from bot.adapters.discord import client, under_way
from bot.adapters.discord.client import Client, InvalidRequests, Spend
from bot.adapters.discord.commands import Translations
from bot.adapters.discord.errors import InDoubt, Refused, Unknown, discord_errors
from bot.adapters.discord.gate import intents, invitation, missing_intents
from bot.adapters.discord.under_way import UnderWay
from bot.adapters.discord.words import Words
from bot.domain.effects import Effect, EffectKind, Intent, Outcome, Result
from bot.domain.errors import PlatformBusy, PlatformError
from bot.domain.memory import Budget
from bot.domain.messages import Place
from bot.domain.ports import Order
from config.phrases import LocalePhrases
from tests.factories import NOW

DONE = Outcome(Result.DONE)


def answered(status: int, code: int = 0) -> discord.HTTPException:
    response = SimpleNamespace(status=status, reason="because")
    kind = discord.NotFound if status == 404 else discord.HTTPException
    return kind(response, {"code": code, "message": "in Discord's words"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raised", "ours", "why"),
    [
        (answered(403, 50013), Refused, "50013"),
        (answered(404, 10008), Refused, "10008"),
        (answered(404), Unknown, "words"),
        (answered(401), PlatformError, "Developer Portal"),
        (answered(503), PlatformError, "Discord fails"),
        (answered(429), PlatformBusy, "wait"),
        (discord.RateLimited(40.0), PlatformBusy, "40 s"),
        (aiohttp.ServerDisconnectedError(), InDoubt, "check the network and DISCORD_API_BASE_URL"),
        (KeyError("description"), Unknown, "cannot be read"),
        (OSError("https://discord.com/api/webhooks/1/secret"), InDoubt, "OSError"),
    ],
)
def test_discords_errors_are_said_in_our_words(
    raised: Exception, ours: type[Exception], why: str
) -> None:
    with pytest.raises(ours, match=why) as caught, discord_errors():
        raise raised
    assert "secret" not in str(caught.value)


@dataclass
class Plenty:
    """Budgets that give whatever is asked."""

    taken: list[str] = field(default_factory=list)

    async def take(self, budgets: Sequence[Budget]) -> float:
        self.taken += [each.name for each in budgets]
        return 0.0

    async def close(self, name: str, for_s: float) -> None:
        raise NotImplementedError


async def test_near_the_limit_of_refusals_only_what_protects_people_goes_out() -> None:
    caller = Client("token", "http://127.0.0.1:9/api/v10", intents(), Plenty())

    async def call() -> str:
        return "answered"

    for _ in range(client.MOST_INVALID - 1):
        caller.invalid.count(403)
    assert await caller.act(1, Spend.MESSAGE, call) == "answered"
    caller.invalid.count(429)
    assert await caller.act(1, Spend.DEED, call) == "answered"
    with pytest.raises(PlatformBusy):
        await caller.act(1, Spend.MESSAGE, call)


class Spent(Plenty):
    """Budgets that have nothing left for a while, then something."""

    def __init__(self, waits: Sequence[float]) -> None:
        self._waits = list(waits)

    async def take(self, budgets: Sequence[Budget]) -> float:
        return self._waits.pop(0) if self._waits else 0.0


async def test_history_is_read_once_no_hide_waits() -> None:
    caller = Client("token", "http://127.0.0.1:9/api/v10", intents(), Spent([0.1]))
    done: list[str] = []

    async def call(name: str) -> None:
        done.append(name)

    hide = asyncio.create_task(caller.act(1, Spend.DEED, lambda: call("hide")))
    await asyncio.sleep(0)  # it has begun to wait
    await caller.act(2, Spend.READ, lambda: call("history"))
    await hide
    assert done == ["hide", "history"]


async def test_a_hide_does_not_wait_for_the_turn_of_messages() -> None:
    caller = Client("token", "http://127.0.0.1:9/api/v10", intents(), Spent([60.0, 0.01]))

    async def call() -> str:
        return "answered"

    with pytest.raises(PlatformBusy):
        await caller.act(1, Spend.MESSAGE, call)
    assert await caller.act(1, Spend.DEED, call) == "answered"


def test_refusals_count_for_ten_minutes_and_successes_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(client, "monotonic", lambda: now)
    monkeypatch.setattr(client, "MOST_INVALID", 2)
    invalid = InvalidRequests()
    for status in (200, 404, 401):
        invalid.count(status)
    assert not invalid.spent
    invalid.count(403)
    assert invalid.spent
    now += client.INVALID_WITHIN_S + 1
    assert not invalid.spent


@pytest.mark.parametrize(
    ("flags", "missing"),
    [
        (0, ["message_content", "members"]),
        (1 << 18 | 1 << 14, []),
        (1 << 19 | 1 << 15, []),
        (1 << 18, ["members"]),
    ],
)
def test_an_intent_is_given_by_either_of_its_flags(flags: int, missing: list[str]) -> None:
    application = SimpleNamespace(application_flags=discord.ApplicationFlags._from_value(flags))
    assert missing_intents(application) == missing  # type: ignore[arg-type]


def test_the_invitation_asks_for_what_is_needed_and_not_for_everything() -> None:
    url = URL(invitation(42))
    may = discord.Permissions(int(url.query["permissions"]))
    assert url.query["client_id"] == "42"
    assert set(url.query["scope"].split()) == {"bot", "applications.commands"}
    assert may.manage_messages and may.moderate_members and may.manage_webhooks
    assert not may.administrator


async def translated(text: locale_str, locale: discord.Locale) -> str | None:
    where = TranslationContext(TranslationContextLocation.command_description, None)
    hindi = Translations({"hi": Words(LocalePhrases("hi"))})
    return await hindi.translate(text, locale, where)  # type: ignore[arg-type]


async def test_commands_are_shown_in_the_languages_there_are() -> None:
    text = locale_str("See and change the rules", key="discord.command_settings")
    assert await translated(text, discord.Locale.hindi) == "नियम देखें और बदलें"
    assert await translated(text, discord.Locale.german) is None
    assert await translated(locale_str("settings"), discord.Locale.hindi) is None
    unknown = locale_str("Erased", key="discord.erased")
    assert await translated(unknown, discord.Locale.hindi) is None


def an_order(kind: EffectKind, attempt: int = 1) -> Order:
    return Order(Intent("i1", "c1", Effect(kind, "case", Place("discord", "1", "2")), NOW), attempt)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_way, "PATIENCE_S", 0.01)


def waiting_for(turn: asyncio.Event, calls: list[Order]) -> Callable[[Order], object]:
    async def carry_out(order: Order) -> Outcome:
        calls.append(order)
        await turn.wait()
        return DONE

    return carry_out


@pytest.mark.usefixtures("impatient")
async def test_an_effect_that_waits_for_discord_is_gone_on_with_and_not_begun_again() -> None:
    turn, calls = asyncio.Event(), list[Order]()
    effects = UnderWay(waiting_for(turn, calls))  # type: ignore[arg-type]
    with pytest.raises(PlatformBusy):
        await effects.carry_out(an_order(EffectKind.HIDE))
    turn.set()
    assert await effects.carry_out(an_order(EffectKind.HIDE, 2)) is DONE
    assert [order.attempt for order in calls] == [1]


@pytest.mark.usefixtures("impatient")
async def test_a_card_that_waits_is_drawn_anew_at_its_next_turn() -> None:
    turn, calls = asyncio.Event(), list[Order]()
    effects = UnderWay(waiting_for(turn, calls))  # type: ignore[arg-type]
    with pytest.raises(PlatformBusy):
        await effects.carry_out(an_order(EffectKind.CARD))
    turn.set()
    assert await effects.carry_out(an_order(EffectKind.CARD, 2)) is DONE
    assert [order.attempt for order in calls] == [1, 2]
