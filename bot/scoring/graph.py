"""An exported model's graph, rewritten to give the same scores by less work.

At a few tokens a call, what a layer costs is largely the number of its operations; and of the last
layer's tokens only the first of each text is asked for. A layer that looks otherwise than those of
the known architectures is left as it is: slower, and right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from bot.scoring.libraries import import_openvino

opset = import_openvino().opset13

Model: TypeAlias = Any
"""An `openvino.Model`."""

Node: TypeAlias = Any
"""A node of a graph. The library makes a new object at each look: they are told apart by name."""

_MOVING = ("Reshape", "Transpose")
_ROWWISE = ("Add", "Gelu", "MatMul", "Multiply", "MVN")
"""What computes each token by itself, as the layers of transformers use it."""

_TOKENS = 1
"""The axis of the hidden states that goes over tokens."""


class _Projection(NamedTuple):
    """A linear layer: `source` times `weights`, a row an output, plus `bias`."""

    source: Any
    weights: Node
    bias: Node | None


def join_projections(model: Model) -> None:
    """Have each layer's queries, keys and values computed in one multiplication."""
    joined: dict[tuple[str, ...], Any] = {}  # a layer that is used several times stays one
    for attention in _all(model, "ScaledDotProductAttention"):
        found = [_projection(attention.input_value(place)) for place in range(3)]
        linear = [each for each in found if each is not None]
        same = len({_known(each.source) for each in linear}) == 1
        if len(linear) < len(found) or not same:
            continue
        _, heads, _, size = attention.input_value(0).get_partial_shape()
        biases = [each.bias.data.reshape(-1) for each in linear if each.bias is not None]
        if biases and len(biases) < len(linear):
            continue
        weights = _stacked([each.weights for each in linear], joined)
        product = opset.matmul(linear[0].source, weights, False, True)
        if biases:
            product = opset.add(product, opset.constant(np.concatenate(biases)))
        count = heads.get_length()
        apart = np.array([0, 0, len(linear) * count, size.get_length()])
        by_head = opset.transpose(
            opset.reshape(product, opset.constant(apart), special_zero=True),
            opset.constant(np.array([0, 2, 1, 3])),
        )
        parts = opset.split(by_head, opset.constant(np.int64(1)), len(linear))
        for place in range(len(linear)):
            attention.input(place).replace_source_output(parts.output(place))
    model.validate_nodes_and_infer_types()


def _projection(output: Any) -> _Projection | None:
    node = output.get_node()
    while node.get_type_name() in _MOVING:
        node = node.input_value(0).get_node()
    bias = None
    if node.get_type_name() == "Add":
        node, bias = (node.input_value(place).get_node() for place in (0, 1))
    if node.get_type_name() != "MatMul" or not (bias is None or _is_constant(bias)):
        return None
    weights = node.input_value(1).get_node()
    as_rows = _is_constant(weights) and node.get_attributes()["transpose_b"]
    return _Projection(node.input_value(0), weights, bias) if as_rows else None


def _stacked(weights: list[Node], made: dict[tuple[str, ...], Any]) -> Node:
    key = tuple(each.get_name() for each in weights)
    if key not in made:
        made[key] = opset.constant(np.concatenate([each.data for each in weights]))
    return made[key]


def compute_first_tokens_only(model: Model, starts: str) -> None:
    """Have the last layer computed for the first token of each text alone, after its attention.

    starts: the name of the input that says where they are.
    """
    wanted = model.input(starts)
    [chosen] = [each for each in _all(model, "Gather") if _reads(each.input_value(1), wanted)]
    batch = chosen.input_value(0).get_node()  # the hidden states without their first axis
    places = chosen.input_value(1)
    inner = dict(_used_only_for(batch))
    taken: dict[tuple[str, int], Any] = {}
    for node in inner.values():
        for place in range(len(node.inputs())):
            source = node.input_value(place)
            if _is_constant(source.get_node()) or source.get_node().get_name() in inner:
                continue
            key = _known(source)
            if key not in taken:
                taken[key] = opset.gather(source, places, opset.constant(np.int64(_TOKENS)))
            node.input(place).replace_source_output(taken[key].output(0))
    if inner:
        for target in chosen.output(0).get_target_inputs():
            target.replace_source_output(batch.output(0))
    model.validate_nodes_and_infer_types()


def _used_only_for(end: Node) -> Iterator[tuple[str, Node]]:
    """The nodes before `end` that compute each token by itself, for nothing but `end`, by name."""
    inner = {end.get_name()}
    waiting = [end.input_value(0).get_node()]
    while waiting:
        node = waiting.pop(0)
        users = (each.get_node().get_name() for each in node.output(0).get_target_inputs())
        if node.get_type_name() not in _ROWWISE or not inner.issuperset(users):
            continue
        if node.get_name() not in inner:
            inner.add(node.get_name())
            yield node.get_name(), node
            waiting += [each.get_node() for each in node.input_values()]


def _reads(output: Any, wanted: Any) -> bool:
    """Whether an output is that input, or its numbers in another type."""
    node = output.get_node()
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return bool(node.get_name() == wanted.get_node().get_name())


def _all(model: Model, kind: str) -> list[Node]:
    return [node for node in model.get_ordered_ops() if node.get_type_name() == kind]


def _known(output: Any) -> tuple[str, int]:
    return output.get_node().get_name(), output.get_index()


def _is_constant(node: Node) -> bool:
    return bool(node.get_type_name() == "Constant")
