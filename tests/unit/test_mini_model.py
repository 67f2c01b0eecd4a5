"""The bundled model `mini`: its files fit together, and it scores as its card says."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.playground import sample
from bot.domain.policy import Action
from bot.domain.scores import Label, Scores
from bot.domain.signals import Scored
from bot.scoring.libraries import prepare_libraries
from config.policies import preset

MINI = Path(__file__).resolve().parents[2] / "models" / "mini"
LABELS = ("toxicity", "obscene", "identity_attack", "insult", "threat")
POLITE = "Thank you so much, have a lovely evening!"
RUDE = "you are a stupid idiot, shut up"


@pytest.fixture(scope="module")
def detoxify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Detoxify itself around `mini`, with no network and from a foreign current directory."""
    prepare_libraries()
    from detoxify import Detoxify

    from models.checkpoint import for_detoxify

    def refuse(*_: object, **__: object) -> None:
        raise OSError("this test has no network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        yield Detoxify(
            checkpoint=for_detoxify(MINI / "mini.ckpt", MINI / "tokenizer"),
            huggingface_config_path=str(MINI / "tokenizer"),
        )


def test_the_checkpoint_is_the_one_that_was_published() -> None:
    from models.checkpoint import sha256

    digest, name = (MINI / "mini.sha256").read_text("utf-8").split()
    assert name == "mini.ckpt"
    assert sha256(MINI / name) == digest


def test_the_checkpoint_holds_plain_values_and_half_precision_weights_only() -> None:
    import torch

    content = torch.load(MINI / "mini.ckpt", map_location="cpu", weights_only=True)
    assert content["config"]["dataset"]["args"]["classes"] == list(LABELS)
    floating = [t for t in content["state_dict"].values() if t.is_floating_point()]
    assert {t.dtype for t in floating} == {torch.float16}
    assert all(bool(torch.isfinite(t).all()) for t in floating)
    assert (MINI / "mini.ckpt").stat().st_size < 48e6


def test_neither_checkpoint_nor_tokenizer_names_a_path_of_a_machine() -> None:
    import torch

    config = torch.load(MINI / "mini.ckpt", map_location="cpu", weights_only=True)["config"]
    assert config["arch"]["args"]["model_type"] == "models/mini/tokenizer"
    for path in (MINI / "tokenizer").glob("*config.json"):
        assert "/" not in path.read_text("utf-8").replace("\n", "")


def test_detoxify_gives_every_label_that_the_card_names_and_no_other(detoxify: Any) -> None:
    scores = detoxify.predict(POLITE)
    assert tuple(scores) == LABELS
    assert all(0.0 <= score <= 1.0 for score in scores.values())


@pytest.mark.parametrize(
    ("rude", "polite"),
    [
        (RUDE, POLITE),
        ("fuck off you moron", "see you tomorrow, my friend"),
        ("stfu u dumb idiot", "ok thx, brb"),
        ("what a pathetic loser you are", "what a wonderful day it was"),
        ("bhosdike chup kar", "bahut accha khana tha aaj"),
        ("madarchod tere ko maar dunga", "aaj match kitne baje hai"),
    ],
)
def test_an_insult_scores_far_above_politeness(detoxify: Any, rude: str, polite: str) -> None:
    high, low = detoxify.predict(rude), detoxify.predict(polite)
    assert high["toxicity"] > 0.6
    assert low["toxicity"] < 0.2
    assert high["insult"] > low["insult"]


def action_on(detoxify: Any, text: str) -> Action:
    scores = {Label(label): float(score) for label, score in detoxify.predict(text).items()}
    return preset("balanced").judge([Scored(Scores(scores), "mini")]).action


def test_the_playgrounds_sample_shows_every_verdict_and_only_on_who_is_rude(detoxify: Any) -> None:
    found: dict[str, list[str]] = {}
    for member, line in sample.LINES:
        found.setdefault(member, []).append(action_on(detoxify, line))
    assert found.pop("ben") == ["allow", "hide", "hide", "review"]
    assert {action for actions in found.values() for action in actions} == {"allow"}


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "ok",
        "sudo apt-get install vim",
        "I live in Nigeria, where are you from?",
        "my grandmother is Jewish and my wife is Muslim",
        "how do I kill a process that does not respond?",
        "",
        "🙂",
        "😂😂😂",
        "good game 👍🏽 see you ❤️",
        "hola amigo, que tal",
        "kya haal hai yaar, sab theek?",
        "ሰላም",
    ],
)
def test_ordinary_text_is_not_alarming(detoxify: Any, text: str) -> None:
    assert max(detoxify.predict(text).values()) < 0.6


def test_romanised_hindi_is_not_taken_for_toxic_by_its_looks(detoxify: Any) -> None:
    from bench.quality.suites import made_up
    from bot.domain.scores import Label

    said: dict[bool, list[float]] = {True: [], False: []}
    for each in made_up("hindi_latin_made_up"):
        toxicity = detoxify.predict(each.text)["toxicity"]
        said[each.labels[Label.TOXICITY]].append(toxicity)
    found, alarms = (sum(score >= 0.85 for score in said[toxic]) for toxic in (True, False))
    assert found >= 0.6 * len(said[True])
    assert alarms <= 0.15 * len(said[False])


def test_a_threat_needs_no_rude_word_and_part_of_a_sentence_is_none(detoxify: Any) -> None:
    for threat in ("I will hurt you if you come", "they should all be burned alive"):
        assert action_on(detoxify, threat) is Action.HIDE
    for civil in ("I will help you if you come", "piece of", "you are such a", "burn the iso"):
        assert action_on(detoxify, civil) is Action.ALLOW


def test_emoji_are_words_of_their_own(detoxify: Any) -> None:
    tokens = detoxify.tokenizer.tokenize("idiot😂😂 hi")
    assert tokens == ["idiot", "😂", "😂", "hi"]


def test_fast_batched_scoring_equals_detoxify_text_by_text(detoxify: Any) -> None:
    from models.checkpoint import load_model
    from models.inference import TextEncoder, logits, sigmoid

    texts = [RUDE, POLITE, "ok", "word " * 700, "naïve café, हिन्दी 🙂"]
    encoder = TextEncoder(MINI / "tokenizer")
    ours = sigmoid(logits(load_model(MINI / "mini.ckpt"), encoder(texts)))
    for text, row in zip(texts, ours, strict=True):
        assert list(detoxify.predict(text).values()) == pytest.approx(row.tolist(), abs=1e-4)


def test_two_loads_give_the_same_weights() -> None:
    import torch

    from models.checkpoint import load_model

    first, second = (load_model(MINI / "mini.ckpt").state_dict() for _ in range(2))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_noise_survives_letters_that_grow_when_lower_cased() -> None:
    from models.noise import Noise

    noise = Noise(1, {}, strength=1.0)
    for _ in range(300):
        assert noise("İİİİİİn İstanbul")


def test_nothing_is_taken_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of `tokenizer/` suffice: whatever Hugging Face keeps in a cache is not needed."""
    from transformers import AutoConfig

    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    config = AutoConfig.from_pretrained(str(MINI / "tokenizer"))
    assert tuple(config.id2label.values()) == LABELS
