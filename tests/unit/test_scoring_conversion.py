from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from bot.domain.errors import CannotStart
from bot.scoring import conversion, converting
from bot.scoring.checkpoints import load, verify
from bot.scoring.conversion import converted, find_converted
from bot.scoring.converted import MANIFEST_FILE, Manifest, open_converted
from bot.scoring.converter import Job
from bot.scoring.parity import Parity
from bot.scoring.reference import open_reference
from tests.factories.checkpoints import INSULT, TinyCheckpoint, a_checkpoint

# A conversion takes ten seconds, and on a busy machine ten times that.
pytestmark = pytest.mark.timeout(400)
ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["hello there", f"you are {INSULT}", "", "x" * 300, "good " * 100, f"all {INSULT}" * 50]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyCheckpoint:
    return a_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def made(tiny: TinyCheckpoint) -> tuple[Path, Manifest]:
    """The one real conversion of this file, in its own data folder."""
    return converted(str(tiny.path), tiny.path.parent, tiny.folder)


@pytest.fixture
def runs(made: tuple[Path, Manifest], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lets conversions copy what was converted already; the folders that they filled."""
    filled: list[str] = []

    def copy(job: Job) -> None:
        filled.append(job.folder)
        shutil.copytree(made[0], job.folder, dirs_exist_ok=True)

    monkeypatch.setattr(converting, "run", copy)
    return filled


def test_it_scores_as_detoxify_does_and_cuts_where_it_does(
    tiny: TinyCheckpoint, made: tuple[Path, Manifest]
) -> None:
    reference = open_reference(load(str(tiny.path), tiny.path.parent, tiny.folder))
    fast = open_converted(*made)
    assert fast.window == reference.window
    for text in TEXTS:
        assert list(fast.spans(text)) == list(reference.spans(text))
        [theirs], [ours] = reference.score_batch([text]), fast.score_batch([text])
        assert ours == pytest.approx(theirs, abs=0.02)


def test_a_score_does_not_depend_on_its_neighbours(made: tuple[Path, Manifest]) -> None:
    fast = open_converted(*made)
    for text, together in zip(TEXTS, fast.score_batch(TEXTS), strict=True):
        assert together == pytest.approx(fast.score_batch([text])[0], abs=0.02)


def test_the_manifest_says_what_was_chosen_and_how_near_it_is(
    made: tuple[Path, Manifest],
) -> None:
    manifest = made[1]
    assert manifest.measured[manifest.chosen].parity.faults() == []
    assert manifest.chosen in manifest.summary()
    assert {path.name for path in made[0].iterdir()} == {MANIFEST_FILE, *manifest.files}


def test_what_is_converted_is_not_converted_again(
    tiny: TinyCheckpoint, made: tuple[Path, Manifest], runs: list[str]
) -> None:
    assert converted(str(tiny.path), tiny.path.parent, tiny.folder) == made
    assert runs == []
    verified = verify(str(tiny.path), tiny.path.parent, tiny.folder)
    found = find_converted(verified, tiny.path.parent, tiny.folder)
    assert found == made[1]


def test_a_checkpoint_is_pinned_when_it_is_converted(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path
) -> None:
    converted(str(tiny.path), tmp_path, tiny.folder)
    assert not verify(str(tiny.path), tmp_path, tiny.folder).first_use


def test_processes_that_start_together_convert_once(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path
) -> None:
    starts = [
        threading.Thread(target=converted, args=(str(tiny.path), tmp_path, tiny.folder))
        for _ in range(4)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(runs) == 1


@pytest.mark.parametrize("damage", ["changed", "cut off", "absent"])
def test_a_damaged_file_is_converted_anew(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path, damage: str
) -> None:
    folder, manifest = converted(str(tiny.path), tmp_path, tiny.folder)
    [weights] = folder.glob("*.bin")
    content = weights.read_bytes()
    if damage == "absent":
        weights.unlink()
    else:
        weights.write_bytes(content[:-1] + (b"" if damage == "cut off" else b"\xff"))
    assert converted(str(tiny.path), tmp_path, tiny.folder) == (folder, manifest)
    assert len(runs) == 2
    assert weights.read_bytes() == content


def test_another_tokenizer_or_machine_is_another_conversion(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted(str(tiny.path), tmp_path, tiny.folder)
    other = shutil.copytree(tiny.folder, tmp_path / "tokenizer")
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + "\n")
    converted(str(tiny.path), tmp_path, other)
    monkeypatch.setattr(conversion, "machine", lambda: "another processor")
    folder, _ = converted(str(tiny.path), tmp_path, other)
    assert len(runs) == 3
    assert [path.name for path in folder.parent.glob("*/")] == [folder.name]


def test_a_conversion_that_was_killed_leaves_nothing_and_starts_afresh(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.scoring.conversion import converted\n"
        "converted(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    arguments = [str(tiny.path), str(tmp_path), str(tiny.folder)]
    asking = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    eventually(lambda: _children(asking.pid))
    [converter] = _children(asking.pid)
    asking.kill()
    asking.wait()
    eventually(lambda: not _lives(converter))
    converted(*_located(tiny, tmp_path))
    assert len(runs) == 1
    [home] = (tmp_path / "models" / "fast").iterdir()
    assert len(list(home.glob("*/"))) == 1


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("kill -KILL $$", "SIGKILL.*memory"),
        ("kill -ILL $$", "SIGILL.*processor.*SCORING_ENGINE=torch"),
        ("echo starts >&2; echo 'cannot go on' >&2; exit 3", "failed: cannot go on"),
        ('echo \'{"type":"failed","why":"no such layer"}\'; exit 1', "no such layer"),
        ("exit 0", "check the disk"),
    ],
)
def test_a_child_that_ends_early_is_one_sentence_and_leaves_nothing(
    tiny: TinyCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, said: str
) -> None:
    script = tmp_path / "child"
    script.write_text(f"#!/bin/sh\nread job\n{end}\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(CannotStart, match=said) as raised:
        converted(*_located(tiny, tmp_path))
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "models" / "fast").glob("*/.converting-*"))


def test_too_little_room_is_said_before_anything_is_written(
    tiny: TinyCheckpoint, runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(100, 99, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CannotStart, match="make room"):
        converted(*_located(tiny, tmp_path))
    assert runs == []


def test_a_disk_that_fills_meanwhile_is_said(
    tiny: TinyCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Job) -> NoReturn:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(converting, "run", full)
    with pytest.raises(CannotStart, match="No space left"):
        converted(*_located(tiny, tmp_path))


def test_a_model_that_no_candidate_gets_right_is_not_served(
    tiny: TinyCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.scoring import converter

    monkeypatch.setattr(Parity, "faults", lambda _: ["mean difference 1 > 0.001"])
    monkeypatch.setattr(converter, "CANDIDATES", converter.CANDIDATES[-1:])
    job = Job(str(tiny.path), "", str(tmp_path), str(tiny.folder), str(tmp_path))
    with pytest.raises(CannotStart, match=r"fp32: mean difference .* SCORING_ENGINE=torch"):
        converter.convert(job, lambda doing, share: None)


def test_the_processes_that_serve_load_no_torch(
    tiny: TinyCheckpoint, made: tuple[Path, Manifest]
) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from bot.scoring.opening import open_scorer\n"
        "async def serve():\n"
        "    scorer = await open_scorer(sys.argv[1], 'fast', Path(sys.argv[2]), "
        "Path(sys.argv[3]))\n"
        "    await scorer.score(['hello'])\n"
        "    print(Path(f'/proc/{scorer._engine.pid}/maps').read_text())\n"
        "    await scorer.close()\n"
        "asyncio.run(serve()); print(*(name for name, it in sys.modules.items() if it))"
    )
    *mapped, modules = _printed(code, tiny).splitlines()
    files = "\n".join(mapped)
    assert "libopenvino" in files
    assert "/torch/" not in files
    heavy = {"openvino", "numpy", "tokenizers", "torch", "transformers", "detoxify"}
    assert heavy.isdisjoint(modules.split()), "of the process that asks"


def test_serving_imports_neither_torch_nor_telemetry(
    tiny: TinyCheckpoint, made: tuple[Path, Manifest]
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from bot.scoring import serving\n"
        "engine = serving.load_engine('fast', sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))\n"
        "engine.score_batch(['hello'])\n"
        "print(*(name for name, it in sys.modules.items() if it))"
    )
    loaded = set(_printed(code, tiny).split())
    assert "openvino" in loaded
    unwanted = {"torch", "transformers", "detoxify", "huggingface_hub", "openvino_telemetry"}
    assert unwanted.isdisjoint(loaded)


def _printed(code: str, tiny: TinyCheckpoint) -> str:
    """What Python code prints that is given a checkpoint, its data folder and its configuration."""
    arguments = [str(tiny.path), str(tiny.path.parent), str(tiny.folder)]
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()


def _located(tiny: TinyCheckpoint, data_dir: Path) -> tuple[str, Path, Path]:
    return str(tiny.path), data_dir, tiny.folder


def eventually(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
