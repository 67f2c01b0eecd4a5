"""The Detoxify package itself, used as it is: `SCORING_ENGINE=torch`.

Only its loading is ours: Detoxify unpickles whatever it is given, without a look at its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import CannotStart
from bot.domain.scores import Label
from bot.scoring.checkpoints import Checkpoint
from bot.scoring.engines import Span
from bot.scoring.labels import LABELS
from bot.scoring.libraries import cores, prepare_libraries

if TYPE_CHECKING:
    import tokenizers

# Their position embeddings start after the padding token's.
_OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")


class ReferenceEngine:
    """Detoxify's class and its `predict`, behind the engine's protocol."""

    tokens_a_call = 512
    pads = True

    def __init__(self, detoxify: Any, tokenizer: tokenizers.Tokenizer, window: int) -> None:
        self.window = window
        self.detoxify = detoxify
        self._tokenizer = tokenizer

    def spans(self, text: str) -> Sequence[Span]:
        """See `Engine.spans`."""
        return self._tokenizer.encode(text, add_special_tokens=False).offsets

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        """See `Engine.score_batch`. What the model scores beside the seven labels is dropped."""
        predicted: Mapping[str, list[float]] = self.detoxify.predict(list(texts))
        columns = {
            LABELS[name]: [column] if isinstance(column, float) else column
            for name, column in predicted.items()
            if name in LABELS
        }
        return [
            {label: column[place] for label, column in columns.items()}
            for place in range(len(texts))
        ]

    def save_tokenizer(self, path: Path) -> None:
        """Write the tokenizer, set neither to cut off nor to pad, in its library's form."""
        self._tokenizer.save(str(path))


def open_reference(checkpoint: Checkpoint) -> ReferenceEngine:
    """Build Detoxify from a checkpoint. Takes seconds: torch and transformers are imported.

    Raises CannotStart when checkpoint and tokenizer folder do not make a model.
    """
    if not any(name in LABELS for name in checkpoint.classes):
        raise CannotStart(
            f"model {checkpoint.model} has none of Detoxify's labels, only "
            + ", ".join(checkpoint.classes)
        )
    prepare_libraries()
    import torch
    import transformers

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(cores())
    try:
        detoxify = _built(checkpoint)
    except CannotStart:
        raise
    except Exception as exc:  # transformers raises nearly anything for files that do not fit
        reason = str(exc).strip().partition("\n")[0]
        raise CannotStart(
            f"model {checkpoint.model} does not fit its tokenizer and config in "
            f"{checkpoint.folder}: {reason}"
        ) from exc
    return ReferenceEngine(detoxify, _own_tokenizer(detoxify), _window(detoxify))


def _built(checkpoint: Checkpoint) -> Any:
    from detoxify import Detoxify
    from detoxify.detoxify import get_model_and_tokenizer

    class Loaded(Detoxify):  # type: ignore[misc]
        """Detoxify around a model that is loaded already."""

        def __init__(self, model: Any, tokenizer: Any, class_names: Sequence[str]) -> None:
            self.model, self.tokenizer, self.class_names = model, tokenizer, class_names

    model, tokenizer = get_model_and_tokenizer(
        # The folder as the model's type: configuration and tokenizer come from it, and nothing
        # is looked up elsewhere; the number of outputs stays the checkpoint's own.
        model_type=str(checkpoint.folder),
        model_name=checkpoint.architecture,
        tokenizer_name=checkpoint.tokenizer,
        num_classes=checkpoint.outputs,
        state_dict=dict(checkpoint.weights),
    )
    # transformers fills what the checkpoint lacks with random numbers, and only logs it.
    if absent := [name for name, _ in model.named_parameters() if name not in checkpoint.weights]:
        raise CannotStart(
            f"model {checkpoint.model}: its checkpoint lacks {len(absent)} weights that its "
            f"architecture needs, {absent[0]} for one"
        )
    _check_tokenizer(checkpoint, tokenizer, model.config.vocab_size)
    # A checkpoint may be stored in half precision; on a CPU that is slower and less exact.
    return Loaded(model.float().eval(), tokenizer, checkpoint.classes)


def _check_tokenizer(checkpoint: Checkpoint, tokenizer: Any, model_knows: int) -> None:
    if not tokenizer.is_fast:
        raise CannotStart(
            f"model {checkpoint.model}: its tokenizer has no tokenizer.json, which Aman needs"
        )
    # From a folder without a vocabulary transformers makes a tokenizer that knows no word.
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise CannotStart(
            f"model {checkpoint.model}: no tokenizer in {checkpoint.folder}; put tokenizer.json "
            "and what belongs to it there"
        )
    if len(tokenizer) > model_knows:
        raise CannotStart(
            f"model {checkpoint.model}: the tokenizer in {checkpoint.folder} is another model's: "
            f"it has {len(tokenizer)} tokens, the model {model_knows}"
        )


def _own_tokenizer(detoxify: Any) -> tokenizers.Tokenizer:
    # A copy: `predict` sets the original to cut off and to pad, for as long as it lives.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(detoxify.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _window(detoxify: Any) -> int:
    config, tokenizer = detoxify.model.config, detoxify.tokenizer
    positions = config.max_position_embeddings
    if config.model_type in _OFFSET_POSITIONS:
        positions -= config.pad_token_id + 1
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions)
    return int(tokenizer.model_max_length - tokenizer.num_special_tokens_to_add(pair=False))
