"""What Telegram brings twice, since it did not hear that the bot took it, is done and answered
once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.telegram import webhook
from tests.fakes.telegram import Group
from tests.fakes.telegram.people import text_body
from tests.fakes.telegram_bot import RIGHTS, Scene, scene

ANSWERS_A_PRESS = "answerCallbackQuery"


@pytest.fixture
async def at_work(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Scene]:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as made:
        yield made


class Repeated:
    """What is done within this block is brought twice."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._webhook = scene.server.world.webhooks[scene.bot.id]

    async def __aenter__(self) -> None:
        await self._scene.drained()
        self._webhook.answers_to_lose = 1

    async def __aexit__(self, *_: object) -> None:
        await self._scene.drained()
        assert self._webhook.answers_to_lose == 0


async def all_answered(at_work: Scene, group: Group) -> None:
    """Wait until what was asked before is answered: what is asked then has its answer only later,
    and of two answers in a chat the second has to wait for its turn."""

    def answers() -> int:
        texts = [*group.texts(at_work.owner), *(m.text for m in group.seen_alone_by(at_work.owner))]
        return sum("asks reviewers" in text for text in texts)

    for before in range(2):
        group.says(at_work.owner, "/help")
        await at_work.eventually(lambda before=before: answers() > before)


async def test_a_command_is_answered_once(at_work: Scene) -> None:
    def answers(preset: str) -> int:
        return sum(f": {preset}," in text for text in at_work.lobby.texts(at_work.owner))

    async with Repeated(at_work):
        at_work.lobby.says(at_work.owner, "/settings preset strict")
    at_work.lobby.says(at_work.owner, "/settings preset lenient")
    await at_work.eventually(lambda: answers("lenient") == 1)
    await all_answered(at_work, at_work.lobby)
    assert answers("strict") == 1


async def test_who_links_a_channel_is_not_told_that_the_code_is_unknown(at_work: Scene) -> None:
    at_work.owner.starts(at_work.bot)
    at_work.lobby.says(at_work.owner, "/link")
    await at_work.eventually(lambda: "Code for" in at_work.owner.inbox(at_work.bot)[-1].text)
    code = at_work.owner.inbox(at_work.bot)[-1].text.split(": ")[1].split("\n")[0]
    other = at_work.server.group("More reviewers", owner=at_work.owner).add(at_work.bot)
    async with Repeated(at_work):
        other.says(at_work.owner, f"/link {code}")
    await at_work.eventually(lambda: any("act here now" in t for t in other.texts(at_work.owner)))
    await all_answered(at_work, other)
    assert not any("That code" in text for text in other.texts(at_work.owner))


async def test_each_press_is_answered_once(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    async with Repeated(at_work):
        presses = [at_work.noor.press(card, "Keep hidden") for _ in range(2)]
    await at_work.eventually(lambda: all(each.answer is not None for each in presses))
    await at_work.eventually(lambda: card.labels == ["Undo"])
    await at_work.press("Undo")
    asked = [r.params["callback_query_id"] for r in at_work.server.journal.of(ANSWERS_A_PRESS)]
    assert asked[:2] == [each.id for each in presses]
    assert len(asked) == 3
    said = [str(each.answer and each.answer["text"]) for each in presses]
    assert "stays out" in said[0]
    assert "was faster" in said[1]


async def test_a_group_is_greeted_once(at_work: Scene) -> None:
    other = at_work.server.group("Other", owner=at_work.owner)
    async with Repeated(at_work):
        other.add(at_work.bot, rights=RIGHTS)
    other.says(at_work.owner, "/start guard")
    await at_work.eventually(lambda: any("look after" in t for t in other.texts(at_work.owner)))
    await all_answered(at_work, other)
    assert sum("I help moderators" in text for text in other.texts(at_work.owner)) == 1


@pytest.mark.parametrize("words", ["/report", "@admin look at that"])
async def test_who_reports_is_thanked_once(at_work: Scene, words: str) -> None:
    said = at_work.lobby.says(at_work.asha, "buy my course")
    async with Repeated(at_work):
        at_work.lobby.says(at_work.owner, words, reply_to=said)
    await all_answered(at_work, at_work.lobby)
    thanks, *others = at_work.told(at_work.owner)
    assert "Thank you" in thanks
    assert not any("reported" in text for text in others)


@pytest.mark.parametrize("words", ["/report", "/settings"])
async def test_who_writes_without_a_name_is_told_once(at_work: Scene, words: str) -> None:
    async with Repeated(at_work):
        at_work.lobby.says(at_work.owner, words, anonymous=True)
    await all_answered(at_work, at_work.lobby)
    texts = at_work.lobby.texts(at_work.owner)
    assert sum("cannot tell who you are" in text for text in texts) == 1


async def test_what_bears_no_number_is_not_taken_for_another(at_work: Scene) -> None:
    def answered(preset: str) -> bool:
        return any(f": {preset}," in text for text in at_work.lobby.texts(at_work.owner))

    headers = {webhook.HEADER: webhook.secret_of(at_work.bot.token)}
    async with aiohttp.ClientSession(headers=headers) as http:
        for number, preset in enumerate(("strict", "lenient")):
            command = f"/settings preset {preset}"
            message = {
                "message_id": 100 + number,
                "date": 1_900_000_000,
                "chat": at_work.lobby.chat.json(),
                "from": at_work.owner.account.json(),
                **text_body(command),
            }
            async with http.post(f"{at_work.url}{webhook.PATH}", json={"message": message}) as said:
                assert said.status == 200
            await at_work.eventually(lambda preset=preset: answered(preset))
