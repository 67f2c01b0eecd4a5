"""The playground's page, in a real headless Chromium, as people meet it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.adapters.playground import sample
from bot.app import running
from bot.domain.scores import Label
from bot.scoring.batching import BatchingScorer
from config.roles import Role
from config.settings import Settings
from handlers.window import CARDS_AT_ONCE
from tests.factories.languages import with_languages
from tests.factories.requirements import require
from tests.fakes.hosts import hosted
from tests.fakes.playground_bot import word_scores
from tests.fakes.words_engine import WordsEngine

# One browser for all of them: it takes seconds to start.
pytestmark = [pytest.mark.needs_browser, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)  # generous: a busy machine is no fault of the page
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


async def open_rude_words_scorer(*_: object) -> BatchingScorer:
    """A scorer that knows rude words by all seven labels, whatever the settings say."""
    scorer = BatchingScorer("words", hosted(RudeWords))
    await scorer.start()
    return scorer


class RudeWords(WordsEngine):
    """Scores as the small bot of the other tests does."""

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        return [word_scores(text).by_label for text in texts]


@asynccontextmanager
async def a_bot(folder: Path, port: int = 0) -> AsyncIterator[str]:
    """The address of a whole bot's page: everything is real but the model."""
    settings = Settings(_env_file=None, AMAN_DATA_DIR=with_languages(folder), port=port)
    async with running(
        settings, Role.ALL, lambda line: None, scorer=open_rude_words_scorer
    ) as started:
        assert started.url is not None
        yield started.url


@pytest_asyncio.fixture(loop_scope="module")
async def playground_url(tmp_path: Path) -> AsyncIterator[str]:
    async with a_bot(tmp_path) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    require(chromium is not None, "needs Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


async def opened(browser: Browser, url: str, **options) -> Page:
    """The page, whose every complaint fails the test."""
    context = await browser.new_context(**{"viewport": LAPTOP, **options})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.complaints = complaints  # type: ignore[attr-defined]
    await page.goto(url)
    await expect(page.locator("#speakers input")).to_have_count(5)
    return page


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, playground_url: str) -> AsyncIterator[Page]:
    page = await opened(browser, playground_url)
    yield page
    await page.context.close()
    assert page.complaints == []  # type: ignore[attr-defined]


async def speak_as(page: Page, name: str) -> None:
    await page.locator("#speakers label", has_text=name).click()


async def say(page: Page, text: str) -> Locator:
    """Say something as whoever is chosen; the line it becomes."""
    before = await page.locator(".message").count()
    await page.locator("#say").fill(text)
    await page.locator("#say").press("Enter")
    await expect(page.locator(".message")).to_have_count(before + 1)
    return page.locator(".message").last


async def an_insult(page: Page) -> Locator:
    """Have Ben say something that is hidden; its card."""
    await speak_as(page, "Ben")
    await say(page, "you are an idiot")
    card = page.locator(".card").first
    await expect(card).to_be_visible()
    return card


async def an_insult_on_a_phone(page: Page) -> None:
    """As an_insult, where the page shows one room at a time."""
    await speak_as(page, "Ben")
    await say(page, "you are an idiot")
    await expect(page.locator("#review-badge")).to_have_text("1")


# ---------------------------------------------------------------- the way a message goes


async def test_an_insult_is_hidden_its_card_appears_and_restore_brings_it_back(page):
    await speak_as(page, "Ben")
    line = await say(page, "you are an idiot")
    await expect(line).to_contain_text("hidden by Aman")
    await expect(page.locator("#timeline")).not_to_contain_text("you are an idiot")
    card = page.locator(".card").first
    await expect(card.locator(".pill")).to_have_text("Hidden")
    await card.get_by_role("button", name="Restore").click()
    await expect(line.locator(".bubble")).to_have_text("you are an idiot")
    await expect(line).to_contain_text("restored")
    await expect(card).to_contain_text("Noor let it stand")
    await expect(page.locator("#toast")).to_contain_text("the message stands in the group")


async def test_a_friendly_message_stays_and_shows_what_it_scored(page):
    line = await say(page, "good morning everybody")
    chip = line.locator("button.chip")
    await expect(chip).to_have_class("chip allow")
    await chip.click()
    await expect(line.locator(".bars dt")).to_have_count(7)
    await expect(line.locator(".bars .tick")).to_have_count(14)
    await expect(page.locator("#review-empty")).to_be_visible()


