"""The child process that converts a checkpoint: `python -m bot.scoring.converter`.

It imports torch and transformers so that the process that serves need not. A job comes on
standard input, steps and an error go to standard output, each a JSON object a line. The end of
standard input is the end of the process that asked, and ends this one.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from bot.domain.errors import AmanError, CannotStart
from bot.domain.scores import Label
from bot.scoring.check_texts import check_texts
from bot.scoring.checkpoints import load
from bot.scoring.converted import Manifest, Measured, write_manifest
from bot.scoring.engines import Engine
from bot.scoring.fast import (
    CANDIDATES,
    FULL_FILE,
    TOKENIZER_FILE,
    Candidate,
    machine,
    open_candidate,
)
from bot.scoring.labels import LABELS
from bot.scoring.parity import Scored, compare
from bot.scoring.pins import sha256_of
from bot.scoring.reference import ReferenceEngine, open_reference

TOGETHER = 8
"""How many texts share a call when an engine is asked whether neighbours matter."""


class Job(msgspec.Struct, frozen=True):
    """What to convert, and the empty folder to put it into. All paths are absolute."""

    model: str
    sha256: str
    data_dir: str
    config_path: str | None
    folder: str


class Step(msgspec.Struct, frozen=True, tag="step"):
    """What is being done now. share: how much of all is done, 0.0 to 1.0."""

    doing: str
    share: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It ends here. why: what to mend."""

    why: str


Tell = Callable[[str, float], None]


def convert(job: Job, tell: Tell) -> None:
    """Fill the job's folder. Raises CannotStart, or OSError when the disk is full."""
    folder = Path(job.folder)
    tell("loading the checkpoint", 0.0)
    config_path = Path(job.config_path) if job.config_path else None
    reference = open_reference(load(job.model, Path(job.data_dir), config_path))
    tell("scoring the check texts with Detoxify", 0.1)
    expected = alone(reference)[0]
    tell("exporting", 0.4)
    window = reference.window
    labels = _export(reference, folder)
    del reference  # so that no two large models are in memory at a time
    measured: dict[str, Measured] = {}
    for place, candidate in enumerate(CANDIDATES):
        tell(f"measuring {candidate.name}", 0.6 + 0.4 * place / len(CANDIDATES))
        figures = _tried(folder, candidate, window, labels, expected)
        measured[candidate.name] = figures
        if not figures.parity.faults():
            break
    else:
        raise CannotStart(_refusal(job.model, measured))
    files = _kept(folder, candidate)
    write_manifest(
        folder,
        Manifest(
            model=job.model,
            sha256=job.sha256,
            window=window,
            labels=labels,
            machine=machine(),
            measured=measured,
            chosen=candidate.name,
            files=files,
        ),
    )


def measure(engine: Engine, expected: Scored) -> Measured:
    """Compare an engine's scores of the check texts with what is expected, and time it."""
    texts = check_texts()
    engine.score_batch(texts[:1])
    scored, times = alone(engine)
    together = [
        scores
        for start in range(0, len(texts), TOGETHER)
        for scores in engine.score_batch(texts[start : start + TOGETHER])
    ]
    return Measured(compare(expected, scored, together), 1000 * median(times))


def alone(engine: Engine) -> tuple[Scored, list[float]]:
    """Score the check texts, one a call; also how many seconds each took."""
    scored, times = [], []
    for text in check_texts():
        since = time.perf_counter()
        scored += engine.score_batch([text])
        times.append(time.perf_counter() - since)
    return scored, times


def _refusal(model: str, measured: Mapping[str, Measured]) -> str:
    faults = (f"{name}: {', '.join(each.parity.faults())}" for name, each in measured.items())
    return (
        f"model {model}: converted, its scores are not Detoxify's on this machine "
        f"({'; '.join(faults)}). Set SCORING_ENGINE=torch"
    )


def _export(reference: ReferenceEngine, folder: Path) -> tuple[Label, ...]:
    from bot.scoring.export import export, openvino

    detoxify = reference.detoxify
    columns = [place for place, name in enumerate(detoxify.class_names) if name in LABELS]
    exported = export(detoxify.model, columns)
    openvino.save_model(exported, folder / FULL_FILE, compress_to_fp16=False)
    reference.save_tokenizer(folder / TOKENIZER_FILE)
    return tuple(LABELS[detoxify.class_names[place]] for place in columns)


def _tried(
    folder: Path, candidate: Candidate, window: int, labels: Sequence[Label], expected: Scored
) -> Measured:
    from bot.scoring.export import openvino, quantize

    if candidate.group is not None:
        quantized = quantize(folder / FULL_FILE, candidate.group, candidate.spared)
        openvino.save_model(quantized, folder / candidate.file_name, compress_to_fp16=False)
    return measure(open_candidate(folder, candidate, window, labels), expected)


def _kept(folder: Path, candidate: Candidate) -> dict[str, str]:
    """Remove what does not serve; the SHA-256 of what does, by name."""
    weights = Path(candidate.file_name).with_suffix(".bin").name
    kept = (TOKENIZER_FILE, candidate.file_name, weights)
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()
    return {name: _digest(folder / name) for name in kept}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(file)


def _end_with_asker() -> None:
    # Not through sys.stdin, whose lock the end of this process would wait for.
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Do the job on standard input."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    threading.Thread(target=_end_with_asker, daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # so that whatever a library prints is no answer

    def say(said: Step | Failed) -> None:
        answers.write(msgspec.json.encode(said) + b"\n")

    try:
        convert(job, lambda doing, share: say(Step(doing, share)))
    except AmanError as exc:
        say(Failed(str(exc)))
        sys.exit(1)
    except OSError as exc:
        say(Failed(f"{job.folder}: cannot be written: {exc.strerror or exc}"))
        sys.exit(1)


if __name__ == "__main__":
    main()
