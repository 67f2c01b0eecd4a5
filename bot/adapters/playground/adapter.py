"""The playground as the core sees it: one more chat platform."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from bot.adapters.playground.bell import heard
from bot.adapters.playground.bot_api import Update
from bot.adapters.playground.effects import carried_out
from bot.adapters.playground.errors import PLATFORM, Unknown
from bot.adapters.playground.people import LOBBY, REVIEW, Role
from bot.adapters.playground.translate import message_in
from bot.adapters.playground.world import World
from bot.domain.effects import Outcome
from bot.domain.errors import FlowUnavailable, PlatformError, StorageUnavailable
from bot.domain.messages import Person, Place
from bot.domain.ports import Clockwork, Desk, Inbox, Order, Phrases, PressReply

log = structlog.get_logger()

AT_ONCE = 20
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """What one who pressed is told, and nobody else."""

    text: str
    accepted: bool


class PlaygroundAdapter:
    """Listens to the playground's world and acts in it. Fits `ports.Adapter`."""

    platform = PLATFORM

    def __init__(self, world: World, phrases: Phrases, now: Clockwork) -> None:
        self._world = world
        self._phrases = phrases
        self._now = now
        self._desk: Desk | None = None

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        """Hand in updates, oldest first, until cancelled.

        An update is confirmed once the inbox has its message on disk, never before: killed in
        between, the bot is given it again.
        """
        self._desk = desk
        try:
            with self._world.bell.listening() as ear:
                while True:
                    ear.clear()
                    if not await self._hand_in(inbox):
                        await heard(ear, LOOK_AGAIN_S)
        finally:
            self._desk = None

    async def carry_out(self, order: Order) -> Outcome:
        """Do one effect, once, however often it is ordered. Raises PlatformError."""
        return await asyncio.to_thread(carried_out, order, self._world.bot, self._phrases)

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Whether a person sits in the review channel and is not banned."""
        if person.platform != PLATFORM or channel != REVIEW:
            return False
        try:
            member = await asyncio.to_thread(self._world.member, person.id)
        except Unknown:
            return False
        return member.may_review and not member.banned

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Whether a person is an admin of the lobby and not banned."""
        if person.platform != PLATFORM or group != LOBBY:
            return False
        try:
            member = await asyncio.to_thread(self._world.member, person.id)
        except Unknown:
            return False
        return member.role is Role.ADMIN and not member.banned

    async def problems(self) -> list[str]:
        """What an admin has to mend: a right that was taken from the bot."""
        if await asyncio.to_thread(self._world.bot.may_delete):
            return []
        return [self._phrases.say("playground.no_right_to_delete")]

    async def press(self, button_id: str, presser: Person) -> Told:
        """Take a press in the review channel, as the page sends it."""
        reply = await self._reply(button_id, presser)
        text = self._phrases.say(reply.text, **self._worded(dict(reply.fields)))
        return Told(text, reply.accepted)

    async def _reply(self, button_id: str, presser: Person) -> PressReply:
        if self._desk is None:
            return PressReply("press.unavailable", accepted=False)
        try:
            return await self._desk.press(button_id, presser, REVIEW)
        except (StorageUnavailable, FlowUnavailable, PlatformError) as exc:
            log.warning("press not taken", presser=str(presser), error=str(exc))
            return PressReply("press.unavailable", accepted=False)

    def _worded(self, fields: Mapping[str, str]) -> dict[str, str]:
        """A decision is told in words, not by its key."""
        worded = dict(fields)
        if "decision" in worded:
            worded["decision"] = self._phrases.say(f"decision.{worded['decision']}")
        return worded

    async def _hand_in(self, inbox: Inbox) -> int:
        """Hand in the next updates and confirm them; how many there were."""
        updates: list[Update] = []
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((FlowUnavailable, PlatformError)),
            wait=wait_exponential(multiplier=0.05, max=2.0),
            before_sleep=_say_that_updates_wait,
        ):
            with attempt:
                updates = await asyncio.to_thread(self._world.bot.updates, AT_ONCE)
                for update in updates:
                    await inbox.put(message_in(update, self._now()))
                if updates:
                    await asyncio.to_thread(self._world.bot.confirm, updates[-1].id)
        return len(updates)


def _say_that_updates_wait(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("updates wait", attempt=state.attempt_number, error=str(error))