async def test_what_is_doubtful_stays_visible_and_asks_a_reviewer(page):
    line = await say(page, "that is a damn shame")
    await expect(line.locator("button.chip")).to_contain_text("to review")
    await expect(line.locator(".bubble")).to_have_text("that is a damn shame")
    card = page.locator(".card").first
    await expect(card.locator(".pill")).to_have_text("Still visible")
    await card.get_by_role("button", name="Hide it").click()
    await expect(line).to_contain_text("hidden by Aman")


async def test_each_part_of_a_hidden_sentence_shows_its_case_its_score_and_its_reason(page):
    await speak_as(page, "Ben")
    for text in ("just shut", "up now"):
        await say(page, text)
    for line in await page.locator(".message").all():
        await expect(line.locator(".covered")).to_contain_text("case #1")
        await expect(line.locator("button.chip")).to_have_class("chip hide")
        await expect(line.locator("button.chip")).to_contain_text("toxicity0.95")
        await line.locator("button.chip").click()
        await expect(line.locator(".scores")).to_contain_text("read as one from 2 messages")


async def test_an_admin_is_not_judged_and_the_page_says_so(page):
    await speak_as(page, "Priya")
    line = await say(page, "you are all idiots")
    await expect(line.locator(".chip")).to_have_text("not judged")


async def test_an_edit_is_judged_again(page):
    line = await say(page, "hello there")
    await expect(line.locator("button.chip")).to_have_class("chip allow")
    await page.locator("#say").press("ArrowUp")
    await expect(page.locator("#composer-note")).to_contain_text("Editing")
    await page.locator("#say").fill("hello you idiot")
    await page.locator("#say").press("Enter")
    await expect(line).to_contain_text("hidden by Aman")


async def test_a_message_can_be_taken_back(page):
    line = await say(page, "never mind")
    await line.hover()
    await line.get_by_role("button", name="Take this message back").click()
    await expect(line).to_contain_text("taken back by its author")


# ---------------------------------------------------------------- reviewing


async def test_what_was_said_is_covered_until_somebody_asks_to_see_it(page):
    card = await an_insult(page)
    await expect(card).not_to_contain_text("you are an idiot")
    await card.get_by_role("button", name="Show what was said").click()
    await expect(card.locator("blockquote")).to_have_text("you are an idiot")
    await card.get_by_role("button", name="Cover it").click()
    await expect(card).not_to_contain_text("you are an idiot")


async def test_a_ban_asks_twice_and_undo_takes_it_back(page):
    card = await an_insult(page)
    await card.get_by_role("button", name="Ban", exact=True).click()
    await expect(card).to_contain_text("Ban Ben? Noor is asked to confirm.")
    await expect(page.locator("#say")).to_be_enabled()
    await card.get_by_role("button", name="Yes, ban").click()
    await expect(page.locator("#composer-note")).to_contain_text("Ben is banned")
    await expect(page.locator("#say")).to_be_disabled()
    await card.get_by_role("button", name="Undo").click()
    await expect(page.locator("#say")).to_be_enabled()
    await expect(card.locator(".pill")).to_have_text("Hidden")


async def test_a_second_reviewer_is_told_who_was_faster(browser, page):
    card = await an_insult(page)
    other = await opened(browser, page.url)
    await other.locator("#reviewers label", has_text="Sam").click()
    theirs = other.locator(".card").first
    mute = await theirs.locator(".press.mute").element_handle()
    stale = await mute.evaluate("button => button.dataset.button")
    await card.get_by_role("button", name="Keep hidden").click()
    await expect(theirs).to_contain_text("Noor kept it hidden")
    told = await other.evaluate(
        """async (button) => {
            const api = await import("/playground/static/api.js");
            return api.press(button, "sam");
        }""",
        stale,
    )
    assert told == {"text": "Noor was faster: the message stays hidden.", "accepted": False}


async def test_a_notice_is_seen_by_its_person_alone(page):
    card = await an_insult(page)
    await card.get_by_role("button", name="Warn").click()
    await expect(page.locator(".notice").last).to_contain_text("Please keep it friendly")
    await speak_as(page, "Asha")
    await expect(page.locator(".notice")).to_have_count(0)


async def test_without_the_right_to_delete_the_page_says_that_the_bot_cannot_act(page):
    await page.locator("#policy-toggle").click()
    await page.locator("label.toggle", has_text="The bot may delete messages").click()
    await expect(page.locator("#alert")).to_contain_text("Aman cannot act")
    card = await an_insult(page)
    await expect(card.locator(".done .bad")).to_contain_text("Give it that right")
    await page.locator("label.toggle", has_text="The bot may delete messages").click()
    await expect(page.locator("#alert")).to_be_hidden()


