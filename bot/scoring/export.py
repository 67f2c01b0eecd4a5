"""A Detoxify model as OpenVINO's, reading packed texts (`packing`). Imports torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bot.domain.errors import CannotStart
from bot.scoring.graph import Model, compute_first_tokens_only, join_projections
from bot.scoring.libraries import import_openvino

openvino = import_openvino()
opset = openvino.opset13

# How each architecture gets from a text's first hidden state to its outputs. All of Detoxify's
# are here.
_HEADS: Mapping[str, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    "bert": lambda model, first: model.classifier(model.bert.pooler(first)),
    "roberta": lambda model, first: model.classifier(first),
    "xlm-roberta": lambda model, first: model.classifier(first),
    "albert": lambda model, first: model.classifier(
        model.albert.pooler_activation(model.albert.pooler(first[:, 0]))
    ),
}
_OFFSET_POSITIONS = ("roberta", "xlm-roberta")
_LARGE = 1 << 14
"""Matrices with fewer weights are not worth the loss of exactness."""


class _Packed(torch.nn.Module):
    """The model around packed texts: their tokens in, a score a text and column out."""

    def __init__(self, model: Any, columns: Sequence[int]) -> None:
        super().__init__()
        self.model = model
        self.head = _HEADS[model.config.model_type]
        self.columns = list(columns)
        offset = model.config.model_type in _OFFSET_POSITIONS
        self.first_position = model.config.pad_token_id + 1 if offset else 0

    def forward(
        self,
        tokens: torch.Tensor,
        positions: torch.Tensor,
        owners: torch.Tensor,
        starts: torch.Tensor,
    ) -> torch.Tensor:
        together = owners.unsqueeze(0) == owners.unsqueeze(1)
        hidden = self.model.base_model(
            input_ids=tokens.unsqueeze(0),
            attention_mask=torch.where(together, 0.0, -1e9).unsqueeze(0).unsqueeze(0),
            position_ids=(positions + self.first_position).unsqueeze(0),
        ).last_hidden_state[0]
        outputs = self.head(self.model, hidden[starts].unsqueeze(1))
        return torch.sigmoid(outputs[:, self.columns])


def export(model: Any, columns: Sequence[int]) -> Model:
    """Convert a transformers model for sequence classification.

    columns: which of its outputs are wanted. Raises CannotStart for an architecture that Aman
    does not know.
    """
    kind = model.config.model_type
    if kind not in _HEADS:
        raise CannotStart(
            f"the fast engine runs {', '.join(_HEADS)} models, and this is a {kind} model; set "
            "SCORING_ENGINE=torch"
        )
    # The other implementations are traced into operations that OpenVINO runs more slowly.
    model.set_attn_implementation("eager")
    # Two texts of different lengths, lest the trace takes a size for a constant.
    example = tuple(map(torch.tensor, ([3, 4, 5, 6, 7], [0, 1, 0, 1, 2], [0, 0, 1, 1, 1], [0, 2])))
    with torch.no_grad(), warnings.catch_warnings():
        # OpenVINO traces; torch says at each trace that it would rather export.
        warnings.simplefilter("ignore")
        exported = openvino.convert_model(_Packed(model, columns), example_input=example)
    for each in exported.inputs:
        each.get_node().set_partial_shape(openvino.PartialShape([-1]))
    exported.validate_nodes_and_infer_types()
    join_projections(exported)
    compute_first_tokens_only(exported, "starts")
    return exported


def quantize(path: Path, group: int, spared: Collection[str]) -> Model:
    """An exported model with its large weight matrices in int8, one scale for each `group`
    weights of a row. Embeddings are halved instead: they are looked up, not multiplied.

    spared: see `Candidate`. OpenVINO recognises the form and multiplies in int8.
    """
    model = openvino.Core().read_model(path)
    stored: dict[str, Any] = {}
    for node in model.get_ops():
        place = {"MatMul": 1, "Gather": 0}.get(node.get_type_name())
        weights = node.input_value(place).get_node() if place is not None else None
        if weights is None or not _is_large(weights):
            continue
        if any(part in node.get_friendly_name() for part in spared):
            continue
        name = weights.get_friendly_name()
        if name not in stored:  # a layer that is used several times shares its weights
            looked_up = node.get_type_name() == "Gather"
            stored[name] = _halved(weights.data) if looked_up else _in_int8(weights.data, group)
        node.input(place).replace_source_output(stored[name])
    model.validate_nodes_and_infer_types()
    return model


def _is_large(node: Any) -> bool:
    return (
        node.get_type_name() == "Constant"
        and len(node.shape) == 2
        and (node.shape[0] * node.shape[1] >= _LARGE)
    )


def _halved(values: Any) -> Any:
    return opset.convert(opset.constant(values.astype(np.float16)), "f32").output(0)


def _in_int8(values: Any, group: int) -> Any:
    rows, length = values.shape
    group = group if length % group == 0 else length
    groups = values.reshape(rows, length // group, group)
    scales = np.abs(groups).max(axis=-1, keepdims=True) / 127
    scales = np.where(scales == 0, 1, scales).astype(np.float32)
    rounded = np.round(groups / scales).astype(np.int8)
    widened = opset.multiply(opset.convert(opset.constant(rounded), "f32"), opset.constant(scales))
    shape = opset.constant(np.array([rows, length]))
    return opset.reshape(widened, shape, special_zero=False).output(0)
