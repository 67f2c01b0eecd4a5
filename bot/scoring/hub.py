"""Tokenizers and configurations of published models, from the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from bot.domain.errors import CannotStart
from bot.scoring.libraries import prepare_libraries

# Weights are left out: they come from the checkpoint.
_WANTED = ("*.json", "*.txt", "*.model")
_UNWANTED = ("*.safetensors*", "*.index.json")


def config_folder(repository: str, cache: Path) -> Path:
    """The folder with a model's configuration and tokenizer, brought to `cache` at first use.

    repository: the hub's name of the model that a checkpoint was trained from.
    Raises CannotStart: offline at first use, or no such model.
    """
    prepare_libraries()
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    def snapshot(*, offline: bool) -> Path:
        return Path(
            huggingface_hub.snapshot_download(
                repository,
                cache_dir=cache,
                allow_patterns=list(_WANTED),
                ignore_patterns=list(_UNWANTED),
                local_files_only=offline,
            )
        )

    try:
        try:
            return snapshot(offline=True)
        except LocalEntryNotFoundError:
            return snapshot(offline=False)
    except Exception as exc:  # the hub's client raises its own, its HTTP library's and OSError
        raise CannotStart(
            f"the tokenizer of {repository} cannot be fetched from the Hugging Face hub "
            f"({type(exc).__name__}). Go online once, or set DETOXIFY_CONFIG_PATH to a folder "
            "that holds its tokenizer and config files, or set DETOXIFY_MODEL=mini"
        ) from exc
