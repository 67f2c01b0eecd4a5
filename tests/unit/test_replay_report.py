import re
from dataclasses import replace
from pathlib import Path

from bot.replay.export import open_export
from bot.replay.report import TEXT_SHOWN, render
from bot.replay.run import replay
from bot.replay.summary import Summary
from tests.factories import a_policy
from tests.factories.exports import (
    Gauge,
    a_file,
    a_json,
    a_tar,
    a_telegram_chat,
    a_telegram_message,
)

ATTACK = '</script><img src=x onerror="document.title=1"><script>document.title=2</script>'


async def replayed(path: Path) -> Summary:
    return await replay(open_export(path), Gauge(), a_policy())


async def a_summary(folder: Path, text: str = "rotten 0.95", **more: object) -> Summary:
    return await replayed(a_json(folder, a_telegram_chat(a_telegram_message(text=text, **more))))


async def test_nothing_that_people_wrote_becomes_markup(tmp_path):
    summary = await a_summary(tmp_path, f"rotten 0.95 {ATTACK}", **{"from": ATTACK, "id": ATTACK})
    page = render(replace(summary, source=ATTACK, faults=(ATTACK,), skipped_why={ATTACK: 1}))
    assert page.count("&lt;img src=x") >= 5
    assert "<img" not in page
    assert page.count("<script") == 3


async def test_the_page_lets_only_its_own_scripts_run_and_fetches_nothing(tmp_path):
    page = render(await a_summary(tmp_path))
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy and "http" not in policy
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=", page)
    assert not re.search(r'\sstyle="|\son\w+="', page)


async def test_only_the_most_severe_are_quoted_and_their_texts_cut(tmp_path):
    long = "rotten 0.95 " + "x" * 5000
    path = a_file(tmp_path, "t.csv", f"text\nan ordinary secret\n{long}\n")
    page = render(await replayed(path))
    assert "an ordinary secret" not in page
    assert "x" * (TEXT_SHOWN - len("rotten 0.95 ")) in page
    assert "x" * TEXT_SHOWN not in page
    assert "3,012 characters more" in page


async def test_what_was_said_is_covered_until_it_is_opened(tmp_path):
    page = render(await a_summary(tmp_path, "rotten 0.95 weeds"))
    assert re.search(r"<details>\s*<summary>[^<]+</summary>\s*<blockquote[^>]*>rotten", page)
    assert "<details open" not in page


async def test_faults_skips_and_missing_times_are_said(tmp_path):
    path = a_tar(tmp_path, {"1.csv": "text\nhi\n,,\n\xff\nrotten 0.9\n".encode("latin-1")})
    summary = replace(await replayed(path), faults=("1.csv, line 9: cut off",))
    page = render(summary)
    assert "1.csv, line 9: cut off" in page
    assert "Messages: no text" in page
    assert "Judged, but without a time" in page
    assert "Characters that were no text" in page


async def test_a_history_in_which_nothing_happened_has_its_report_too(tmp_path):
    page = render(await replayed(a_file(tmp_path, "t.csv", "text\n,\n")))
    assert "would have hidden nothing" in page
    assert "Other thresholds" not in page
