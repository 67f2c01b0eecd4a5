"""Checkpoints in Detoxify's format, tiny ones: built in a second, and they can tell an insult."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.scoring.libraries import prepare_libraries

INSULT = "idiot"
WORDS = ("hello", "there", "you", "are", "good", "morning", "all", "nice", "game", "today")
SEVEN = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "identity_attack",
    "insult",
    "threat",
    "sexual_explicit",
)
SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_POSITIONS = 64


@dataclass(frozen=True, slots=True)
class TinyCheckpoint:
    """A checkpoint on disk. folder: its tokenizer and config, for DETOXIFY_CONFIG_PATH."""

    path: Path
    folder: Path


def a_checkpoint(
    folder: Path,
    *,
    architecture: str = "bert",
    classes: tuple[str, ...] = SEVEN,
    half: bool = False,
    change: Callable[[dict[str, Any]], Any] | None = None,
) -> TinyCheckpoint:
    """Write a checkpoint that rates `INSULT` high and `WORDS` low.

    architecture: "bert" or "roberta". half: weights in half precision.
    change: alters what is saved, in place, or returns something else to save.
    """
    prepare_libraries()
    import torch

    model, tokenizer, names = _model(architecture, len(classes))
    config_folder = folder / "tokenizer"
    config_folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(config_folder)
    tokenizer.save_pretrained(config_folder)
    state = model.state_dict().items()
    saved: dict[str, Any] = {
        "state_dict": {name: tensor.half() if half else tensor for name, tensor in state},
        "config": {
            "arch": {"args": {**names, "model_type": "no-such-model", "num_classes": len(classes)}},
            "dataset": {"args": {"classes": list(classes)}},
        },
    }
    changed = change(saved) if change else None
    path = folder / "tiny.ckpt"
    torch.save(saved if changed is None else changed, path)
    return TinyCheckpoint(path, config_folder)


def with_known_model_type(checkpoint: TinyCheckpoint) -> TinyCheckpoint:
    """A copy that Detoxify itself can load: it resolves `model_type` before it looks elsewhere."""
    import torch

    saved = torch.load(checkpoint.path, weights_only=True)
    saved["config"]["arch"]["args"]["model_type"] = str(checkpoint.folder)
    path = checkpoint.path.with_name("for-detoxify.ckpt")
    torch.save(saved, path)
    return replace(checkpoint, path=path)


@functools.cache
def _model(architecture: str, outputs: int) -> tuple[Any, Any, Mapping[str, str]]:
    import torch

    torch.manual_seed(7)
    model, tokenizer, names = _BUILDERS[architecture](outputs)
    _know_the_insult(model, tokenizer)
    return model.eval(), tokenizer, names


def _bert(outputs: int) -> tuple[Any, Any, Mapping[str, str]]:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*_LETTERS, *".,!?'-", *(f"##{letter}" for letter in _LETTERS), *WORDS, INSULT]
    vocabulary = {piece: place for place, piece in enumerate([*special, *pieces])}
    tokenizer = BertTokenizer(vocab=vocabulary, model_max_length=_POSITIONS)
    config = BertConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=_POSITIONS,
        num_labels=outputs,
        **_SIZES,
    )
    names = {"model_name": "BertForSequenceClassification", "tokenizer_name": "BertTokenizer"}
    return BertForSequenceClassification(config), tokenizer, names


def _roberta(outputs: int) -> tuple[Any, Any, Mapping[str, str]]:
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import RobertaConfig, RobertaForSequenceClassification, RobertaTokenizer

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(ByteLevel.alphabet())]
    merges = []
    space = ByteLevel(add_prefix_space=False).pre_tokenize_str(" ")[0][0]
    for word in (*WORDS, INSULT):
        for end in range(2, len(word) + 1):
            if word[:end] not in pieces:
                pieces.append(word[:end])
                merges.append((word[: end - 1], word[end - 1]))
    for word in (*WORDS, INSULT):
        pieces.append(space + word)
        merges.append((space, word))
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    # No model_max_length, as in folders that were saved without one.
    tokenizer = RobertaTokenizer(vocab=vocabulary, merges=merges)
    config = RobertaConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=_POSITIONS + 2,
        type_vocab_size=1,
        pad_token_id=1,
        num_labels=outputs,
        **_SIZES,
    )
    names = {"model_name": "RobertaForSequenceClassification", "tokenizer_name": "RobertaTokenizer"}
    return RobertaForSequenceClassification(config), tokenizer, names


_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.1,
}
_BUILDERS = {"bert": _bert, "roberta": _roberta}


def _know_the_insult(model: Any, tokenizer: Any) -> None:
    """Set the few weights by which the model sees `INSULT`; all others stay random.

    Its token bears a mark, the first layer looks for the mark and tells every place of it, and
    the head listens for that.
    """
    import torch

    mark, heard = 0, 1
    embeddings = model.base_model.embeddings
    words = embeddings.word_embeddings.weight
    first, *later = model.base_model.encoder.layer
    attention = first.attention.self
    head = model.classifier if hasattr(model.classifier, "dense") else model.base_model.pooler
    verdict = getattr(model.classifier, "out_proj", model.classifier)
    with torch.no_grad():
        for each in (
            words,
            embeddings.position_embeddings.weight,
            embeddings.token_type_embeddings.weight,
        ):
            each[:, [mark, heard]] = 0.0
        for word in (INSULT, f" {INSULT}"):
            [token] = tokenizer(word, add_special_tokens=False)["input_ids"]
            words[token, mark] = 50.0
        for each in (attention.query, attention.key, attention.value):
            each.weight.zero_()
        attention.query.bias[0] = 10.0
        attention.key.weight[0, mark] = 1.0
        attention.value.weight[0, mark] = 1.0
        first.attention.output.dense.weight.zero_()
        first.attention.output.dense.weight[heard, 0] = 1.0
        for layer in (first, *later):
            layer.output.dense.weight.zero_()
        for layer in later:
            layer.attention.output.dense.weight.zero_()
        head.dense.weight[heard] = 0.0
        head.dense.weight[heard, heard] = 1.0
        verdict.weight[:, heard] = 10.0
        verdict.bias.fill_(-5.0)