async def test_the_page_says_how_many_cases_wait_that_the_channel_does_not_show(page):
    for nth in range(CARDS_AT_ONCE + 2):
        await say(page, f"you are an idiot, {nth}")
    await expect(page.locator("#review-count")).to_have_text(f"{CARDS_AT_ONCE + 2} to decide")
    await expect(page.locator("#review-badge")).to_have_text(str(CARDS_AT_ONCE + 2))
    await expect(page.locator("#review-more")).to_have_text("2 more wait for room here.")
    await page.locator(".card .press.restore").first.click()
    await expect(page.locator("#review-more")).to_have_text("1 more waits for room here.")


async def test_from_a_message_to_its_card_where_the_policy_covers_the_channel(page):
    await an_insult(page)
    await page.set_viewport_size({"width": 1000, "height": 700})
    await page.locator("#policy-toggle").click()
    await expect(page.locator("#review")).to_be_hidden()
    await page.get_by_role("button", name="case #1").click()
    await expect(page.locator(".card")).to_be_in_viewport()
    await expect(page.locator(".card")).to_be_focused()


# ---------------------------------------------------------------- the policy


async def test_a_threshold_moved_by_key_is_saved_as_a_new_version(page):
    await say(page, "that is a damn shame")
    await page.locator("#policy-toggle").click()
    hide = page.get_by_label("obscene: hide from")
    await hide.focus()
    for _ in range(30):
        await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#policy-foot .preview")).to_contain_text("1 hidden (now 0)")
    await page.get_by_role("button", name="Save as a new version").click()
    await expect(page.locator("#policy-version")).to_have_text("version 2")
    await expect(page.locator("#policy-name")).to_have_text("custom · v2")
    line = await say(page, "damn it all")
    await expect(line).to_contain_text("hidden by Aman")


async def test_the_review_threshold_never_passes_the_hide_threshold(page):
    await page.locator("#policy-toggle").click()
    review = page.get_by_label("threat: ask a reviewer from")
    await review.focus()
    await page.keyboard.press("End")
    await expect(page.get_by_label("threat: hide from")).to_have_value("1")
    await page.get_by_role("button", name="Revert").click()
    await expect(page.get_by_label("threat: hide from")).to_have_value("0.8")


async def test_who_saves_by_key_stays_in_the_policy(page):
    await page.locator("#policy-toggle").click()
    await page.locator(".presets label", has_text="strict").click()
    await page.locator("#policy-save").press("Enter")
    await expect(page.locator("#policy-version")).to_have_text("version 2")
    await expect(page.locator("#policy-scroll")).to_be_focused()


async def test_observe_touches_nothing_and_shows_what_it_would_have_done(page):
    await page.locator("#policy-toggle").click()
    await page.locator(".presets label", has_text="observe").click()
    await page.get_by_role("button", name="Save as a new version").click()
    await expect(page.locator("#policy-name")).to_have_text("observe · v2")
    line = await say(page, "you are an idiot")
    await expect(line.locator(".bubble")).to_have_text("you are an idiot")
    await expect(line.locator("button.chip")).to_contain_text("would be hidden")
    await expect(page.locator(".card .pill")).to_have_text("Would have been hidden")


async def test_a_click_on_save_counts_though_a_message_comes_while_the_button_is_down(page):
    line = await say(page, "good morning everybody")
    await expect(line.locator("button.chip")).to_be_visible()
    await page.locator("#policy-toggle").click()
    await page.locator(".presets label", has_text="strict").click()
    await page.locator("#policy-save").hover()
    await page.mouse.down()
    await page.evaluate("import('/playground/static/api.js').then(api => api.post('mei', 'hello'))")
    await expect(page.locator("#policy-foot .preview")).to_contain_text("Of the 2 messages")
    await page.mouse.up()
    await expect(page.locator("#policy-version")).to_have_text("version 2")


# ---------------------------------------------------------------- the bot away, and back


async def test_an_edit_that_does_not_get_through_is_taken_up_again_as_an_edit(page):
    line = await say(page, "hello there")
    await page.locator("#say").press("ArrowUp")
    await page.locator("#say").fill("hello you")
    await page.route("**/playground/messages/*", lambda route: route.abort())
    await page.locator("#say").press("Enter")
    await expect(page.locator("#toast")).to_contain_text("does not answer")
    await expect(page.locator("#say")).to_have_value("hello you")
    await expect(page.locator("#composer-note")).to_contain_text("Editing")
    await page.unroute("**/playground/messages/*")
    await page.locator("#say").press("Enter")
    await expect(line.locator(".bubble")).to_have_text("hello you")
    await expect(page.locator(".message")).to_have_count(1)
    page.complaints.clear()  # the browser's own, of the request that was cut off


