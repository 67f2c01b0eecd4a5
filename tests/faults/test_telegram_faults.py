"""What Telegram and the wire can do to the bot: each ends as the design says, in the open."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.telegram import pressed
from bot.adapters.telegram.client import ANSWER_S
from bot.adapters.telegram.postings import MOST_MISSING
from bot.adapters.telegram.webhook import HEADER, PATH
from bot.app import running
from bot.domain.errors import AmanError, CannotStart
from bot.domain.messages import Place
from bot.observability import logs
from config.roles import Role
from tests.fakes.telegram import Group, Message, TelegramServer
from tests.fakes.telegram_bot import Scene, scene, settings_for
from tests.fakes.words_engine import open_words_scorer


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def ready(at_work: Scene) -> tuple[int, str]:
    """What /readyz answers."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{at_work.url}/readyz") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_token_that_is_nobodys_stops_the_start_with_what_to_mend(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        settings = settings_for(server, "7200000009:AAnobody_knows_this_token_at_all", tmp_path)
        with pytest.raises(CannotStart, match="@BotFather"):
            async with running(settings, Role.ALL, lambda _: None, scorer=open_words_scorer):
                pass


async def test_the_role_without_a_token_says_what_to_set(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        settings = settings_for(server, "", tmp_path)
        with pytest.raises(AmanError, match="TELEGRAM_BOT_TOKEN"):
            async with running(settings, Role.TELEGRAM, lambda _: None):
                pass


async def test_a_revoked_token_is_told_and_a_new_one_asked_for(at_work: Scene) -> None:
    at_work.bot.revokes_token()
    at_work.server.faults.cut("after", method="getUpdates")
    at_work.lobby.says(at_work.asha, "hello")

    async def told() -> bool:
        status, why = await ready(at_work)
        return status == 503 and "@BotFather" in why

    await at_work.eventually(told)


async def test_another_reader_of_the_updates_is_named(at_work: Scene) -> None:
    at_work.server.faults.refuse(
        409,
        "Conflict: terminated by other getUpdates request",
        method="getUpdates",
        times=4,
    )
    at_work.lobby.says(at_work.asha, "hello")

    async def told() -> bool:
        status, why = await ready(at_work)
        return status == 503 and "another program reads" in why

    await at_work.eventually(told)
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    assert (await ready(at_work))[0] == 200


async def test_telegram_out_of_reach_is_no_reason_not_to_start(tmp_path: Path) -> None:
    server = TelegramServer()
    server.faults.refuse(502, "Bad Gateway", method="getMe", times=2)
    async with scene(tmp_path, server) as at_work:
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)


@pytest.mark.parametrize("method", ["getUpdates", "deleteMessage", "sendMessage"])
async def test_servers_that_fail_are_asked_again(at_work: Scene, method: str) -> None:
    at_work.server.faults.refuse(502, "Bad Gateway", method=method, times=2)
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.card_says("Hidden from the group")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["getUpdates", "deleteMessage"])
async def test_a_cut_connection_loses_nothing_and_judges_once(
    at_work: Scene, method: str, when: str
) -> None:
    at_work.server.faults.cut(when, method=method)  # type: ignore[arg-type]
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.card()
    assert len(await at_work.cases()) == 1


async def test_updates_given_again_are_judged_once(at_work: Scene) -> None:
    at_work.server.faults.cut("after", method="getUpdates")
    at_work.lobby.says(at_work.asha, "you idiot")
    at_work.bot.redelivers()
    last = at_work.lobby.says(at_work.asha, "you silly idiot")  # judged after what is given again
    await at_work.eventually(lambda: last.is_deleted)
    assert len(await at_work.cases()) == 2


async def another_group(at_work: Scene) -> Group:
    """A second moderated group of the owner's."""
    other = at_work.server.group("Other", owner=at_work.owner).joins(at_work.asha)
    other.add(at_work.bot, rights=("can_delete_messages", "can_restrict_members"))
    other.says(at_work.owner, "/start guard")
    await at_work.eventually(lambda: any("look after" in t for t in other.texts(at_work.owner)))
    other.says(at_work.owner, "/settings preset balanced")
    await at_work.eventually(lambda: any("balanced" in t for t in other.texts(at_work.owner)))
    return other


