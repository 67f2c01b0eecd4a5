"""Checkpoints: where they are, whether they are what they should be, and what is in them.

A checkpoint is a pickle, and a pickle can run code. So its hash is checked first, and then it
is loaded with `weights_only`, which admits tensors and plain values and calls nothing. That
is enough for Detoxify's format: a state dict, and a config that was JSON at training.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from bot.domain.errors import CannotStart
from bot.scoring.hub import config_folder
from bot.scoring.libraries import prepare_libraries
from bot.scoring.models import MINI, MINI_FOLDER, PUBLISHED, Published
from bot.scoring.pins import Pins, sha256_of

if TYPE_CHECKING:
    import torch

MODELS_FOLDER = "models"


@dataclass(frozen=True, slots=True)
class Listed:
    """A model by name. present: its checkpoint is on this machine.

    pinned: the SHA-256 it is held to, in hex; None before its first use.
    """

    name: str
    about: str
    path: Path
    present: bool
    pinned: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A checkpoint whose bytes are what they should be. first_use: it had no pin before."""

    model: str
    path: Path
    sha256: str
    size: int
    first_use: bool


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint's content, checked and loaded, in the terms of Detoxify's format.

    architecture: the transformers class of the model; tokenizer: that of its tokenizer.
    classes: what each output stands for, under the names it was trained with.
    folder: where the model's configuration and tokenizer are.
    """

    model: str
    architecture: str
    tokenizer: str
    outputs: int
    classes: tuple[str, ...]
    weights: Mapping[str, torch.Tensor]
    folder: Path


class _Arguments(msgspec.Struct):
    # Detoxify looks these names up in transformers: admit models and tokenizers only.
    model_type: str
    model_name: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9]+ForSequenceClassification$")]
    tokenizer_name: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9]+Tokenizer(Fast)?$")]
    num_classes: Annotated[int, msgspec.Meta(ge=1)]


class _Architecture(msgspec.Struct):
    args: _Arguments


class _Classes(msgspec.Struct):
    classes: list[str]


class _Dataset(msgspec.Struct):
    args: _Classes


class _Config(msgspec.Struct):
    arch: _Architecture
    dataset: _Dataset


def catalogue(data_dir: Path) -> tuple[Listed, ...]:
    """The models that have a name, the bundled one first. Nothing is downloaded or hashed."""
    pins = Pins(data_dir / MODELS_FOLDER).all()
    bundled = MINI_FOLDER / "mini.ckpt"
    about = "bundled with Aman: small, English, for trying out"
    listed = [Listed(MINI, about, bundled, bundled.is_file(), _sums().get(bundled.name))]
    for name, published in PUBLISHED.items():
        path = _path(published, data_dir)
        listed.append(Listed(name, published.about, path, path.is_file(), pins.get(name)))
    return tuple(listed)


def fetch(model: str, data_dir: Path) -> Verified:
    """Bring a model to this machine, checkpoint and tokenizer, so that it runs offline.

    What is here already is checked and not downloaded again. Raises CannotStart.
    """
    verified, _ = _brought(model, data_dir, None)
    return verified


def bring(model: str, data_dir: Path) -> Verified:
    """Bring a checkpoint to this machine and check its bytes, without looking into it; so it is
    not pinned yet. Raises CannotStart.
    """
    path = _located(model, data_dir)
    with _opened(model, path) as file:
        return _verified(model, path, file, data_dir)


def verify(model: str, data_dir: Path, config_path: Path | None) -> Verified:
    """Check a model's bytes: the bundled one against its sums, a published one against the hash
    in its name, and all but the bundled one against its pin. What has no pin yet is looked into,
    and pinned when it is a checkpoint.

    Raises CannotStart when it is absent, or not what it should be, or its tokenizer's folder is.
    """
    path = _locate(model, data_dir)
    with _opened(model, path) as file:
        verified = _verified(model, path, file, data_dir)
        tokenizer_folder(model, config_path)
        if verified.first_use:
            _shaped(path, _unpickled(path, file))
            pin(verified, data_dir)
    return verified


def pin(verified: Verified, data_dir: Path) -> None:
    """Hold a checkpoint that could be used to its bytes, from now on.

    Never before it was: half a copy would be pinned, and the whole one refused ever after.
    """
    if verified.model != MINI:
        Pins(data_dir / MODELS_FOLDER).hold(_key(verified.model, verified.path), verified.sha256)


def tokenizer_folder(model: str, config_path: Path | None) -> Path | None:
    """Where a model's tokenizer and configuration are; None for those of the Hugging Face hub.

    Raises CannotStart where `config_path` is no such folder.
    """
    if model == MINI:
        return MINI_FOLDER / "tokenizer"
    if config_path is None:
        return None
    folder = config_path.expanduser()
    if not (folder / "config.json").is_file():
        raise CannotStart(f"DETOXIFY_CONFIG_PATH={config_path}: no folder with a config.json")
    return folder.resolve()


def load(model: str, data_dir: Path, config_path: Path | None) -> Checkpoint:
    """A model's content; a published one is downloaded if it is absent.

    model: a name, or the path of a checkpoint.
    config_path: folder with its tokenizer and config; None: the bundled one's own, or that of
        the model it was trained from, from the Hugging Face hub.
    Raises CannotStart with what to mend.
    """
    _, checkpoint = _brought(model, data_dir, config_path)
    return checkpoint


def _brought(model: str, data_dir: Path, config_path: Path | None) -> tuple[Verified, Checkpoint]:
    path = _located(model, data_dir)
    with _opened(model, path) as file:
        verified = _verified(model, path, file, data_dir)
        folder = tokenizer_folder(model, config_path)
        config, weights = _shaped(path, _unpickled(path, file))
    pin(verified, data_dir)
    arguments = config.arch.args
    checkpoint = Checkpoint(
        model=model,
        architecture=arguments.model_name,
        tokenizer=arguments.tokenizer_name,
        outputs=arguments.num_classes,
        classes=tuple(config.dataset.args.classes),
        weights=weights,
        folder=folder or config_folder(arguments.model_type, data_dir / MODELS_FOLDER / "hub"),
    )
    return verified, checkpoint


def _path(published: Published, data_dir: Path) -> Path:
    return data_dir / MODELS_FOLDER / published.file_name


def _located(model: str, data_dir: Path) -> Path:
    """Where a model's checkpoint is, after it was downloaded if it is a published one."""
    path = _locate(model, data_dir)
    if (published := PUBLISHED.get(model)) is not None and not path.exists():
        from bot.scoring.download import download  # its HTTP client delays a start

        download(published.url, path, published.hash_prefix)
    return path