async def test_a_phone_tells_that_the_bot_is_away_and_a_reader_keeps_their_place(browser, tmp_path):
    async with a_bot(tmp_path) as url:
        page = await opened(browser, url, viewport=LAPTOP)
        phone = await opened(browser, url, viewport=PHONE)
        card = await an_insult(page)
        for nth in range(9):
            await say(page, f"line {nth} of a conversation that is long enough to wrap twice")
        # Each is drawn anew once it is scored, and whoever reads the newest goes along.
        await expect(page.locator(".message").get_by_role("button", name="toxicity")).to_have_count(
            10
        )
        await page.locator("#chat-scroll").evaluate("scroll => { scroll.scrollTop = 0 }")
        await expect(page.locator(".message").first).to_be_in_viewport()
        await card.get_by_role("button", name="Mute").focus()
    await expect(phone.locator("#alert")).to_contain_text("does not answer")
    async with a_bot(tmp_path, urlsplit(url).port or 0):
        await expect(phone.locator("#alert")).to_be_hidden()
        await expect(page.locator("#alert")).to_be_hidden()
        await expect(card.get_by_role("button", name="Mute")).to_be_focused()
        await expect(page.locator(".message").first).to_be_in_viewport()
        await page.context.close()
        await phone.context.close()


# ---------------------------------------------------------------- the page itself


async def test_markup_in_messages_and_cards_stays_text(page):
    text = "<img src=x onerror=alert(1)><b>idiot</b>"
    await speak_as(page, "Ben")
    await say(page, text)
    card = page.locator(".card").first
    await card.get_by_role("button", name="Show what was said").click()
    await expect(card.locator("blockquote")).to_have_text(text)
    await card.get_by_role("button", name="Restore").click()
    await expect(page.locator(".message .bubble").last).to_have_text(text)
    assert await page.locator("main img").count() == 0


async def test_the_sample_conversation_plays_at_a_press(page, monkeypatch):
    monkeypatch.setattr(sample, "PAUSE_S", 0.02)
    await page.locator("#play-empty").click()
    await expect(page.locator(".message")).to_have_count(len(sample.LINES))
    await expect(page.locator(".message.hidden").first).to_be_attached()
    await expect(page.locator(".card").first).to_be_visible()
    figure = page.locator(".figure", has_text="Messages").locator("b")
    await expect(figure).to_have_text(str(len(sample.LINES) - 1))  # the admin is not judged


async def test_another_page_sees_it_at_once_and_a_reload_forgets_nothing(browser, page):
    other = await opened(browser, page.url)
    await say(page, "hello from here")
    await expect(other.locator(".message")).to_contain_text("hello from here")
    await other.reload()
    await expect(other.locator(".message")).to_contain_text("hello from here")


async def test_everything_can_be_done_from_the_keyboard(page):
    await page.locator("#speakers input:checked").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#say")).to_have_attribute("placeholder", "Message as Ben")
    await page.keyboard.press("Tab")
    await page.keyboard.type("you are an idiot")
    await page.keyboard.press("Enter")
    card = page.locator(".card").first
    await expect(card).to_be_visible()
    await page.locator("#reviewers input:checked").focus()
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.dataset.key") == "restore":
            break
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("Noor let it stand")
    focused = await page.evaluate("document.activeElement.closest('.card') !== null")
    assert focused, "the focus was lost when the card was drawn anew"


