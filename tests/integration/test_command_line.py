"""The `aman` command as an operator meets it: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import command_line
from bot.clock import utc_now
from bot.domain.cases import DecisionKind, decide
from bot.domain.errors import CannotStart
from bot.scoring import checkpoints
from bot.storage import SqlStore, upgrade
from config.settings import read_settings
from tests.factories import NOOR, a_policy
from tests.factories.records import a_community, a_recorded_case
from tests.fakes.redis_server import connected, redis_server

ROOT = Path(__file__).resolve().parents[2]


class Aman:
    """The command in a process of its own, on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {**os.environ, "AMAN_DATA_DIR": str(folder / "data")}

    def __call__(
        self, *words: str, reads: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env={**self._environment, **environment},
            input=reads,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def started(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def does(self, *words: str, reads: str = "") -> str:
        done = self(*words, reads=reads)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, status: int, *words: str, **environment: str) -> str:
        done = self(*words, **environment)
        assert done.returncode == status, done
        assert done.stdout == ""
        assert done.stderr.startswith("aman: ")
        assert done.stderr.count("\n") == 1, "an error is one line"
        return done.stderr


@pytest.fixture
def aman(tmp_path: Path) -> Aman:
    return Aman(tmp_path)


@pytest.fixture
def ready(aman: Aman, tmp_path: Path, converted_models: Path) -> Aman:
    """The command where the model is converted already."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/models").symlink_to(converted_models)
    return aman


def test_a_community_is_made_bound_and_its_policy_changed(aman: Aman, tmp_path: Path) -> None:
    aman.does("community", "create", "friends")
    aman.does(
        "community",
        "bind",
        "friends",
        "--group",
        "playground:lobby",
        "--review",
        "playground:review",
    )
    assert "playground:lobby" in aman.does("community", "show", "friends")
    assert "observe v1" in aman.does("community", "list")
    exported = tmp_path / "ours.toml"
    exported.write_text(aman.does("policy", "export", "strict"))
    assert "good" in aman.does("policy", "check", str(exported))
    aman.does("policy", "import", "friends", str(exported))
    history = aman.does("policy", "history", "friends")
    assert "strict" in history
    assert "observe" in history
    assert "whole" in aman.does("audit", "verify")
    assert json.loads(aman.does("stats", "--json"))["cases"] == 0


def test_binding_makes_the_community_that_is_not_there_yet(aman: Aman) -> None:
    aman.does(
        "community",
        "bind",
        "new",
        "--group",
        "playground:a",
        "--review",
        "playground:b",
        "--policy",
        "lenient",
    )
    assert "lenient v1" in aman.does("community", "list")
    assert "another" in aman.fails(1, "community", "bind", "other", "--group", "playground:a")


def test_a_review_channel_is_let_go(aman: Aman) -> None:
    channel = ("--review", "telegram:-1")
    aman.does("community", "bind", "friends", *channel)
    assert "telegram:-1 shows nothing more" in aman.does("community", "unbind", "friends", *channel)
    assert "telegram:-1" not in aman.does("community", "show", "friends")
    assert "not bound" in aman.fails(1, "community", "unbind", "friends", *channel)
    assert "whole" in aman.does("audit", "verify")


def test_a_group_that_was_bound_by_mistake_is_let_go(aman: Aman) -> None:
    aman.does("community", "bind", "friends", "--group", "telegram:-1", "--group", "telegram:-2")
    told = aman.does("community", "unbind", "friends", "--group", "telegram:-1")
    assert "telegram:-1 is not looked after any more" in told
    assert "telegram:-1" not in aman.does("community", "show", "friends")
    assert "telegram:-2" in aman.does("community", "show", "friends")
    assert "not bound" in aman.fails(1, "community", "unbind", "friends", "--group", "telegram:-1")
    aman.does("community", "bind", "others", "--group", "telegram:-1")
    assert "whole" in aman.does("audit", "verify")


def test_the_doctor_misses_the_token_of_a_platform_that_is_bound(aman: Aman) -> None:
    places = ("--group", "telegram:-1", "--review", "telegram:-2")
    aman.does("community", "bind", "friends", *places)
    done = aman("doctor", "--json", TELEGRAM_BOT_TOKEN="", DISCORD_BOT_TOKEN="")
    assert done.returncode == 1
    platforms = json.loads(done.stdout)["parts"]["platforms"]
    assert not platforms["ok"]
    assert "TELEGRAM_BOT_TOKEN is not set" in platforms["says"]
    assert "DISCORD" not in platforms["says"]


async def test_the_doctor_tells_of_a_redis_that_takes_nothing_in(aman: Aman) -> None:
    async with redis_server() as (url, _), connected(url) as redis:
        await redis.config_set("maxmemory", 1)
        done = await asyncio.to_thread(aman, "doctor", "--json", REDIS_URL=url)
    told = json.loads(done.stdout)["parts"]["redis"]
    assert not told["ok"]
    assert told["says"].startswith("Redis is out of memory")


def test_a_policy_that_cannot_be_read_is_named_and_mended_by_a_new_version(
    aman: Aman, tmp_path: Path
) -> None:
    aman.does("community", "create", "friends", "--policy", "strict")
    aman.does("community", "create", "others")
    with closing(sqlite3.connect(tmp_path / "data/aman.db")) as database, database:
        database.execute(
            "UPDATE policies SET policy = '{}' WHERE community_id = "
            "(SELECT id FROM communities WHERE name = 'friends')"
        )
    for command in (("policy", "show"), ("policy", "export"), ("tune",)):
        told = aman.fails(1, *command, "friends")
        assert told.startswith("aman: friends: policy version 1 cannot be read: ")
        assert "aman policy import" in told
    assert "unreadable" in aman.does("policy", "history", "friends")
    assert "others" in aman.does("community", "list")
    examined = aman("doctor", "--json")
    assert examined.stderr == ""
    database_part = json.loads(examined.stdout)["parts"]["database"]
    assert not database_part["ok"]
    assert "friends: policy version 1 cannot be read" in database_part["says"]
    aman.does("policy", "import", "friends", "strict")
    assert "strict, version 2" in aman.does("policy", "show", "friends")
    assert json.loads(aman("doctor", "--json").stdout)["parts"]["database"]["ok"]


async def test_a_policy_is_tried_on_recent_cases_before_it_is_saved(
    aman: Aman, tmp_path: Path
) -> None:
    folder = str(tmp_path / "data")
    await upgrade(folder)
    store = await SqlStore.open(folder)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        now = utc_now()
        for number, age in enumerate((timedelta(days=8), timedelta(days=6), timedelta(0)), 1):
            case = await a_recorded_case(tx, number, opened_at=now - age)
        decided = decide(case, NOOR, DecisionKind.RESTORE, case.generation, a_policy(), now)
        await tx.cases.save(decided.case)
    await store.close()
    mild = tmp_path / "mild.toml"
    mild.write_text(
        'name = "mild"\nmode = "observe"\n[thresholds]\ntoxicity = { review = 0.9, hide = 1.0 }\n'
    )
    strict = tmp_path / "hard.toml"
    strict.write_text(aman.does("policy", "export", "strict"))
    tried = aman.does("policy", "check", str(strict), "gardeners")
    assert "of 2 cases in the last 7 days: 2 hidden (was 2), 1 of them restored" in tried
    tried = aman.does("policy", "import", "gardeners", str(mild)).splitlines()
    assert "0 hidden (was 2), 0 of them restored by reviewers (was 1), 2 to review" in tried[0]
    assert "only observes" in tried[0]
    assert tried[1] == "gardeners is under mild version 1"
    aman.does("community", "create", "quiet")
    assert "no cases" in aman.does("policy", "check", str(mild), "quiet")
    assert "nobody" in aman.fails(1, "policy", "import", "nobody", str(mild))


async def test_a_case_that_cannot_be_read_is_named(aman: Aman, tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    await upgrade(folder)
    store = await SqlStore.open(folder)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx)
    await store.close()
    for table, column in (("evidence", "evidence"), ("cases", "verdict")):
        with closing(sqlite3.connect(tmp_path / "data/aman.db")) as database, database:
            database.execute(f"UPDATE {table} SET {column} = '{{}}'")
        told = aman.fails(1, "cases", "show", "gardeners", "1")
        assert told.startswith("aman: case #1 of gardeners cannot be read (")


async def test_a_text_that_cannot_be_read_keeps_no_other_from_being_exported(
    aman: Aman, tmp_path: Path
) -> None:
    folder = str(tmp_path / "data")
    await upgrade(folder)
    store = await SqlStore.open(folder)
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await a_recorded_case(tx, 1)
        damaged = await a_recorded_case(tx, 2)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "data/aman.db")) as database, database:
        database.execute("UPDATE evidence SET evidence = '{}' WHERE case_id = ?", [damaged.id])
    done = aman("cases", "export", "--text")
    assert done.returncode == 0
    texts = {row["case"]: row["text"] for row in map(json.loads, done.stdout.splitlines())}
    assert texts.keys() == {1, 2}
    assert texts[1] is not None and texts[2] is None
    [line] = done.stderr.splitlines()
    assert line.startswith("aman: case #2 of gardeners: what was said cannot be read (")


def test_brackets_and_colons_in_a_name_are_themselves(aman: Aman) -> None:
    name = "[/x] [red]a :smile:"
    assert name in aman.does("community", "create", name)
    for words in ("community list", "audit verify", "stats"):
        assert name in aman.does(*words.split())


def test_what_people_write_cannot_command_the_terminal(aman: Aman, tmp_path: Path) -> None:
    aman.does("community", "create", "friends")
    title = "friends \x1b]0;title\x07\x9b31m\u202eover"  # as a group may be called
    with closing(sqlite3.connect(tmp_path / "data/aman.db")) as database, database:
        database.execute("UPDATE communities SET name = ?", [title])
    shown = aman.does("community", "list")
    assert "friends \ufffd]0;title\ufffd\ufffd31m\ufffdover" in shown
    told = aman.fails(1, "community", "show", "\x1b[2Jnobody")
    assert "\x1b" not in told and "[2Jnobody" in told


def test_an_exported_policy_is_what_was_imported_to_the_last_character(
    aman: Aman, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'name = "mine"\nmode = "act"\n[thresholds]\n[[deny]]\ntext = "\u202etab\\there"\n'
    )
    aman.does("community", "create", "friends", "--policy", str(mine))
    exported = aman.does("policy", "export", "friends")
    assert tomllib.loads(exported)["deny"][0]["text"] == "\u202etab\there"


def test_a_group_is_never_the_place_where_its_own_cases_are_read(aman: Aman) -> None:
    both = ("--group", "telegram:-1", "--review", "telegram:-1")
    assert "telegram:-1 cannot be" in aman.fails(1, "community", "bind", "friends", *both)
    aman.does("community", "bind", "friends", "--group", "discord:1", "--review", "discord:1:2")
    refused = aman.fails(1, "community", "bind", "others", "--review", "discord:1")
    assert "discord:1 cannot be" in refused
    aman.does("community", "bind", "friends", "--review", "telegram:-1")
    refused = aman.fails(1, "community", "bind", "others", "--group", "telegram:-1")
    assert "telegram:-1 cannot be" in refused
    assert "others" not in aman.does("community", "list")


def test_what_is_not_there_is_called_by_the_name_it_was_asked_by(aman: Aman) -> None:
    aman.does("community", "create", "friends")
    told = aman.fails(1, "cases", "show", "friends", "99")
    assert told == "aman: there is no case #99 of friends\n"
    told = aman.fails(1, "policy", "export", "friends", "--version", "99")
    assert told.startswith("aman: there is no policy version 99 of friends; ")


def test_a_table_of_no_cases_has_all_its_columns(aman: Aman) -> None:
    header = aman.does("cases", "export", "--format", "csv", "--text").strip().split(",")
    assert header[:3] == ["community", "case", "id"]
    assert header[-2:] == ["decided_at", "text"]


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        (2, ["nonsense"], "nonsense"),
        (2, ["community", "bind", "x"], "--group"),
        (2, ["community", "unbind", "x"], "--review"),
        (2, ["community", "unbind", "x"], "--group"),
        (2, ["run", "--role", "king"], "king"),
        (2, ["policy", "export", "strict", "--version", "5"], "--version is for communities"),
        (2, ["cases", "list", "--limit", "0"], "1"),
        (2, ["cases", "list", "--limit", "9" * 20], "less than or equal"),
        (2, ["cases", "list", "--status", "lost"], "'--status': 'lost' is not one of"),
        (2, ["cases", "show", "x", "9" * 20], "less than or equal"),
        (2, ["policy", "export", "x", "--version", "9" * 20], "less than or equal"),
        (1, ["community", "show", "nobody"], "nobody"),
        (1, ["community", "bind", "x", "--group", "lobby"], "PLATFORM:ID"),
        (1, ["community", "bind", "x", "--group", "telegrm:-100"], "telegram"),
        (1, ["community", "bind", "x", "--group", "telegram:abc"], "number"),
        (1, ["community", "bind", "x", "--review", "discord:-1"], "number"),
        (1, ["community", "bind", "x", "--review", "telegram:-1:topic"], "number"),
        (1, ["community", "bind", " ", "--group", "playground:x"], "name"),
        (1, ["community", "create", ""], "name"),
        (1, ["community", "create", "two\nlines"], "one line"),
        (1, ["community", "create", "x" * 5000], "200 characters"),
        (1, ["community", "create", "strict"], "policy"),
        (1, ["policy", "check", "nowhere.toml"], "nowhere.toml"),
        (1, ["policy", "show", "blanced"], "blanced"),
        (1, ["replay", "nowhere.json"], "nowhere.json"),
        (1, ["run", "--role", "worker"], "REDIS_URL"),
        (1, ["run", "--role", "telegram"], "TELEGRAM_BOT_TOKEN"),
        (1, ["run", "--role", "discord"], "DISCORD_BOT_TOKEN"),
        (1, ["score", "--model", "nowhere.ckpt"], "nowhere.ckpt"),
        (2, ["score", "--engine", "magic"], "fast"),
        (1, ["model", "verify", "gpt"], "gpt"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_mend(
    aman: Aman, status: int, words: list[str], said: str
) -> None:
    assert said in aman.fails(status, *words)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "Redis"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "localhost:5432/aman"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "DATABASE_URL is right"),
        ({"DISCORD_API_BASE_URL": "discord.example"}, "DISCORD_API_BASE_URL"),
        ({"DETOXIFY_MODEL": "nowhere.ckpt"}, "nowhere.ckpt"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_one_line(
    aman: Aman, environment: dict[str, str], said: str
) -> None:
    done = aman("run", **environment)
    assert done.returncode == 1
    [error] = [line for line in done.stderr.splitlines() if line.startswith("aman: ")]
    assert said in error
    assert "Traceback" not in done.stderr
    assert "secret-canary" not in done.stderr


@pytest.mark.parametrize("command", ["run", "stats", "doctor"])
def test_a_data_folder_that_cannot_be_used_is_named(
    aman: Aman, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = str(tmp_path / "file")
    assert f"AMAN_DATA_DIR: {folder} cannot be" in aman.fails(1, command, AMAN_DATA_DIR=folder)


def test_settings_in_another_encoding_are_named(
    aman: Aman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=8081\n", encoding="utf-16")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotStart, match=r"\.env: .*UTF-8"):
        read_settings()


@pytest.mark.parametrize(
    ("closed", "named"),
    [("<&-", "standard input"), (">&-", "standard output"), ("<&- >&-", "standard input and")],
)
@pytest.mark.parametrize("command", ["score", "community list"])
def test_a_standard_stream_that_is_closed_is_named(
    tmp_path: Path, command: str, closed: str, named: str
) -> None:
    line = f'"{sys.executable}" -m bot {command} {closed}'
    here = {**os.environ, "AMAN_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(f"aman: {named}.* closed.*\n", done.stderr)
    assert [*tmp_path.iterdir()] == [], "nothing is begun"


def test_debug_shows_the_traceback(aman: Aman) -> None:
    done = aman("community", "show", "nobody", "--debug")
    assert "Traceback" in done.stderr


def scored(output: str) -> list[str]:
    """The SHA-256 of each text, as `aman score` printed them."""
    return [json.loads(line)["text_sha256"] for line in output.splitlines()]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_line_is_scored_as_text_or_as_the_text_in_a_json_object(ready: Aman) -> None:
    lines = {
        '\ufeff{"text": "after a byte order mark"}': "after a byte order mark",
        "{said with a brace": "{said with a brace",
        ' {"text": "after a space"} ': "after a space",
        '{"text": "half an emoji \\ud83d"}': "half an emoji \ufffd",
        '{"text": "not closed': '{"text": "not closed',
        " plain": " plain",
        "": "",
        '{"a":' * 1_000: '{"a":' * 1_000,
    }
    assert scored(ready.does("score", reads="\n".join(lines))) == [*map(sha256, lines.values())]


@pytest.mark.parametrize("line", ['{"message": "hi"}', '{"text": null}', '{"text": 1}'])
def test_a_json_object_without_text_is_named_after_the_lines_before_it(
    ready: Aman, line: str
) -> None:
    done = ready("score", reads=f'one\n{{"text": "two"}}\n{line}\nfour\n')
    assert done.returncode == 1
    assert scored(done.stdout) == [sha256("one"), sha256("two")]
    assert done.stderr.startswith("aman: line 3: ")
    assert done.stderr.count("\n") == 1


def test_a_replay_prints_and_writes_what_it_found_in_a_file_with_brackets_in_its_name(
    ready: Aman, tmp_path: Path
) -> None:
    export = tmp_path / "general [part 2].csv"
    export.write_text("Content\nhello\n")
    decisions, report = tmp_path / "decisions.jsonl", tmp_path / "report.html"
    words = ["--decisions", str(decisions), "--html", str(report)]
    assert export.name in ready.does("replay", str(export), *words)
    assert export.name in report.read_text()
    assert json.loads(decisions.read_text())["verdict"] == "allow"


@pytest.mark.parametrize("option", ["--decisions", "--html"])
def test_a_replay_never_writes_over_what_it_reads(aman: Aman, tmp_path: Path, option: str) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    export, media, link = folder / "own.csv", folder / "picture.png", tmp_path / "link"
    export.write_text("text\nhello\n")
    media.write_text("media")
    link.hardlink_to(export)
    for read, written in ((export, export), (export, link), (folder, export), (folder, media)):
        assert "belongs to the export" in aman.fails(2, "replay", str(read), option, str(written))
    assert export.read_text() == "text\nhello\n"
    assert media.read_text() == "media"


def test_a_replay_writes_two_files_to_two_places(aman: Aman, tmp_path: Path) -> None:
    export, out = tmp_path / "own.csv", str(tmp_path / "out")
    export.write_text("text\nhello\n")
    assert "two files" in aman.fails(2, "replay", str(export), "--decisions", out, "--html", out)


@pytest.mark.parametrize("option", ["--decisions", "--html"])
def test_a_place_that_cannot_be_written_is_told_before_the_replay(
    aman: Aman, tmp_path: Path, option: str
) -> None:
    export = tmp_path / "own.csv"
    export.write_text("text\nhello\n")
    told = aman.fails(1, "replay", str(export), option, str(tmp_path / "nowhere/out"))
    assert "nowhere/out: cannot be written: No such file" in told
    assert not (tmp_path / "data/models").exists(), "no model is loaded for it"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_bot_that_is_told_to_stop_while_it_converts_its_model_does_so(
    aman: Aman, told: signal.Signals
) -> None:
    bot = aman.started("run", PORT="0")
    assert bot.stderr is not None
    while (line := bot.stderr.readline()) and b"converting" not in line:
        pass
    bot.send_signal(told)
    _, rest = bot.communicate(timeout=100)
    assert bot.returncode == 0
    assert b"in a browser" not in rest, "it went on until the model was converted"
    assert b"stopped before it was at work" in rest


def test_ctrl_c_ends_a_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    came = []

    def interrupted(model: str, _: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        time.sleep(1)
        came.append(model)

    monkeypatch.setattr(checkpoints, "fetch", interrupted)
    monkeypatch.setenv("AMAN_DATA_DIR", str(tmp_path))
    words = ["model", "fetch", "original"]
    assert command_line(words)(words, standalone_mode=False) == 128 + signal.SIGINT
    assert came == [], "it went on until all had come"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_replay_that_is_told_to_stop_leaves_nothing_half_written(
    ready: Aman, tmp_path: Path, told: signal.Signals
) -> None:
    export = tmp_path / "chat.csv"
    export.write_text("text\n" + "".join(f"line {n} of many\n" for n in range(20_000)))
    (made := tmp_path / "made").mkdir()
    decisions, page = made / "decisions.jsonl", made / "page.html"
    replay = ready.started(
        "replay", str(export), "--decisions", str(decisions), "--html", str(page), "--with-text"
    )
    while replay.poll() is None and not any(each.stat().st_size for each in made.iterdir()):
        time.sleep(0.05)
    replay.send_signal(told)
    said, errors = replay.communicate(timeout=100)
    assert (replay.returncode, said, errors) == (128 + told, b"", b"")
    assert [*made.iterdir()] == []


def test_a_partition_that_cannot_be_read_is_named_and_the_rest_is_read(
    ready: Aman, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "1.csv").write_text("text\nhello\n")
    (folder / "2.json").write_text("{broken")
    done = ready("replay", str(folder), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["messages"] == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("aman: 2.json: this is JSON, but of no known exporter")


def test_a_replay_that_breaks_off_has_no_empty_lines_among_its_errors(
    ready: Aman, tmp_path: Path
) -> None:
    export = tmp_path / "cut.json"
    export.write_text('{"name": "x", "type": "private_group", "id": 1, "messages": [{"id": 1')
    done = ready("replay", str(export), "--json")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert all(line.startswith("aman: ") for line in done.stderr.splitlines())
