"""The fast engine, `SCORING_ENGINE=fast`: a converted checkpoint on OpenVINO.

Neither torch nor transformers is imported here: they take seconds and hundreds of megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.scores import Label
from bot.scoring.engines import Span
from bot.scoring.libraries import cores, import_openvino
from bot.scoring.packing import pack

if TYPE_CHECKING:
    import tokenizers

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to compute a model.

    precision: OpenVINO's name of the one that sums are kept in.
    group: how many numbers of a row share a scale in int8, weights and activations alike; None
        where nothing is in int8.
    spared: parts of the names of layers that are not in int8 nevertheless.
    """

    name: str
    precision: str
    group: int | None = None
    spared: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The converted model that it runs, an OpenVINO IR."""
        return f"{self.name}.xml" if self.group else FULL_FILE


FULL_FILE = "full.xml"

CANDIDATES = (
    Candidate("int8", "f32", group=384),
    Candidate("int8-fine", "f32", group=32),
    # What the first layer and every layer's values are rounded by, all later ones build on: of
    # `mini`, these eighth parts of the weights cause a third of the difference.
    Candidate("int8-mixed", "f32", group=32, spared=(".value/", ".layer.0.")),
    Candidate("bf16", "bf16"),
    Candidate("fp32", "f32"),
)
"""The fastest first. Timing each instead would choose by what else the machine did just then."""


class FastEngine:
    """A converted model, behind the engine's protocol.

    tokenizer: as it was saved, neither cutting off nor padding.
    window: see `Engine.window`. labels: what each output stands for.
    """

    tokens_a_call = 128
    pads = False

    def __init__(
        self,
        compiled: Any,
        tokenizer: tokenizers.Tokenizer,
        window: int,
        labels: Sequence[Label],
    ) -> None:
        self.window = window
        self._request = compiled.create_infer_request()
        self._tokenizer = tokenizer
        self._labels = labels
        # What follows the text's own tokens; a cut-off text has it as well.
        own = tokenizer.encode("a").special_tokens_mask
        self._closing = own[::-1].index(0)
        self._longest = window + sum(own)

    def spans(self, text: str) -> Sequence[Span]:
        """See `Engine.spans`."""
        return self._tokenizer.encode(text, add_special_tokens=False).offsets

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        """See `Engine.score_batch`."""
        encoded = self._tokenizer.encode_batch_fast(list(texts))
        inputs = pack([self._cut(each.ids) for each in encoded])
        scored = self._request.infer(inputs, share_inputs=True)[0]
        return [dict(zip(self._labels, row, strict=True)) for row in scored.tolist()]

    def _cut(self, tokens: Sequence[int]) -> Sequence[int]:
        if len(tokens) <= self._longest:
            return tokens
        kept = self._longest - self._closing
        return [*tokens[:kept], *tokens[len(tokens) - self._closing :]]


def open_candidate(
    folder: Path, candidate: Candidate, window: int, labels: Sequence[Label]
) -> FastEngine:
    """Load a candidate from the folder of a converted model. Raises what OpenVINO raises."""
    openvino = import_openvino()
    from tokenizers import Tokenizer

    settings = {
        "INFERENCE_PRECISION_HINT": candidate.precision,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": cores(),
        # A pinned thread waits for its core even while the other one is idle; with a second
        # busy process on the machine that halved both.
        "ENABLE_CPU_PINNING": False,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": candidate.group or 0,
    }
    path = str(folder / candidate.file_name)
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    return FastEngine(compiled, tokenizer, window, labels)


def machine() -> str:
    """What a choice among candidates depends on: the library's version and the processor."""
    openvino = import_openvino()
    core = openvino.Core()
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return f"OpenVINO {openvino.__version__}, {core.get_property('CPU', 'FULL_DEVICE_NAME')}, " + (
        " ".join(able)
    )