async def test_the_newest_message_stays_in_view_when_the_room_changes_its_size(page):
    for nth in range(9):
        line = await say(page, f"line {nth} of a conversation that is long enough to wrap twice")
        await expect(line.locator("button.chip")).to_be_visible()
    for _ in ("the policy opens", "the policy closes"):
        await page.locator("#policy-toggle").click()
        await expect(line.locator(".bubble")).to_be_in_viewport(ratio=1)
    await page.locator("#chat-scroll").evaluate("scroll => { scroll.scrollTop = 0 }")
    await page.locator("#policy-toggle").click()
    await expect(page.locator(".message .bubble").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_one_tab_shows_one_thing_and_nothing_overflows(
    browser, playground_url, scheme
):
    page = await opened(
        browser,
        playground_url,
        viewport=PHONE,
        color_scheme=scheme,
        has_touch=True,
        is_mobile=True,
    )
    await speak_as(page, "Ben")
    await page.locator("#say").fill("you are an idiot")
    await page.locator("#send").tap()
    await expect(page.locator("#review-badge")).to_have_text("1")
    for tab, room in (("Chat", "#chat"), ("Review", "#review"), ("Policy", "#policy")):
        await page.locator(".tabs button", has_text=tab).tap()
        await expect(page.locator(room)).to_be_visible()
        assert await page.locator("main > .room:visible").count() == 1
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide == PHONE["width"], f"{tab} is {wide} pixels wide"
        # WCAG 2.2, 2.5.8; a link in a line of text and a switch in its label need not be.
        buttons = page.locator("button:visible:not(.who button)")
        heights = await buttons.evaluate_all("all => all.map(e => e.offsetHeight)")
        assert min(heights) >= 24, f"a button under {tab} is too low for a finger"
    await page.locator(".tabs button", has_text="Review").tap()
    await page.locator(".card .press.restore").tap()
    await expect(page.locator(".card")).to_contain_text("Noor let it stand")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(812, 375, id="a phone on its side"),
        pytest.param(640, 400, id="a laptop at 200 %"),
        pytest.param(800, 900, id="half a screen"),
    ],
)
async def test_in_a_small_window_each_room_has_room_and_nothing_lies_over_anything(
    browser, playground_url, width, height
):
    page = await opened(browser, playground_url, viewport={"width": width, "height": height})
    await say(page, "hello")
    to_policy = page.locator("#policy-toggle:visible, .tabs button:visible", has_text="Policy")
    name = await page.locator(".brand > :visible").last.bounding_box()
    clear = await page.locator("#clear").bounding_box()
    assert name is not None
    assert clear is not None
    assert name["x"] + name["width"] <= clear["x"]
    assert await page.locator("#chat-scroll").evaluate("e => e.clientHeight") > 150
    await to_policy.click()
    assert await page.locator("#policy-scroll").evaluate("e => e.clientHeight") > 150
    assert await page.locator("#figures").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await page.locator(".presets label", has_text="strict").click()
    await page.locator("#policy-save").click()
    await expect(page.locator("#policy-version")).to_have_text("version 2")


async def test_on_a_phone_the_message_box_keeps_its_size_while_another_tab_is_open(
    browser, playground_url
):
    page = await opened(browser, playground_url, viewport=PHONE)
    await an_insult_on_a_phone(page)
    before = await page.locator("#say").bounding_box()
    await page.locator(".tabs button", has_text="Review").click()
    await page.locator(".card .press.mute").click()
    await expect(page.locator(".card")).to_contain_text("muted the author")
    await page.locator(".tabs button", has_text="Chat").click()
    await expect(page.locator("#composer-note")).to_contain_text("Ben is muted")
    after = await page.locator("#say").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] == before["height"]


async def test_the_way_from_a_card_to_its_message_takes_the_focus_along(browser, playground_url):
    page = await opened(browser, playground_url, viewport=PHONE)
    await an_insult_on_a_phone(page)
    await page.locator(".tabs button", has_text="Review").click()
    await page.locator(".card").get_by_role("button", name="lobby").press("Enter")
    await expect(page.locator(".message")).to_be_focused()


async def test_a_card_whose_message_was_cleared_says_so(page):
    card = await an_insult(page)
    await page.locator("#clear").click()
    await expect(page.locator(".message")).to_have_count(0)
    await card.get_by_role("button", name="lobby").click()
    await expect(page.locator("#toast")).to_contain_text("not in the chat any more")


async def test_a_screen_reader_is_told_of_each_arrival_once(page):
    line = await say(page, "good morning everybody")
    await expect(line.locator("button.chip")).to_be_visible()  # drawn anew with its score
    await an_insult(page)
    await expect(page.locator(".card .done")).to_contain_text("Author told")
    news = page.get_by_role("log").locator("p")
    await expect(news).to_have_count(4)
    await expect(news.filter(has_text="Asha: good morning everybody")).to_have_count(1)
    await expect(news.filter(has_text="Ben: you are an idiot")).to_have_count(1)
    await expect(news.filter(has_text="Only you can see this: Your message")).to_have_count(1)
    await expect(news.filter(has_text="Case 1, Ben: Hidden. toxicity 0.97")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".message")).to_have_count(2)
    await expect(news).to_have_count(0)


async def test_who_wants_no_motion_gets_none(browser, playground_url):
    page = await opened(browser, playground_url, reduced_motion="reduce")
    line = await say(page, "hello")
    await expect(line).to_have_css("animation-name", "none")


async def test_the_hint_goes_and_stays_away(page):
    await expect(page.locator("#hint")).to_be_visible()
    await page.locator("#hint-close").click()
    await expect(page.locator("#hint")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#speakers input")).to_have_count(5)
    await expect(page.locator("#hint")).to_be_hidden()