def _locate(model: str, data_dir: Path) -> Path:
    if model == MINI:
        return MINI_FOLDER / "mini.ckpt"
    if (published := PUBLISHED.get(model)) is not None:
        return _path(published, data_dir)
    path = Path(model).expanduser()
    if not path.is_file():
        names = ", ".join([MINI, *PUBLISHED])
        raise CannotStart(f"DETOXIFY_MODEL={model}: neither a model ({names}) nor a file")
    return path.resolve()


def _opened(model: str, path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError as exc:
        mend = f"run `aman model fetch {model}`" if model in PUBLISHED else "reinstall Aman"
        raise CannotStart(f"model {model}: {path} is absent; {mend}") from exc
    except OSError as exc:
        raise CannotStart(f"model {model}: {path} cannot be read: {exc.strerror}") from exc


def _verified(model: str, path: Path, file: io.BufferedReader, data_dir: Path) -> Verified:
    digest = sha256_of(file)
    first_use = False
    if model == MINI:
        _hold_to_sums(digest)
    else:
        published = PUBLISHED.get(model)
        if published is not None and not digest.startswith(published.hash_prefix):
            raise CannotStart(
                f"model {model}: {path} is not the published file (SHA-256 {digest[:12]}…, its "
                f"name says {published.hash_prefix}…). Delete it and fetch it again"
            )
        first_use = not Pins(data_dir / MODELS_FOLDER).check(_key(model, path), digest)
    return Verified(model, path, digest, path.stat().st_size, first_use)


def _key(model: str, path: Path) -> str:
    return model if model in PUBLISHED else str(path)


def _sums() -> dict[str, str]:
    """What `mini.sha256` states, by file name; the form is sha256sum's."""
    try:
        lines = (MINI_FOLDER / "mini.sha256").read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {name.lstrip("*"): digest for digest, name in pairs}


def _hold_to_sums(digest: str) -> None:
    if _sums().get("mini.ckpt") != digest:
        raise CannotStart(
            f"model mini: {MINI_FOLDER / 'mini.ckpt'} is not the file that mini.sha256 beside it "
            "names; restore both from the repository"
        )


def _unpickled(path: Path, file: io.BufferedReader) -> Any:
    prepare_libraries()
    import torch

    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as exc:
        raise CannotStart(
            f"{path} holds more than weights and plain values, or is no checkpoint at all. "
            "Nothing in it was run. Save it again as a state_dict and a config of plain values"
        ) from exc
    except Exception as exc:  # torch has no error of its own for a file that is cut or garbled
        raise CannotStart(
            f"{path} is no readable checkpoint ({type(exc).__name__}): copy or fetch it again"
        ) from exc


def _shaped(path: Path, loaded: Any) -> tuple[_Config, Mapping[str, torch.Tensor]]:
    import torch

    if not isinstance(loaded, dict) or not {"config", "state_dict"} <= loaded.keys():
        raise CannotStart(f"{path} is not in Detoxify's format: it needs config and state_dict")
    try:
        config = msgspec.convert(loaded["config"], _Config)
    except msgspec.ValidationError as exc:
        raise CannotStart(f"{path} is not in Detoxify's format: its config: {exc}") from exc
    weights = loaded["state_dict"]
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise CannotStart(f"{path} is not in Detoxify's format: its state_dict is not tensors")
    return config, weights