async def test_one_chats_flood_holds_up_no_other(at_work: Scene) -> None:
    other = await another_group(at_work)
    at_work.server.faults.storm(8.0, chat=at_work.lobby.id)
    stuck = at_work.lobby.says(at_work.asha, "you idiot")
    free = other.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: free.is_deleted)
    assert not stuck.is_deleted
    await at_work.eventually(lambda: stuck.is_deleted)
    assert at_work.server.journal.impatient() == []


async def test_one_chats_silence_holds_up_no_other(at_work: Scene) -> None:
    other = await another_group(at_work)
    silence = at_work.server.faults.slow(100.0, method="deleteMessage", chat=at_work.lobby.id)
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: silence.met > 0)
    free = other.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: free.is_deleted)
    at_work.server.faults.clear()


async def test_a_press_that_waits_for_telegram_holds_up_no_message(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    silence = at_work.server.faults.slow(100.0, method="getChatMember", chat=at_work.review.id)
    press = asyncio.create_task(at_work.noor.presses(card, "Restore", patience=60.0))
    await at_work.eventually(lambda: silence.met > 0)
    insult = at_work.lobby.says(at_work.asha, "you silly idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    assert not press.done()
    at_work.server.faults.clear()
    answer = await press
    assert answer is not None
    assert "could not find out" in answer.text  # for nobody may press whose rights are not known


async def test_a_group_that_telegram_says_nothing_of_holds_up_no_other(tmp_path: Path) -> None:
    server = TelegramServer()
    async with scene(tmp_path, server) as at_work:
        silent = server.group("Silent", owner=at_work.owner).joins(at_work.asha)
        silent.add(at_work.bot, rights=("can_delete_messages", "can_restrict_members"))
        await at_work.drained()
        server.faults.slow(100.0, method="getChatAdministrators", chat=silent.id)
        silent.says(at_work.asha, "hello")
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        assert insult.deleted_at is not None
        assert insult.deleted_at - insult.posted_at < ANSWER_S
        server.faults.clear()


async def test_a_restore_whose_answer_was_lost_is_not_posted_twice(at_work: Scene) -> None:
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.card_says("Author")
    at_work.server.faults.cut("after", method="sendMessage", chat=at_work.lobby.id)
    await at_work.press("Restore")
    await at_work.card_says("Look there")
    back = [m for m in at_work.lobby.living() if "Reviewers brought it back" in m.text]
    assert len(back) == 1


async def a_hidden_sticker(at_work: Scene) -> Message:
    """What takes two messages to bring back: who wrote it stands under no sticker."""
    said = at_work.lobby.sends(at_work.asha, "sticker")
    at_work.lobby.says(at_work.owner, "/report", reply_to=said)
    await at_work.press("Hide it")
    await at_work.card_says("Hidden from the group")
    return said


def reposted(at_work: Scene) -> list[Message]:
    return [m for m in at_work.lobby.living() if "brought it back" in m.text or m.media]


async def test_a_restore_that_is_stopped_half_way_goes_on_from_there(at_work: Scene) -> None:
    await a_hidden_sticker(at_work)
    at_work.server.faults.flood(2, method="sendSticker", chat=at_work.lobby.id, times=2)
    await at_work.press("Undo")
    await at_work.card_says("Back in the group")
    assert [m.media for m in reposted(at_work)] == [None, "sticker"]
    await at_work.press("Hide it")
    await at_work.eventually(lambda: not reposted(at_work))


async def test_what_was_brought_back_in_part_can_be_hidden_again(at_work: Scene) -> None:
    await a_hidden_sticker(at_work)
    at_work.server.faults.refuse(
        400, "Bad Request: STICKER_INVALID", method="sendSticker", chat=at_work.lobby.id
    )
    await at_work.press("Undo")
    await at_work.card_says("Sticker_invalid")
    assert [m.media for m in reposted(at_work)] == [None]
    await at_work.press("Hide it")
    await at_work.eventually(lambda: not reposted(at_work))


@pytest.mark.parametrize("unseen", [0, 3, 12])
async def test_a_card_whose_answer_was_lost_is_found_where_it_stands(
    at_work: Scene, unseen: int
) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card_says("Hidden")
    for n in range(unseen):  # in a group where the bot is not told of what people say
        at_work.review.says(at_work.noor, f"line {n}")
    at_work.server.faults.cut("after", method="sendMessage", chat=at_work.review.id)
    insult = at_work.lobby.says(at_work.asha, "you fool, you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.eventually(lambda: len(at_work.cards()) == 2)

    async def on_record() -> bool:
        async with at_work.store.reading() as tx:
            return len(await tx.cards.refs(Place("telegram", str(at_work.review.id)))) == 2

    await at_work.eventually(on_record)
    assert len(at_work.cards()) == 2
    await at_work.press("Keep hidden", card=at_work.cards()[1])
    await at_work.eventually(lambda: at_work.cards()[1].labels == ["Undo"])
    assert at_work.cards()[0].labels != ["Undo"]


async def test_a_card_that_was_not_posted_is_not_drawn_over_what_the_bot_answered(
    at_work: Scene,
) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card_says("Hidden")
    lost = at_work.server.faults.cut("before", method="sendMessage", chat=at_work.review.id)
    at_work.lobby.says(at_work.asha, "you fool, you idiot")
    await at_work.eventually(lambda: lost.met > 0)
    at_work.review.says(at_work.noor, "/stats")
    await at_work.card_says("fool")

    def answers() -> list[str]:
        return [m.text for m in at_work.review.living() if "2 cases:" in m.text]

    assert len(answers()) == 1


async def a_lost_card(at_work: Scene, then: Callable[[], object] = lambda: None) -> Message:
    """A card that stands in the channel behind another one, and that the bot will not find.

    then: what befalls its twin.
    """
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card_says("Hidden")
    lines = [at_work.review.says(at_work.noor, f"line {n}") for n in range(MOST_MISSING)]
    at_work.review.deletes(*lines)
    then()
    at_work.server.faults.cut("after", method="sendMessage", chat=at_work.review.id)
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: len(at_work.cards()) > 1)
    return at_work.cards()[1]


async def twins(at_work: Scene) -> tuple[Message, Message]:
    """Two cards of one case: one that was lost from sight and not found, and the one on record."""
    await a_lost_card(at_work)
    await at_work.eventually(lambda: len(at_work.cards()) == 3)
    _, lost, known = at_work.cards()
    await at_work.eventually(lambda: on_record(at_work, known))
    return lost, known


async def on_record(at_work: Scene, card: Message) -> bool:
    """Whether the newest case has this card on record: a press that comes before finds no twin."""
    [case, *_] = await at_work.cases()
    async with at_work.store.reading() as tx:
        here = Place("telegram", str(at_work.review.id))
        return await tx.cards.card_ref(case.id, here) == str(card.id)


async def test_a_lost_card_that_is_not_found_is_decided_once_and_its_twin_goes(
    at_work: Scene,
) -> None:
    lost, known = await twins(at_work)
    await at_work.press("Keep hidden", card=lost)
    await at_work.eventually(lambda: lost.is_deleted)
    await at_work.eventually(lambda: known.labels == ["Undo"])
    assert at_work.cards()[1:] == [known]
    assert [case.generation for case in await at_work.cases()] == [1, 0]


async def test_the_twin_of_a_decided_cases_card_goes_though_its_press_comes_too_late(
    at_work: Scene,
) -> None:
    lost, known = await twins(at_work)
    await at_work.press("Keep hidden", card=known)
    await at_work.eventually(lambda: known.labels == ["Undo"])
    at_work.review.restricts(at_work.noor)
    assert "Only reviewers" in await at_work.press("Restore", card=lost)
    at_work.review.restricts(at_work.noor, "can_send_messages")
    assert "was faster" in await at_work.press("Restore", card=lost)
    await at_work.eventually(lambda: lost.is_deleted)
    assert not known.is_deleted


async def test_a_lost_card_that_is_pressed_while_none_is_on_record_is_the_card_from_then_on(
    at_work: Scene,
) -> None:
    faults, review = at_work.server.faults, at_work.review.id
    lost = await a_lost_card(
        at_work,
        lambda: faults.refuse(502, "Bad Gateway", method="sendMessage", chat=review, times=None),
    )
    await at_work.press("Keep hidden", card=lost)
    await at_work.eventually(lambda: on_record(at_work, lost))
    faults.clear()
    await at_work.eventually(lambda: lost.labels == ["Undo"])
    assert at_work.cards()[1:] == [lost]


async def test_a_lost_card_that_is_pressed_while_its_twin_is_on_its_way_goes(
    at_work: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressed, "LOOK_EVERY_S", 0.5)
    faults, review = at_work.server.faults, at_work.review.id
    lost = await a_lost_card(
        at_work, lambda: faults.slow(3.0, method="sendMessage", chat=review, times=1)
    )
    await at_work.eventually(lambda: len(at_work.cards()) == 3)
    known = at_work.cards()[2]
    await at_work.press("Keep hidden", card=lost)
    await at_work.eventually(lambda: lost.is_deleted)
    await at_work.eventually(lambda: known.labels == ["Undo"])
    assert at_work.cards()[1:] == [known]


async def test_a_webhook_takes_nothing_from_strangers(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as at_work:
        forged = {"update_id": 1, "message": {"message_id": 1, "date": 1}}
        async with aiohttp.ClientSession() as http:
            for headers in ({}, {HEADER: "guess"}, {HEADER: "é"}):
                async with http.post(url + PATH, json=forged, headers=headers) as answer:
                    assert answer.status == 403
        assert await at_work.cases() == []


async def test_a_webhook_is_told_of_success_only_once_the_update_is_taken_in(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as at_work:
        os.kill(redis_pid(tmp_path), signal.SIGSTOP)
        try:
            insult = at_work.lobby.says(at_work.asha, "you idiot")
            webhook = at_work.server.world.webhooks[at_work.bot.id]
            await at_work.eventually(lambda: "503" in (webhook.last_error or ""))
            assert at_work.bot.waiting == 1
        finally:
            os.kill(redis_pid(tmp_path), signal.SIGCONT)
        await at_work.eventually(lambda: insult.is_deleted)
        await at_work.drained()
        assert len(await at_work.cases()) == 1


async def test_a_redis_that_is_killed_under_the_bot_costs_no_message(
    at_work: Scene, tmp_path: Path
) -> None:
    insults = []
    for n in range(3):
        insults.append(at_work.lobby.says(at_work.asha, f"you idiot {n}"))
        os.kill(redis_pid(tmp_path), signal.SIGKILL)
        insults.append(at_work.lobby.says(at_work.asha, f"you silly idiot {n}"))
        await at_work.eventually(lambda: all(each.is_deleted for each in insults))
    assert len(await at_work.cases()) == len(insults)
    assert len(at_work.cards()) == len({card.text for card in at_work.cards()})


def redis_pid(folder: Path) -> int:
    """The process of the embedded server that a bot with this data folder runs."""
    return int((folder / "redis" / "server.pid").read_text())


async def test_the_token_is_in_no_line_metric_or_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("DEBUG", "json")  # without being told the secret: nothing may rely on that
    async with scene(tmp_path) as at_work:
        faults = at_work.server.faults
        faults.cut("before", method="getUpdates")
        faults.refuse(502, "Bad Gateway", method="getUpdates")
        faults.cut("after", method="deleteMessage")
        faults.refuse(404, "Not Found", method="sendMessage")
        faults.flood(1, method="sendMessage")
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        card = await at_work.card()
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{at_work.url}/metrics") as answer:
                metrics = await answer.text()
            async with http.get(f"{at_work.url}/readyz") as answer:
                metrics += await answer.text()
        at_work.bot.revokes_token()
        faults.cut("after", method="getUpdates")
        at_work.lobby.says(at_work.asha, "hello")

        async def told() -> bool:
            return "@BotFather" in (await ready(at_work))[1]

        await at_work.eventually(told)
        metrics += (await ready(at_work))[1]
        out = capfd.readouterr()
        secret = at_work.bot.token.partition(":")[2]
        for text in (metrics, card.text, out.out, out.err):
            assert secret not in text
