"""Take the README's pictures anew: `.venv/bin/python tools/pictures.py`.

Starts a bot of its own on an empty folder, plays the sample conversation, replays a made-up
month of it, and needs Chromium.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.adapters.playground.sample import LINES
from bot.app import running
from config.roles import Role
from config.settings import Settings

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LAPTOP = {"width": 1280, "height": 800}
PAGE = {"width": 1280, "height": 1250}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=60_000)


async def _say(page: Page, who: str, text: str) -> None:
    await page.locator("#speakers label", has_text=who).click()
    await page.locator("#say").fill(text)
    await page.locator("#say").press("Enter")


async def _hidden_and_restored(page: Page) -> None:
    await _say(page, "Asha", "Morning! Did anyone fix the sign-up form?")
    await _say(page, "Ben", "you are a stupid idiot")
    card = page.locator(".card").first
    await expect(card.get_by_text("Author told")).to_be_visible()
    await page.wait_for_timeout(1500)  # for the figures above, drawn once a second
    await page.screenshot(path=PICTURES / "hidden.png")
    await card.get_by_role("button", name="Restore", exact=True).click()
    await expect(card.get_by_role("button", name="Undo")).to_be_visible()
    await page.wait_for_timeout(1500)
    await page.screenshot(path=PICTURES / "restored.png")
    await page.get_by_role("button", name="Clear the chat").click()


async def _sample(page: Page, phone: Page) -> None:
    await page.locator("#play").click()
    await expect(page.locator("#timeline").get_by_text("So glad I joined")).to_be_visible()
    await page.wait_for_timeout(3000)
    await page.screenshot(path=PICTURES / "playground.png")
    await phone.locator("nav label, nav button, nav a").nth(1).click()
    await phone.wait_for_timeout(1500)
    await phone.screenshot(path=PICTURES / "phone.png")


async def _playground(browser: Browser, folder: Path) -> None:
    settings = Settings(_env_file=None, AMAN_DATA_DIR=folder, port=0)
    async with running(settings, Role.ALL, print) as started:
        page = await browser.new_page(viewport=LAPTOP)
        phone = await browser.new_page(viewport=PHONE, color_scheme="dark")
        await page.goto(str(started.url))
        await phone.goto(str(started.url))
        await _hidden_and_restored(page)
        await _sample(page, phone)


def _made_up(export: Path) -> None:
    """A month of a chat that never was: of what is said in the sample, one in 25 by who is rude."""
    chance = Random(1)  # noqa: S311 - the same month each time, and no secret
    rude = [text for member, text in LINES if member == "ben"]
    rest = [text for member, text in LINES if member != "ben"]
    with export.open("w") as file:
        for minute in sorted(chance.sample(range(31 * 24 * 60), 1500)):
            is_rude = chance.random() < 1 / 25
            said = {
                "author": "ben" if is_rude else chance.choice(("asha", "chidi", "mei", "priya")),
                # Three lines in one, or most would be equal, and the speed that of looking up.
                "text": " ".join(chance.sample(rude, 1) if is_rude else chance.sample(rest, 3)),
                "time": (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)).isoformat(),
            }
            file.write(json.dumps(said) + "\n")


def _replayed(folder: Path) -> Path:
    export, report = folder / "made_up.jsonl", folder / "report.html"
    _made_up(export)
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bot", "replay", export, "--html", report],
        env={**os.environ, "AMAN_DATA_DIR": str(folder)},
        check=True,
    )
    return report


async def _report(browser: Browser, folder: Path) -> None:
    report = await asyncio.to_thread(_replayed, folder)
    page = await browser.new_page(viewport=PAGE)
    await page.goto(report.as_uri())
    await page.wait_for_timeout(1500)  # for the charts, which grow
    await page.screenshot(path=PICTURES / "report.png")


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            await _playground(browser, Path(folder))
            await _report(browser, Path(folder))
            await browser.close()


if __name__ == "__main__":
    asyncio.run(_main())
