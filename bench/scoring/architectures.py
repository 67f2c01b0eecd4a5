"""Checkpoints of the architectures that Detoxify publishes, with random weights.

Sizes are true, so speed, memory and start are. Nothing is downloaded: all read tokens of the
vocabulary that `mini` has.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.scores import Label
from bot.scoring.libraries import prepare_libraries
from bot.scoring.models import MINI_FOLDER

_VOCABULARY = 30522


@dataclass(frozen=True, slots=True)
class Architecture:
    """A transformers architecture and the sizes in which it differs from its own defaults."""

    name: str
    sizes: Mapping[str, Any]


_ROBERTA = {"max_position_embeddings": 514, "type_vocab_size": 1}
ARCHITECTURES: Mapping[str, Architecture] = {
    "bert-base": Architecture("Bert", {}),
    "roberta-base": Architecture("Roberta", {**_ROBERTA, "vocab_size": 50265}),
    "xlmr-base": Architecture("XLMRoberta", {**_ROBERTA, "vocab_size": 250002}),
    "albert-base": Architecture(
        "Albert",
        {
            "vocab_size": _VOCABULARY,  # a little more than its own 30,000
            "hidden_size": 768,
            "num_attention_heads": 12,
            "intermediate_size": 3072,
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured. config: None for a model that has its own."""

    model: str
    config: Path | None


def subject(name: str, folder: Path) -> Subject:
    """A model by name: Aman's, or one of ARCHITECTURES, made in the folder at first use."""
    architecture = ARCHITECTURES.get(name)
    if architecture is None:
        return Subject(name, None)
    path, config = folder / f"{name}.ckpt", folder / f"{name}-config"
    if not path.exists():
        _make(architecture, path, config)
    return Subject(str(path.resolve()), config)


def _make(architecture: Architecture, path: Path, config_folder: Path) -> None:
    prepare_libraries()
    import torch
    import transformers

    shutil.copytree(MINI_FOLDER / "tokenizer", config_folder, dirs_exist_ok=True)
    torch.manual_seed(11)
    config = getattr(transformers, f"{architecture.name}Config")(
        num_labels=len(Label), **architecture.sizes
    )
    config.save_pretrained(config_folder)
    named = f"{architecture.name}ForSequenceClassification"
    arguments = {
        "model_type": "random",
        "model_name": named,
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(Label),
    }
    made = {
        "state_dict": getattr(transformers, named)(config).state_dict(),
        "config": {
            "arch": {"args": arguments},
            "dataset": {"args": {"classes": [label.value for label in Label]}},
        },
    }
    part = path.with_suffix(".part")
    torch.save(made, part)
    part.rename(path)
