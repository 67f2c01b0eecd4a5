"""The export of each architecture, with random weights, against the model itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.domain.errors import CannotStart
from bot.scoring.libraries import import_openvino
from bot.scoring.packing import pack

ROWS = ([2, 9, 3], [2, 5, 6, 7, 8, 9, 10, 11, 3], [2, 3], [2, 5, 6, 7, 3])
SIZES = {
    "vocab_size": 600,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 128,
    "max_position_embeddings": 40,
    "num_labels": 4,
    "initializer_range": 0.3,
}
COLUMNS = [0, 2, 3]


def a_model(architecture: str) -> Any:
    import torch
    import transformers

    torch.manual_seed(3)
    config = getattr(transformers, f"{architecture}Config")(**SIZES)
    return getattr(transformers, f"{architecture}ForSequenceClassification")(config).eval()


def run(model: Any, rows: Any) -> Any:
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = import_openvino().Core().compile_model(model, "CPU", settings)
    return compiled.create_infer_request().infer(pack(rows))[0]


def expected(model: Any, row: list[int]) -> Any:
    import torch

    with torch.no_grad():
        return torch.sigmoid(model(torch.tensor([row])).logits[0, COLUMNS]).numpy()


@pytest.mark.parametrize("architecture", ["Bert", "Roberta", "XLMRoberta", "Albert"])
def test_packed_texts_score_as_each_does_alone_in_the_model_itself(architecture: str) -> None:
    from bot.scoring.export import export

    model = a_model(architecture)
    exported = export(model, COLUMNS)
    theirs = np.array([expected(model, row) for row in ROWS])
    assert np.ptp(theirs, axis=0).min() > 0.01  # the texts can be told apart
    np.testing.assert_allclose(run(exported, ROWS), theirs, atol=1e-5)
    np.testing.assert_allclose(run(exported, ROWS[1:2]), theirs[1:2], atol=1e-5)


@pytest.mark.parametrize("architecture", ["Bert", "Roberta", "XLMRoberta", "Albert"])
def test_each_layer_projects_once_and_the_last_one_computes_no_token_that_nobody_asks_for(
    architecture: str,
) -> None:
    from bot.scoring.export import export

    model = a_model(architecture)
    given_biases(model)
    exported = export(model, COLUMNS)
    theirs = np.array([expected(model, row) for row in ROWS])
    np.testing.assert_allclose(run(exported, ROWS), theirs, atol=1e-5)
    tokens, texts = 16, 3
    names = [each.get_any_name() for each in exported.inputs]
    exported.reshape(dict(zip(names, ([tokens], [tokens], [tokens], [texts]), strict=True)))
    widths = {
        kind: [list(node.output(0).shape) for node in ops(exported, kind)]
        for kind in ("Split", "Gelu")
    }
    heads, width = SIZES["num_attention_heads"], SIZES["hidden_size"]
    per_head = int(width // heads)
    assert widths["Split"] == 2 * [[1, heads, tokens, per_head]]
    assert [shape[1] for shape in widths["Gelu"]] == [tokens, texts]


def ops(model: Any, kind: str) -> list[Any]:
    return [node for node in model.get_ordered_ops() if node.get_type_name() == kind]


def given_biases(model: Any) -> None:
    """As trained models have them; the exporter leaves out those that are zero."""
    import torch

    with torch.no_grad():
        for name, values in model.named_parameters():
            if name.endswith("bias"):
                values.normal_(0, 0.3)


@pytest.mark.parametrize("group", [32, 384])
def test_weights_in_int8_take_a_quarter_and_score_nearly_the_same(
    tmp_path: Path, group: int
) -> None:
    from bot.scoring.export import export, openvino, quantize

    exported = export(a_model("Albert"), COLUMNS)
    full, small = tmp_path / "full.xml", tmp_path / "small.xml"
    openvino.save_model(exported, full, compress_to_fp16=False)
    openvino.save_model(quantize(full, group, spared=()), small, compress_to_fp16=False)
    saved = full.with_suffix(".bin").stat().st_size - small.with_suffix(".bin").stat().st_size
    assert saved > 0
    difference = np.abs(run(str(full), ROWS) - run(str(small), ROWS))
    assert 0 < difference.max() < 0.05


def test_layers_that_are_spared_keep_their_weights(tmp_path: Path) -> None:
    from bot.scoring.export import export, openvino, quantize

    full = tmp_path / "full.xml"
    openvino.save_model(export(a_model("Bert"), COLUMNS), full, compress_to_fp16=False)
    spared = quantize(full, 32, spared=("/",))
    np.testing.assert_array_equal(run(spared, ROWS), run(str(full), ROWS))


def test_an_architecture_that_is_not_known_is_refused_with_the_way_out() -> None:
    from bot.scoring.export import export

    model = a_model("Bert")
    model.config.model_type = "mamba"
    with pytest.raises(CannotStart, match="SCORING_ENGINE=torch"):
        export(model, COLUMNS)
