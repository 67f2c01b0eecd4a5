"""An engine in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.domain.errors import CannotStart
from bot.scoring.frames import Open, framed
from bot.scoring.host import EngineFault
from bot.scoring.process import EngineProcess
from tests.factories.checkpoints import INSULT
from tests.fakes.redis_server import eventually

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.timeout(400), pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def opening(converted_models: Path) -> Open:
    return Open("fast", "mini", str(converted_models.parent), None)


@pytest_asyncio.fixture(loop_scope="module")
async def engine(opening: Open) -> AsyncIterator[EngineProcess]:
    started = await EngineProcess.start(opening)
    yield started
    await started.close()


async def insult(engine: EngineProcess, text: str) -> float:
    [reading] = await engine.read([text])
    [scores] = await engine.score([each.text for each in reading.windows])
    return {str(label): score for label, score in scores.items()}["insult"]


async def test_it_cuts_texts_into_windows_and_scores_them(engine: EngineProcess) -> None:
    readings = await engine.read(["hello there", "word " * 2000, ""])
    assert [len(each.windows) > 1 for each in readings] == [False, True, False]
    assert readings[0].windows[0].tokens == 2
    assert await insult(engine, f"you are {INSULT}") > 0.5 > await insult(engine, "hello")


async def test_what_it_logs_is_in_the_log_of_who_asks(opening: Open) -> None:
    with capture_logs() as logs:
        await (await EngineProcess.start(opening)).close()
    [entry] = [each for each in logs if each["event"] == "scorer.opening"]
    assert entry["log_level"] == "info"
    assert "differs from Detoxify" in entry["figures"]


async def test_answers_go_to_those_who_asked_also_when_others_have_gone(
    engine: EngineProcess,
) -> None:
    texts = [f"{'word ' * number}{INSULT if number % 2 else 'friend'}" for number in range(40)]
    asks = [asyncio.create_task(insult(engine, text)) for text in texts]
    await asyncio.sleep(0)
    for gone in asks[::3]:
        gone.cancel()
    answers = await asyncio.gather(*asks, return_exceptions=True)
    told = {number: each for number, each in enumerate(answers) if isinstance(each, float)}
    assert len(told) == 26
    for number, answer in told.items():
        assert answer == pytest.approx(await insult(engine, texts[number]), abs=0.02)


async def test_one_request_may_overtake_another(engine: EngineProcess) -> None:
    scoring = asyncio.create_task(engine.score(["word " * 100] * 40))
    await asyncio.sleep(0)
    await engine.read(["hello"])
    assert not scoring.done(), "texts are cut into windows while the model is at work"
    await scoring


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
async def test_a_crash_is_told_to_those_who_wait_and_to_whoever_asks_later(
    engine: EngineProcess, name: str
) -> None:
    os.kill(engine.pid, signal.SIGSTOP)
    waits = asyncio.create_task(engine.score(["hello"]))
    await asyncio.sleep(0.05)
    os.kill(engine.pid, signal.Signals[name])
    os.kill(engine.pid, signal.SIGCONT)
    with pytest.raises(EngineFault, match=name):
        await waits
    assert name in engine.ended.result()
    for ask in (engine.score, engine.read):
        with pytest.raises(EngineFault, match=name):
            await ask(["hello"])


async def test_closed_while_it_hangs_it_is_gone_and_who_waits_is_told(
    engine: EngineProcess,
) -> None:
    os.kill(engine.pid, signal.SIGSTOP)
    waits = asyncio.create_task(engine.score(["hello"]))
    await asyncio.sleep(0.05)
    await engine.close()
    with pytest.raises(EngineFault):
        await waits
    assert not _lives(engine.pid)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_what_tells_the_bot_to_stop_does_not_stop_the_engine_under_it(
    engine: EngineProcess, told: signal.Signals
) -> None:
    os.kill(engine.pid, told)
    await asyncio.sleep(0.1)
    assert await insult(engine, f"you are {INSULT}") > 0.5


@pytest.mark.parametrize("hangs", [False, True])
async def test_when_the_bot_is_killed_the_engine_ends_too(opening: Open, hangs: bool) -> None:
    code = (
        "import asyncio, sys\n"
        "from bot.observability import logs\n"
        "from bot.scoring.frames import Open\n"
        "from bot.scoring.process import EngineProcess\n"
        "async def serve():\n"
        "    engine = await EngineProcess.start(Open('fast', 'mini', sys.argv[1], None))\n"
        "    print(engine.pid, flush=True)\n"
        "    while True: await engine.score(['word ' * 100] * 2000)\n"
        "logs.set_up('ERROR'); asyncio.run(serve())"
    )
    arguments = [sys.executable, "-c", code, opening.data_dir]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        pid = int(await asyncio.to_thread(asking.stdout.readline))
        if hangs:
            await asyncio.sleep(0.5)  # by now it is at work on what takes a minute
        asking.kill()
    await eventually(lambda: not _lives(pid))


async def test_a_start_that_is_given_up_leaves_no_process(opening: Open) -> None:
    before = _children()
    start = asyncio.create_task(EngineProcess.start(opening))
    while not _children() - before:
        await asyncio.sleep(0.001)
    start.cancel()
    await asyncio.wait([start])
    assert start.cancelled()
    await eventually(lambda: not _children() - before)


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        ({"engine": "warp"}, "SCORING_ENGINE=warp: need one of fast, torch"),
        ({"model": "no-such.ckpt"}, "DETOXIFY_MODEL=no-such.ckpt: neither a model"),
    ],
)
async def test_what_cannot_be_loaded_says_what_to_mend(
    opening: Open, change: dict[str, str], mend: str
) -> None:
    values = {name: getattr(opening, name) for name in opening.__struct_fields__}
    with pytest.raises(CannotStart, match=mend):
        await EngineProcess.start(Open(**{**values, **change}))


async def test_what_cannot_be_loaded_is_said_once_and_not_on_standard_error(opening: Open) -> None:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "bot.scoring.serving", str(theirs.fileno())]
    with subprocess.Popen(
        command, cwd=ROOT, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE
    ) as serving:
        theirs.close()
        with ours:
            ours.sendall(framed(Open("warp", opening.model, opening.data_dir, None)))
            assert b"need one of fast, torch" in await asyncio.to_thread(ours.recv, 4096)
            await asyncio.sleep(0.5)  # what it says by itself it says at once
        assert serving.stderr is not None
        assert await asyncio.to_thread(serving.stderr.read) == b""
    assert serving.returncode == 0


async def test_a_process_that_cannot_start_is_a_fault(
    opening: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineFault, match="ended with status 3"):
        await EngineProcess.start(opening)


def _children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
