"""Take the README's pictures of the playground anew: `.venv/bin/python tools/pictures.py`.

Starts a bot of its own on an empty folder, plays the sample conversation, and needs Chromium.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from bot.app import running
from config.roles import Role
from config.settings import Settings

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LAPTOP = {"width": 1280, "height": 800}
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
    await expect(page.get_by_text("So glad I joined")).to_be_visible()
    await page.wait_for_timeout(3000)
    await page.screenshot(path=PICTURES / "playground.png")
    await phone.locator("nav label, nav button, nav a").nth(1).click()
    await phone.wait_for_timeout(1500)
    await phone.screenshot(path=PICTURES / "phone.png")


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, AMAN_DATA_DIR=Path(folder), port=0)
        async with running(settings, Role.ALL, print) as started, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = await browser.new_page(viewport=LAPTOP)
            phone = await browser.new_page(viewport=PHONE, color_scheme="dark")
            await page.goto(str(started.url))
            await phone.goto(str(started.url))
            await _hidden_and_restored(page)
            await _sample(page, phone)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(_main())
