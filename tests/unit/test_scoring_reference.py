from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import CannotStart
from bot.domain.scores import Label
from bot.scoring.checkpoints import load
from bot.scoring.reference import ReferenceEngine, open_reference
from tests.factories.checkpoints import (
    INSULT,
    SIX,
    TinyCheckpoint,
    a_checkpoint,
    with_known_model_type,
)

TEXTS = [
    "hello there",
    f"you are {INSULT}",
    "Hello, 123!",
    "",
    "x" * 300,
    "good " * 100,
    "हिन्दी 🙂",
]


def opened(tiny: TinyCheckpoint, data_dir: Path) -> ReferenceEngine:
    return open_reference(load(str(tiny.path), data_dir, tiny.folder))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("this test has no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("architecture", ["bert", "roberta"])
@pytest.mark.usefixtures("no_network")
def test_it_scores_exactly_as_detoxify_does(tmp_path: Path, architecture: str) -> None:
    from detoxify import Detoxify

    tiny = a_checkpoint(tmp_path, architecture=architecture)
    detoxify = Detoxify(
        checkpoint=str(with_known_model_type(tiny).path), huggingface_config_path=str(tiny.folder)
    )
    detoxify.tokenizer.model_max_length = 64  # the RoBERTa one states none: Detoxify would crash
    ours = opened(tiny, tmp_path).score_batch(TEXTS)
    theirs = detoxify.predict(TEXTS)
    for label in Label:
        assert [scores[label] for scores in ours] == theirs[label.value]


def test_half_precision_on_disk_is_computed_in_full_precision(tmp_path: Path) -> None:
    def round_to_half(saved: dict[str, Any]) -> None:
        for name, weights in saved["state_dict"].items():
            saved["state_dict"][name] = weights.half().float()

    half = opened(a_checkpoint(tmp_path / "half", half=True), tmp_path)
    full = opened(a_checkpoint(tmp_path / "full", change=round_to_half), tmp_path)
    assert half.score_batch(TEXTS) == full.score_batch(TEXTS)


def test_labels_have_one_name_whatever_the_checkpoint_calls_them(tmp_path: Path) -> None:
    engine = opened(a_checkpoint(tmp_path, classes=SIX), tmp_path)
    [scores] = engine.score_batch(["hello"])
    assert set(scores) == set(Label) - {Label.SEXUAL_EXPLICIT}


def test_what_is_no_label_of_ours_is_dropped(tmp_path: Path) -> None:
    engine = opened(a_checkpoint(tmp_path, classes=("toxicity", "male", "christian")), tmp_path)
    assert [set(each) for each in engine.score_batch(["a", "b"])] == [{Label.TOXICITY}] * 2


def test_outputs_beyond_the_named_classes_are_dropped(tmp_path: Path) -> None:
    """`unbiased` and `multilingual` have sixteen outputs and name seven of them."""

    def change(saved: dict[str, Any]) -> None:
        saved["config"]["dataset"]["args"]["classes"] = ["toxicity", "insult"]

    [scores] = opened(a_checkpoint(tmp_path, change=change), tmp_path).score_batch([INSULT])
    assert set(scores) == {Label.TOXICITY, Label.INSULT}


def test_a_model_without_any_label_of_ours_is_refused(tmp_path: Path) -> None:
    tiny = a_checkpoint(tmp_path, classes=("joy", "anger"))
    with pytest.raises(CannotStart, match="joy, anger"):
        opened(tiny, tmp_path)


def test_weights_that_are_missing_are_not_made_up(tmp_path: Path) -> None:
    def change(saved: dict[str, Any]) -> None:
        del saved["state_dict"]["classifier.weight"]

    with pytest.raises(CannotStart, match=r"lacks 1 weights .* classifier\.weight"):
        opened(a_checkpoint(tmp_path, change=change), tmp_path)


def test_weights_that_do_not_fit_are_one_line_with_the_folder(tmp_path: Path) -> None:
    def change(saved: dict[str, Any]) -> None:
        saved["config"]["arch"]["args"]["num_classes"] = 3

    with pytest.raises(CannotStart, match="does not fit its tokenizer and config") as said:
        opened(a_checkpoint(tmp_path, change=change), tmp_path)
    assert "\n" not in str(said.value)


def test_a_folder_without_a_tokenizer_is_not_read_as_knowing_no_word(tmp_path: Path) -> None:
    tiny = a_checkpoint(tmp_path)
    for name in ("tokenizer.json", "vocab.txt"):
        (tiny.folder / name).unlink(missing_ok=True)
    with pytest.raises(CannotStart, match=r"put tokenizer\.json"):
        opened(tiny, tmp_path)


def test_the_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    bert = a_checkpoint(tmp_path / "bert")
    roberta = a_checkpoint(tmp_path / "roberta", architecture="roberta")
    vocabulary = (roberta.folder / "tokenizer.json").read_bytes()
    (bert.folder / "tokenizer.json").write_bytes(vocabulary)
    with pytest.raises(CannotStart, match="another model's"):
        opened(bert, tmp_path)


@pytest.mark.parametrize(("architecture", "window"), [("bert", 62), ("roberta", 62)])
def test_its_window_is_what_the_model_can_read(
    tmp_path: Path, architecture: str, window: int
) -> None:
    engine = opened(a_checkpoint(tmp_path, architecture=architecture), tmp_path)
    assert engine.window == window
    longest = "hello " * 499 + "hello"
    assert len(engine.spans(longest)) == 500
    assert len(engine.score_batch([longest])) == 1


def test_tokens_are_counted_the_same_before_and_after_scoring(tmp_path: Path) -> None:
    engine = opened(a_checkpoint(tmp_path), tmp_path)
    before = engine.spans("hello" + " hello" * 199)
    engine.score_batch(["hello there", "you"])
    assert engine.spans("hello" + " hello" * 199) == before
    assert len(before) == 200


def test_a_tokenizer_saved_with_a_cut_and_padding_still_counts_every_token(tmp_path: Path) -> None:
    tiny = a_checkpoint(tmp_path)
    file = tiny.folder / "tokenizer.json"
    saved = json.loads(file.read_text())
    cut = {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0}
    padded = {"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": None}
    padding = {**padded, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}
    file.write_text(json.dumps({**saved, "truncation": cut, "padding": padding}))
    engine = opened(tiny, tmp_path)
    assert len(engine.spans("hello" + " hello" * 99)) == 100
    assert len(engine.spans("hello")) == 1


def test_neither_torch_nor_transformers_is_imported_before_an_engine_is_opened() -> None:
    code = "import sys, bot.scoring.opening; print(*sys.modules)"
    loaded = _python(code).stdout.split()
    assert {"torch", "transformers", "detoxify", "huggingface_hub"}.isdisjoint(loaded)


def test_opening_and_scoring_say_nothing_on_their_own(tmp_path: Path) -> None:
    tiny = a_checkpoint(tmp_path)
    said = _python(
        "from pathlib import Path\n"
        "from bot.scoring.checkpoints import load\n"
        "from bot.scoring.reference import open_reference\n"
        f"engine = open_reference(load({str(tiny.path)!r}, Path({str(tmp_path)!r}), "
        f"Path({str(tiny.folder)!r})))\n"
        "engine.spans('hello ' * 2000); engine.score_batch(['hello ' * 2000])\n"
    )
    assert (said.stdout, said.stderr) == ("", "")


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], check=True, capture_output=True, text=True
    )
