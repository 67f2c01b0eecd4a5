"""What the bot says of itself: the promised names, and never a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.observability import logs
from bot.observability.metrics import EXEMPT, Metrics
from bot.observability.status_page import status_page

CANARY = "123456:AAH-canary_canary"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.set_up("DEBUG", "json", [CANARY])
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def test_an_event_is_one_json_object_with_its_fields(written: io.StringIO) -> None:
    structlog.get_logger("x").info("case opened", case="c1")
    entry = json.loads(written.getvalue())
    assert (entry["event"], entry["case"], entry["level"]) == ("case opened", "c1", "info")


def test_a_secret_is_taken_out_wherever_it_turns_up(written: io.StringIO) -> None:
    log = structlog.get_logger("x")
    log.info("asked", url=f"https://api.telegram.org/bot{CANARY}/getMe")
    log.info(f"said {CANARY}", nested={"token": CANARY}, listed=[CANARY])
    try:
        raise ValueError(f"no {CANARY}")
    except ValueError:
        log.exception("failed")
    logging.getLogger("some.library").warning("GET /bot%s/getMe", CANARY)
    logging.getLogger("some.library").warning("other bot: /bot99:abc-DEF/getMe")
    assert CANARY not in written.getvalue()
    assert "abc-DEF" not in written.getvalue()
    assert written.getvalue().count("[secret]") >= 5


def test_the_promised_metrics_are_there_by_name() -> None:
    metrics = Metrics()
    metrics.judged("playground", "hide", 0.01)
    metrics.judged("playground", EXEMPT, 0.01)
    metrics.acted("playground", "hide", 0.05)
    metrics.batch(3)
    metrics.looked_up(known=2, asked=5)
    metrics.queue("intake", 2, 1.5)
    metrics.cases_open(4)
    metrics.kept_files(5)
    metrics.scorer("mini", works=True)
    metrics.breached(1)
    metrics.effect("playground", "hide", "done")
    told = metrics.exposition().decode()
    for line in (
        'aman_messages_total{platform="playground",verdict="hide"} 1.0',
        'aman_time_to_action_seconds_count{platform="playground",verdict="hide"} 1.0',
        "aman_decision_seconds_count 1.0",
        "aman_scoring_batch_size_sum 3.0",
        'aman_scoring_cache_total{outcome="hit"} 2.0',
        'aman_scoring_cache_total{outcome="miss"} 3.0',
        'aman_queue_depth{queue="intake"} 2.0',
        'aman_queue_oldest_seconds{queue="intake"} 1.5',
        "aman_cases_open 4.0",
        "aman_kept_files_bytes 5.0",
        'aman_scorer_works{model="mini"} 1.0',
        "aman_clock_breaches_total 1.0",
        'aman_effects_total{effect="hide",outcome="done",platform="playground"} 1.0',
    ):
        assert line in told


def test_figures_before_the_first_message_claim_nothing() -> None:
    figures = Metrics().figures("mini", scorer_ok=True)
    assert (figures.messages, figures.decision, figures.time_to_action) == (0, None, None)


def test_the_status_page_says_that_the_bot_is_at_work_and_what_it_did() -> None:
    metrics = Metrics()
    for verdict in ("allow", "hide", "review"):
        metrics.judged("telegram", verdict, 0.01)
    metrics.cases_open(1200)
    page = status_page([], metrics.figures("mini", scorer_ok=True), judges=True)
    assert "Aman is at work" in page
    for name, count in {"Messages judged": 3, "Verdict: hide": 1, "Open cases": "1,200"}.items():
        assert f"<dt>{name}</dt><dd>{count}</dd>" in page


def test_the_status_page_says_what_keeps_the_bot_from_working_as_text() -> None:
    nothing = Metrics().figures("mini", scorer_ok=False)
    page = status_page(["may not delete in <b>Lobby</b>"], nothing, judges=True)
    assert "Something keeps Aman from working" in page
    assert "<li>may not delete in &lt;b&gt;Lobby&lt;/b&gt;</li>" in page


def test_the_status_page_of_a_process_that_judges_nothing_claims_no_verdicts() -> None:
    page = status_page([], Metrics().figures("none", scorer_ok=False), judges=False)
    assert "Messages judged" not in page
    assert "counted, by another process" in page
