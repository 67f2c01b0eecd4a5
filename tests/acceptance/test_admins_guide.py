"""docs/admins.md, "from nothing to a moderated group in five minutes", step by step: the real
`aman run` as an admin starts it, with the bundled model, against a Bot API server of our own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.redis_server import eventually
from tests.fakes.telegram.remote import RemoteServer, spawn

GUIDE = Path(__file__).parents[2] / "docs" / "admins.md"
PATIENCE_S = 60.0


def named_buttons() -> set[str]:
    """The buttons that the guide tells an admin to press: in bold, and no step's heading."""
    text = " ".join(GUIDE.read_text().split())
    steps = text[text.index("## Telegram: from nothing") : text.index("### What can be asked")]
    return set(re.findall(r"(?<!\d\. )\*\*([A-Z][^*]*[^*.])\*\*", steps))


class Reader:
    """Reads what stands in a chat as one person sees it."""

    def __init__(self, messages: Callable[[], Awaitable[list[Any]]]) -> None:
        self._messages = messages

    async def message(self, text: str) -> Any:
        """The newest message that says so, once it is there."""
        found: list[Any] = []

        async def there() -> bool:
            found[:] = [m for m in await self._messages() if text in await m.do("text")]
            return bool(found)

        await eventually(there, PATIENCE_S)
        return found[-1]


@asynccontextmanager
async def aman(server: RemoteServer, token: str, folder: Path, *words: str) -> AsyncIterator[Any]:
    """The command as an admin gives it, told only where Telegram is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM")}
    told = {
        "TELEGRAM_BOT_TOKEN": token,
        "TELEGRAM_API_BASE_URL": server.root,
        "AMAN_DATA_DIR": str(folder),
        "PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        env={**kept, **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def said_by(server: RemoteServer, token: str, folder: Path, *words: str) -> tuple[int, str]:
    """A command's exit status and all that it said."""
    async with aman(server, token, folder, *words) as process:
        out, err = await process.communicate()
        return process.returncode, (out + err).decode()


@pytest.mark.timeout(300)
async def test_every_step_of_the_guide_does_what_it_says(
    tmp_path: Path, converted_models: Path
) -> None:
    other = tmp_path / "other"
    for folder in (other, tmp_path):
        folder.mkdir(exist_ok=True)
        (folder / "models").symlink_to(converted_models)
    async with spawn() as server:
        # 1. Make a bot.
        bot = await server.do("bot", "our_aman_bot")
        token = await bot.do("token")

        # 2. Start Aman with it. A wrong token stops the start with one line.
        status, said = await said_by(server, "123456:ABCdefGHIjkl", other, "run")
        assert status == 1
        assert "@BotFather" in said
        assert "Traceback" not in said
        async with aman(server, token, tmp_path, "run") as process:
            await at_work(process)
            began = monotonic()
            await the_steps(server, bot, tmp_path)
            assert monotonic() - began < 300, "five minutes, the reading left out"


async def at_work(process: Any) -> None:
    async with asyncio.timeout(120):
        while line := (await process.stderr.readline()).decode():
            if "Ctrl-C stops" in line:
                return
    raise AssertionError("aman run ended by itself")


async def the_steps(server: RemoteServer, bot: Any, folder: Path) -> None:
    priya, asha, noor = [await server.do("user", name) for name in ("priya", "asha", "noor")]
    group = await server.do("group", "Garden", owner=priya)
    await group.do("joins", asha)
    private = Reader(lambda: priya.do("inbox", bot))
    public, pressed = Reader(lambda: group.do("visible_to", priya)), set()

    async def press(person: Any, message: Any, label: str) -> str:
        async def offered() -> bool:
            return label in await message.do("labels")

        await eventually(offered, PATIENCE_S)
        pressed.add(label)
        answer = await person.do("presses", message, label, patience=30.0)
        assert answer is not None, f"{label} was not answered"
        return str(await answer.do("text"))

    # 3. Add it to your group: /start in private, then the button, whose link asks for the rights.
    await priya.do("starts", bot)
    invitation = await private.message("Add me to a group")
    assert await invitation.do("labels") == ["Add me to a group"]
    pressed.add("Add me to a group")
    asked = parse_qs(urlsplit((await invitation.do("buttons"))[0]["url"]).query)
    rights = tuple(f"can_{name}" for name in asked["admin"][0].split())
    assert rights == ("can_delete_messages", "can_restrict_members")
    await group.do("add", bot, rights=rights, payload=asked["startgroup"][0])
    await public.message("I am watching only")

    # 4. Give your reviewers a place.
    await group.do("says", priya, "/link")
    code = await private.message("Code for a review channel of Garden")
    [button] = await code.do("buttons")
    pressed.add(button["text"])
    reviewers = await server.do("group", "Reviewers", owner=priya)
    await reviewers.do("joins", noor)
    payload = parse_qs(urlsplit(button["url"]).query)["startgroup"][0]
    await reviewers.do("add", bot, rights=rights, payload=payload)
    review = Reader(lambda: reviewers.do("visible_to", noor))
    await review.message("Reviewers of Garden act here now")

    # It acts on nothing yet, and shows what it would have done.
    first = await group.do("says", asha, "you are a fucking idiot")
    await review.message("Would have been hidden")
    assert not await first.do("is_deleted")

    # 5. Let it act.
    await group.do("says", priya, "/settings")
    menu = await public.message("Rules of Garden")
    assert {"Lenient", "Balanced", "Strict"} < {*await menu.do("labels")}
    pressed |= {"Lenient", "Strict"}
    await press(priya, menu, "Balanced")
    await public.message("Rules of Garden: balanced")

    # Somebody insults somebody.
    insult = await group.do("says", asha, "what a fucking idiot you are")

    async def hidden() -> bool:
        return bool(await insult.do("is_deleted"))

    await eventually(hidden, PATIENCE_S)
    card = await review.message("Case 2 · Hidden")
    assert (await card.do("spans", "spoiler"))[0] == "what a fucking idiot you are"
    offered = await card.do("labels")
    assert offered == ["Restore", "Keep hidden", "Warn", "Mute", "Kick", "Ban"]
    pressed |= {*offered}
    await press(noor, card, "Restore")
    await public.message("Reviewers brought it back")
    await press(noor, card, "Undo")
    assert named_buttons() <= pressed | {"Look after this group"}

    # What is missing is told, and `aman doctor` says it too.
    await group.do("takes_right", bot, "can_delete_messages")
    await review.message("I may not delete messages")
    status, told = await said_by(server, await bot.do("token"), folder, "doctor")
    assert status == 1
    assert "Delete messages" in told


def test_the_guide_names_buttons_that_exist() -> None:
    assert {"Add me to a group", "Balanced", "Restore", "Undo"} <= named_buttons()
