"""The report of a replay, opened from disk in a real headless Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.replay.export import open_export
from bot.replay.report import render
from bot.replay.run import replay
from tests.factories import a_policy
from tests.factories.exports import Gauge, a_file
from tests.factories.requirements import require

pytestmark = [pytest.mark.needs_browser, pytest.mark.asyncio(loop_scope="module")]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
ATTACK = "</script><img src=x onerror=\"document.title='broken'\"><svg onload=alert(1)>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    require(chromium is not None, "needs Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def report(tmp_path: Path) -> Path:
    """The report of 300 messages over five days: 50 hidden, 50 for review; one more is empty."""
    said = {0: "rotten 0.95", 1: "rotten 0.6"}
    lines = [
        {"text": f"{said.get(n % 6, 'fine')} {n}", "author": ATTACK, "time": 1709287200 + 1440 * n}
        for n in range(300)
    ]
    lines[0]["text"] = f"rotten 0.99 {ATTACK}"
    lines.append({**lines[-1], "text": ""})
    export = a_file(tmp_path, "chat.jsonl", "\n".join(map(json.dumps, lines)))
    path = tmp_path / "report.html"
    path.write_text(render(await replay(open_export(export), Gauge(), a_policy())), "utf-8")
    return path


async def opened(browser: Browser, report: Path, width: int = 1280, **options: object) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = await context.new_page()
    page.asked, page.complaints = [], []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: page.complaints.append(said.text))
    await page.goto(report.as_uri())
    return page


async def painted(page: Page, canvas: str) -> int:
    """How many colours a chart shows."""
    return await page.eval_on_selector(
        canvas,
        """canvas => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return new Set(new Uint32Array(data.buffer)).size;
        }""",
    )


async def is_in_sight(cell: Locator) -> bool:
    """Whether a cell is wholly within the box that its table scrolls in."""
    return await cell.evaluate(
        """cell => {
            const box = cell.closest(".scroll").getBoundingClientRect();
            const { left, right } = cell.getBoundingClientRect();
            return left >= box.left - 1 && right <= box.right + 1;
        }"""
    )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_opens_from_disk_complete_and_without_a_complaint(browser, report, width, scheme):
    page = await opened(browser, report, width, color_scheme=scheme)
    for canvas in ("#timeline", "#curve", "canvas[data-label=toxicity]"):
        assert await painted(page, canvas) > 5
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.asked == [report.as_uri()]
    assert page.complaints == []
    await page.context.close()


async def test_on_a_phone_every_figure_can_be_reached(browser, report):
    page = await opened(browser, report, width=390)
    await page.get_by_text("The same as a table").click()
    for table in (page.locator(".figures table"), page.locator("table").last):
        columns = table.locator("thead th")
        assert all([await is_in_sight(column) for column in await columns.all()])
    wide = page.get_by_role("region", name="Figures")
    columns = wide.locator("thead th")
    assert not await is_in_sight(columns.last)
    await wide.evaluate("box => box.scrollTo(1000, 0)")
    assert await is_in_sight(columns.last)
    await page.context.close()


async def test_markup_in_a_message_does_nothing_even_once_uncovered(browser, report):
    page = await opened(browser, report)
    quote = page.locator("blockquote", has_text="onerror")
    await expect(quote).to_be_hidden()
    await page.locator("details", has=quote).locator("summary").click()
    await expect(quote).to_contain_text(ATTACK)
    assert await page.title() == "Replay of chat.jsonl"
    assert await page.locator("img, svg").count() == 0
    assert page.asked == [report.as_uri()]
    await page.context.close()


async def test_other_thresholds_show_at_once_what_they_would_have_come_to(browser, report):
    page = await opened(browser, report)
    hidden, review, allowed = (
        page.locator(f"#if-{each}") for each in ("hidden", "review", "allowed")
    )
    await expect(hidden).to_have_text("50as the policy")
    await expect(review).to_have_text("50as the policy")
    await page.locator("#hide-from").fill("60")
    await expect(page.locator("#hide-said")).to_have_text("0.60")
    await expect(hidden).to_have_text("100+50")
    await expect(review).to_have_text("0−50")
    await expect(allowed).to_have_text("200as the policy")
    await page.locator("#hide-from").fill("101")
    await page.locator("#review-from").fill("97")
    await expect(page.locator("#hide-said")).to_have_text("never")
    await expect(hidden).to_have_text("0−50")
    await expect(review).to_have_text("1−49")
    await page.get_by_role("button", name="Back to the policy").click()
    await expect(hidden).to_have_text("50as the policy")
    await page.locator("#what-if").get_by_text("threat", exact=True).click()
    await page.locator("#review-from").fill("2")
    await expect(review).to_have_text("250+200")
    await page.context.close()


async def test_it_is_used_by_keyboard_alone(browser, report):
    page = await opened(browser, report)
    await page.locator("#hide-from").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#hide-said")).to_have_text("0.89")
    first = page.locator(".severe details").first
    await first.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(first.locator("blockquote")).to_be_visible()
    await page.context.close()


async def test_without_scripts_its_figures_can_be_read(browser, report):
    page = await opened(browser, report, java_script_enabled=False)
    await expect(page.get_by_text("needs JavaScript")).to_be_visible()
    await expect(page.locator(".total.hide")).to_contain_text("50")
    await page.context.close()
