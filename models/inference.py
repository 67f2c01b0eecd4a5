"""Fast scoring of many texts in plain torch, for training's own needs and for evaluation.

Texts are sorted by length and batched by tokens, so that little padding is computed. The scores are
those of `Detoxify.predict`, text by text (see `tests/unit/test_mini_model.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from transformers import BertForSequenceClassification

WINDOW = 512
"""Tokens that BERT can read; Detoxify cuts there too."""

PADDING = ("[PAD]", "<pad>")
"""What BERT's and MPNet's vocabularies call the padding."""

Encoded = list[int]
Floats = NDArray[np.float32]


class TextEncoder:
    """Turns texts to token ids with the Rust tokenizer, [CLS] and [SEP] included."""

    def __init__(self, folder: Path, limit: int = WINDOW) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)
        vocabulary = self._tokenizer.get_vocab(with_added_tokens=True)
        self.padding = next(vocabulary[name] for name in PADDING if name in vocabulary)
        """The id that fills a batch up."""

    def __call__(self, texts: Sequence[str]) -> list[Encoded]:
        """Encode texts, each cut at the limit."""
        return [e.ids for e in self._tokenizer.encode_batch_fast(list(texts))]


def batches(
    lengths: NDArray[np.int64], tokens: int, places: NDArray[np.int64] | None = None
) -> Iterator[NDArray[np.int64]]:
    """Group texts of like length; a batch holds at most `tokens` tokens with padding, or one text.

    lengths: of all texts, in tokens. places: which of them to group; all of them where None.
    """
    chosen = np.arange(len(lengths)) if places is None else places
    order = chosen[np.argsort(lengths[chosen], kind="stable")]
    sizes = lengths[order]
    start = 0
    while start < len(order):
        end = min(len(order), start + max(1, tokens // int(sizes[start])))
        while end > start + 1 and (end - start) * int(sizes[end - 1]) > tokens:
            end -= 1
        yield order[start:end]
        start = end


def padded(encoded: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
    """Make the ids and the attention mask of one batch. [PAD] is 0 in BERT's vocabulary."""
    longest = max(len(ids) for ids in encoded)
    ids = torch.zeros(len(encoded), longest, dtype=torch.long)
    mask = torch.zeros(len(encoded), longest, dtype=torch.long)
    for row, tokens in enumerate(encoded):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask


def first_token_logits(
    model: BertForSequenceClassification, ids: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Run the model, but of the last layer only what [CLS] needs: the head reads nothing else.

    The same numbers as `model(...)`, for an eighth less work.
    """
    bert = model.bert
    hidden = bert.embeddings(input_ids=ids)
    visible = mask[:, None, None, :].bool()
    *layers, last = bert.encoder.layer
    for layer in layers:
        hidden = _layer(layer, hidden, hidden, visible)
    pooler = cast(nn.Module, bert.pooler)
    pooled = pooler(_layer(last, hidden[:, :1], hidden, visible))
    return cast(torch.Tensor, model.classifier(model.dropout(pooled)))


def _layer(
    layer: Any, query: torch.Tensor, hidden: torch.Tensor, visible: torch.Tensor
) -> torch.Tensor:
    own = layer.attention.self

    def heads(values: torch.Tensor) -> torch.Tensor:
        size = (*values.shape[:2], own.num_attention_heads, own.attention_head_size)
        return values.view(size).transpose(1, 2)

    mixed = nn.functional.scaled_dot_product_attention(
        heads(own.query(query)), heads(own.key(hidden)), heads(own.value(hidden)), visible
    )
    attended = layer.attention.output(mixed.transpose(1, 2).reshape(query.shape), query)
    return cast(torch.Tensor, layer.output(layer.intermediate(attended), attended))


@torch.inference_mode()
def logits(
    model: BertForSequenceClassification, encoded: Sequence[Encoded], tokens: int = 4096
) -> Floats:
    """Score encoded texts. Returns one row a text, one column a label, before the sigmoid."""
    model.train(False)
    result = np.zeros((len(encoded), model.config.num_labels), dtype=np.float32)
    for places in batches(np.array([len(ids) for ids in encoded]), tokens):
        ids, mask = padded([encoded[place] for place in places])
        result[places] = first_token_logits(model, ids, mask).float().numpy()
    return result


def sigmoid(values: Floats) -> Floats:
    """Turn logits to probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-values.astype(np.float64))), dtype=np.float32)
