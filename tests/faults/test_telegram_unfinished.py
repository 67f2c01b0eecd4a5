"""What Telegram was told is taken, and the bot killed before a press or a command was done, before
its answer had left, or before a card or a file that it had posted was on record.

A real bot in a process of its own, killed with SIGKILL while a loopback Telegram server is slow,
then started again: what was asked for is done and answered all the same, no card stands twice, and
nothing is hidden without its files.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.cases import Case, DecisionKind, Status
from bot.domain.effects import EffectKind
from bot.domain.messages import Place
from bot.storage import SqlStore
from tests.fakes.loopback.bot_under_load import bound, environment
from tests.fakes.redis_server import eventually
from tests.fakes.telegram import BotHandle, Group, Message, Person, TelegramServer
from tests.fakes.telegram_bot import RIGHTS

pytestmark = pytest.mark.timeout(240)


@dataclass
class Stage:
    """A moderated group, its reviewers, and what a bot for both is started with."""

    server: TelegramServer
    bot: BotHandle
    owner: Person
    asha: Person
    noor: Person
    lobby: Group
    review: Group
    store: SqlStore
    environment: Mapping[str, str]

    @asynccontextmanager
    async def bot_at_work(self, doom: str = "never") -> AsyncIterator[asyncio.subprocess.Process]:
        """A bot in a process of its own, killed where the block did not see to its end.

        doom: the stage at which it kills itself.
        """
        with (Path(self.environment["AMAN_DATA_DIR"]) / "stderr.log").open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.fakes.doomed_bot",
                doom,
                env=self.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        assert process.stdout is not None
        try:
            assert await process.stdout.readline(), "the bot did not start: see stderr.log"
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    async def a_card(self) -> Message:
        """The card of an insult that the bot has hidden."""
        self.lobby.says(self.asha, "you idiot")

        def drawn() -> list[Message]:
            cards = [each for each in self.cards() if "Hidden from the group" in each.text]
            return [each for each in cards if "Restore" in each.labels]

        await eventually(lambda: bool(drawn()))
        return drawn()[0]

    def cards(self) -> list[Message]:
        """The cards that stand, the oldest first."""
        return [each for each in self.review.living() if each.text.startswith("Case ")]

    def copies(self) -> list[Message]:
        """The files that stand in the review channel."""
        return [each for each in self.review.living() if each.media]

    async def on_record(self, *cards: Message) -> bool:
        """Whether these, and no others, are known to be the cards of the review channel."""
        async with self.store.reading() as tx:
            refs = await tx.cards.refs(Place("telegram", str(self.review.id)))
        return sorted(refs) == sorted(str(each.id) for each in cards)

    async def case(self) -> Case:
        """The one case there is."""
        async with self.store.reading() as tx:
            [case] = await tx.cases.listed()
        return case

    async def restore_put_off(self) -> bool:
        """Whether it is on record that a restore is to be tried again."""
        case = await self.case()
        async with self.store.reading() as tx:
            done = await tx.outbox.done(case.id)
        return any(each.kind is EffectKind.RESTORE and each.reason for each in done)

    async def taken_up(self, kind: EffectKind) -> bool:
        """Whether what was decided is under way."""
        case = await self.case()
        async with self.store.reading() as tx:
            waits = await tx.outbox.pending(case.id, kind, case.place)
        return case.status is Status.DECIDED and not waits

    def nothing_confirmed(self) -> None:
        """Have the bot's next words that it took something lost on their way."""
        if (webhook := self.server.world.webhooks.get(self.bot.id)) is not None:
            webhook.answers_to_lose = 1_000
        self.server.faults.refuse(502, "Bad Gateway", method="getUpdates", times=None)

    async def told_in_vain(self) -> None:
        """Wait until the bot has said anew that it took something, which was lost."""
        heard = self._heard()
        await eventually(lambda: self._heard() > heard + 1)

    def all_confirmed(self) -> None:
        """Let its words come through again."""
        if (webhook := self.server.world.webhooks.get(self.bot.id)) is not None:
            webhook.answers_to_lose = 0
        self.server.faults.clear()

    def _heard(self) -> int:
        webhook = self.server.world.webhooks.get(self.bot.id)
        return len(self.server.journal.of("getUpdates")) if webhook is None else webhook.attempts

    async def preset(self) -> str:
        """The name of the policy that holds."""
        async with self.store.reading() as tx:
            [community] = await tx.communities.all()
            return (await tx.policies.current(community.id)).name


@pytest.fixture(params=["polled", "brought"])
async def stage(
    tmp_path: Path, unused_tcp_port: int, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    async with TelegramServer() as server:
        bot = server.bot("aman_bot")
        owner, asha, noor = (server.user(name) for name in ("owner", "asha", "noor"))
        lobby = server.group("Lobby", owner=owner).joins(asha).add(bot, rights=RIGHTS)
        review = server.group("Reviewers", owner=owner).joins(noor).add(bot)
        where = [Place("telegram", str(each.id)) for each in (lobby, review)]
        store = await bound(tmp_path, where[:1], where[1])
        settings = {"TELEGRAM_BOT_TOKEN": bot.token, "TELEGRAM_API_BASE_URL": server.root}
        if request.param == "brought":
            url = f"http://127.0.0.1:{unused_tcp_port}"
            settings |= {"PUBLIC_URL": url, "PORT": str(unused_tcp_port)}
        keys = environment(tmp_path, **settings)
        yield Stage(server, bot, owner, asha, noor, lobby, review, store, keys)
        await store.close()


async def test_a_press_that_was_confirmed_and_not_done_is_done_after_a_kill(stage: Stage) -> None:
    async with stage.bot_at_work() as process:
        card = await stage.a_card()
        silence = stage.server.faults.slow(100.0, method="getChatMember", chat=stage.review.id)
        stage.noor.press(card, "Restore")
        await eventually(lambda: silence.met > 0 and stage.bot.waiting == 0)
        process.kill()
        await process.wait()
    assert (await stage.case()).status is Status.OPEN
    stage.server.faults.clear()

    async def decided() -> bool:
        return (await stage.case()).status is Status.DECIDED

    async with stage.bot_at_work():
        await eventually(decided)
    case = await stage.case()
    assert case.decision is not None
    assert (case.decision.kind, case.generation) == (DecisionKind.RESTORE, 1)


async def test_a_restore_that_telegram_put_off_is_done_after_a_kill(stage: Stage) -> None:
    def back() -> list[Message]:
        return [m for m in stage.lobby.living() if "brought it back" in m.text]

    async with stage.bot_at_work() as process:
        card = await stage.a_card()
        stage.server.faults.storm(4.0, method="sendMessage", chat=stage.lobby.id)
        stage.noor.press(card, "Restore")
        await eventually(stage.restore_put_off)
        process.kill()
        await process.wait()
    stage.server.faults.clear()
    async with stage.bot_at_work():
        await eventually(back)
        await eventually(lambda: "Back in the group" in card.text)
    assert len(back()) == 1


async def test_who_is_put_out_is_told_why_after_a_kill(stage: Stage) -> None:
    async with stage.bot_at_work() as process:
        card = await stage.a_card()
        silence = stage.server.faults.slow(100.0, method="getChatMember", chat=stage.lobby.id)
        stage.noor.press(card, "Kick")
        await eventually(lambda: stage.taken_up(EffectKind.KICK))
        await eventually(lambda: silence.met > 0)
        process.kill()
        await process.wait()
    stage.server.faults.clear()

    def told() -> bool:
        seen = stage.lobby.seen_alone_by(stage.asha)
        return any("put you out of it" in each.text for each in seen)

    assert not told()
    async with stage.bot_at_work():
        await eventually(told)


async def test_a_command_that_was_confirmed_and_not_done_is_done_after_a_kill(
    stage: Stage,
) -> None:
    async with stage.bot_at_work() as process:
        await eventually(lambda: stage.bot.waiting == 0)
        silence = stage.server.faults.slow(100.0, method="getChatMember", chat=stage.lobby.id)
        stage.lobby.says(stage.owner, "/settings preset strict")
        await eventually(lambda: silence.met > 0 and stage.bot.waiting == 0)
        process.kill()
        await process.wait()
    assert await stage.preset() == "balanced"
    stage.server.faults.clear()

    async def changed() -> bool:
        return await stage.preset() == "strict"

    async with stage.bot_at_work():
        await eventually(changed)


async def test_a_command_that_was_done_and_not_answered_is_answered_after_a_kill(
    stage: Stage,
) -> None:
    async with stage.bot_at_work() as process:
        await eventually(lambda: stage.bot.waiting == 0)
        silence = stage.server.faults.slow(100.0, method="sendMessage", chat=stage.lobby.id)
        stage.lobby.says(stage.owner, "/settings preset strict")
        await eventually(lambda: silence.met > 0 and stage.bot.waiting == 0)
        process.kill()
        await process.wait()
    assert await stage.preset() == "strict"
    stage.server.faults.clear()

    def answers() -> int:
        return sum(": strict," in text for text in stage.lobby.texts(stage.owner))

    assert answers() == 1  # which the bot was never told of
    async with stage.bot_at_work():
        await eventually(lambda: answers() == 2)


async def test_a_command_that_was_answered_and_not_confirmed_is_answered_once(
    stage: Stage,
) -> None:
    def answers(preset: str) -> int:
        return sum(f": {preset}," in text for text in stage.lobby.texts(stage.owner))

    async with stage.bot_at_work() as process:
        await eventually(lambda: stage.bot.waiting == 0)
        stage.nothing_confirmed()
        stage.lobby.says(stage.owner, "/settings preset strict")
        await eventually(lambda: answers("strict") == 1)
        await stage.told_in_vain()
        process.kill()
        await process.wait()
    stage.all_confirmed()
    assert stage.bot.waiting == 1
    async with stage.bot_at_work():
        stage.lobby.says(stage.owner, "/settings preset lenient")
        await eventually(lambda: answers("lenient") == 1)
    assert answers("strict") == 1
    assert await stage.preset() == "lenient"


async def test_a_right_that_was_taken_is_told_after_a_kill(stage: Stage) -> None:
    async with stage.bot_at_work() as process:
        failing = stage.server.faults.refuse(
            502, "Bad Gateway", method="sendMessage", chat=stage.review.id, times=None
        )
        stage.lobby.takes_right(stage.bot, "can_delete_messages")
        await eventually(lambda: failing.met > 0 and stage.bot.waiting == 0)
        process.kill()
        await process.wait()
    stage.server.faults.clear()

    def told() -> bool:
        return any("may not delete" in text for text in stage.review.texts(stage.noor))

    assert not told()
    async with stage.bot_at_work():
        await eventually(told)


async def test_a_report_is_taken_out_of_the_group_after_a_kill(stage: Stage) -> None:
    async with stage.bot_at_work() as process:
        failing = stage.server.faults.refuse(
            502, "Bad Gateway", method="deleteMessage", chat=stage.lobby.id, times=None
        )
        said = stage.lobby.says(stage.asha, "buy my course")
        report = stage.lobby.says(stage.owner, "/report he sells rubbish", reply_to=said)
        await eventually(lambda: failing.met > 0 and stage.bot.waiting == 0)
        process.kill()
        await process.wait()
    stage.server.faults.clear()
    async with stage.bot_at_work():
        await eventually(lambda: report.is_deleted)


async def test_a_card_that_was_posted_and_not_on_record_is_found_after_a_kill(
    stage: Stage,
) -> None:
    async with stage.bot_at_work() as process:
        first = await stage.a_card()
        silence = stage.server.faults.slow(100.0, method="sendMessage", chat=stage.review.id)
        insult = stage.lobby.says(stage.asha, "you fool, you idiot")
        await eventually(lambda: silence.met > 0 and insult.is_deleted)
        await eventually(lambda: len(stage.cards()) == 2)
        process.kill()
        await process.wait()
    stage.server.faults.clear()
    async with stage.bot_at_work():
        await eventually(lambda: stage.on_record(*stage.cards()))
    assert stage.cards()[0] is first
    assert len(stage.cards()) == 2


async def test_a_card_that_is_known_to_stand_and_not_on_record_is_not_posted_again(
    stage: Stage,
) -> None:
    async with stage.bot_at_work("card posted, not recorded") as process:
        stage.lobby.says(stage.asha, "you idiot")
        await process.wait()
    assert len(stage.cards()) == 1
    assert await stage.on_record()
    async with stage.bot_at_work():
        await eventually(lambda: stage.on_record(*stage.cards()))
    assert len(stage.cards()) == 1


@pytest.mark.parametrize("doom", ["before the act", "after the act, before its record"])
async def test_a_picture_is_copied_once_whenever_its_hide_was_cut_off_by_a_kill(
    stage: Stage, doom: str
) -> None:
    async with stage.bot_at_work(doom) as process:
        picture = stage.lobby.sends(stage.asha, "photo", caption="you idiot")
        await process.wait()
    async with stage.bot_at_work():
        await eventually(lambda: picture.is_deleted and bool(stage.cards()))
        [copy], [card] = stage.copies(), stage.cards()
        await eventually(lambda: "from the group" in card.text)
    assert card.reply_to is copy
    assert "stand here or not" not in card.text


async def test_a_picture_that_was_copied_is_known_after_a_kill_before_it_is_hidden(
    stage: Stage,
) -> None:
    async with stage.bot_at_work() as process:
        silence = stage.server.faults.slow(100.0, method="deleteMessage", chat=stage.lobby.id)
        stage.lobby.sends(stage.asha, "photo", caption="you idiot")
        await eventually(lambda: silence.met > 0)
        process.kill()
        await process.wait()
    stage.server.faults.clear()
    async with stage.bot_at_work():
        await eventually(lambda: bool(stage.cards()))
        await eventually(lambda: "from the group" in stage.cards()[0].text)
    assert [each.reply_to for each in stage.cards()] == stage.copies()


async def test_a_picture_that_may_have_been_copied_is_copied_anew_after_a_kill(
    stage: Stage,
) -> None:
    async with stage.bot_at_work() as process:
        silence = stage.server.faults.slow(100.0, method="sendPhoto", chat=stage.review.id)
        picture = stage.lobby.sends(stage.asha, "photo", caption="you idiot")
        await eventually(lambda: silence.met > 0)
        process.kill()
        await process.wait()
    assert not picture.is_deleted
    stage.server.faults.clear()
    async with stage.bot_at_work():
        await eventually(lambda: bool(stage.cards()))
        await eventually(lambda: "Hidden from the group" in stage.cards()[0].text)
    assert [each.reply_to for each in stage.cards()] == [stage.copies()[-1]]
