from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import CannotStart
from bot.scoring import checkpoints
from bot.scoring.checkpoints import bring, catalogue, fetch, load, verify
from bot.scoring.conversion import converted
from bot.scoring.models import PUBLISHED, Published
from bot.scoring.pins import Pins
from tests.factories.checkpoints import TinyCheckpoint, a_checkpoint
from tests.fakes.file_server import FileServer, file_server


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyCheckpoint:
    return a_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def a_copy(tiny: TinyCheckpoint, tmp_path: Path) -> Path:
    copy = tmp_path / "copy.ckpt"
    copy.write_bytes(tiny.path.read_bytes())
    return copy


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------- a checkpoint by its path


def test_a_checkpoint_is_loaded_in_the_terms_of_detoxify(
    tiny: TinyCheckpoint, tmp_path: Path
) -> None:
    loaded = load(str(tiny.path), tmp_path, tiny.folder)
    assert loaded.architecture == "BertForSequenceClassification"
    assert loaded.tokenizer == "BertTokenizer"
    assert loaded.classes[0] == "toxicity"
    assert "classifier.weight" in loaded.weights
    assert loaded.folder == tiny.folder


def test_its_hash_is_pinned_at_first_use_and_holds_ever_after(
    tiny: TinyCheckpoint, a_copy: Path, tmp_path: Path
) -> None:
    first, again = (verify(str(a_copy), tmp_path, tiny.folder) for _ in range(2))
    assert (first.first_use, again.first_use) == (True, False)
    assert first.sha256 == sha256(a_copy)
    with a_copy.open("ab") as file:
        file.write(b"one byte more")
    for use in (verify, load):
        with pytest.raises(CannotStart, match="changed since it was first used"):
            use(str(a_copy), tmp_path, None)


def test_a_relative_path_and_its_full_one_share_a_pin(
    a_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(str(a_copy), tmp_path / "data", None)
    monkeypatch.chdir(tmp_path)
    assert not verify("copy.ckpt", tmp_path / "data", None).first_use


class Runs:
    """Pickled, it runs a command wherever it is unpickled without care."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "it-ran"

    def change(saved: dict[str, Any]) -> None:
        saved["config"]["payload"] = Runs(f"touch {witness}")

    evil = a_checkpoint(tmp_path, change=change)
    with pytest.raises(CannotStart, match="Nothing in it was run"):
        load(str(evil.path), tmp_path, evil.folder)
    assert not witness.exists()


def test_no_byte_is_unpickled_before_the_hash_is_checked(
    a_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(str(a_copy), tmp_path, None)
    a_copy.write_bytes(a_copy.read_bytes() + b"x")
    monkeypatch.setattr(checkpoints, "_unpickled", lambda *_: pytest.fail("was unpickled"))
    for use in (verify, load):
        with pytest.raises(CannotStart, match="changed"):
            use(str(a_copy), tmp_path, None)


def lacks_config(saved: dict[str, Any]) -> None:
    del saved["config"]


def lacks_classes(saved: dict[str, Any]) -> None:
    del saved["config"]["dataset"]["args"]["classes"]


def names_something_else(saved: dict[str, Any]) -> None:
    saved["config"]["arch"]["args"]["model_name"] = "pipeline"


def has_text_for_weights(saved: dict[str, Any]) -> None:
    saved["state_dict"] = {"classifier.weight": "0.5"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lacks_config, "needs config and state_dict"),
        (lacks_classes, "missing required field `classes`"),
        (names_something_else, "model_name"),
        (has_text_for_weights, "state_dict is not tensors"),
        (lambda saved: saved["state_dict"], "needs config and state_dict"),
        (lambda saved: [1, 2], "needs config and state_dict"),
    ],
)
def test_what_is_not_in_detoxifys_format_is_refused_by_name(
    tmp_path: Path, change: Any, sentence: str
) -> None:
    odd = a_checkpoint(tmp_path, change=change)
    with pytest.raises(CannotStart, match=sentence):
        load(str(odd.path), tmp_path, odd.folder)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x02.", b"PK\x03\x04cut"])
def test_garbage_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "garbage.ckpt"
    path.write_bytes(content)
    with pytest.raises(CannotStart, match=r"garbage\.ckpt") as said:
        load(str(path), tmp_path, None)
    assert "\n" not in str(said.value)


def test_a_checkpoint_that_was_cut_off_is_no_checkpoint_and_its_whole_copy_is_one(
    tiny: TinyCheckpoint, a_copy: Path, tmp_path: Path
) -> None:
    whole = a_copy.read_bytes()
    a_copy.write_bytes(whole[:-1000])
    for use in (verify, load):
        with pytest.raises(CannotStart, match=r"no readable checkpoint .* copy or fetch it again"):
            use(str(a_copy), tmp_path, tiny.folder)
    bring(str(a_copy), tmp_path)
    a_copy.write_bytes(whole)
    assert load(str(a_copy), tmp_path, tiny.folder).folder == tiny.folder
    assert not verify(str(a_copy), tmp_path, tiny.folder).first_use


def test_a_name_that_is_neither_model_nor_file_is_told_the_names(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="mini, original, unbiased, multilingual"):
        load("unbaised", tmp_path, None)


@pytest.mark.parametrize("use", [verify, load, converted])
def test_a_config_folder_without_config_is_named(
    tiny: TinyCheckpoint, tmp_path: Path, use: Callable[[str, Path, Path], object]
) -> None:
    with pytest.raises(CannotStart, match=r"DETOXIFY_CONFIG_PATH=.*no folder with a config\.json"):
        use(str(tiny.path), tmp_path, tmp_path / "nowhere")


# ---------------------------------------------------------------- the bundled model


@pytest.fixture
def bundled(tiny: TinyCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mini"
    folder.mkdir()
    (folder / "mini.ckpt").write_bytes(tiny.path.read_bytes())
    (folder / "tokenizer").symlink_to(tiny.folder)
    (folder / "mini.sha256").write_text(f"{sha256(tiny.path)}  mini.ckpt\n")
    monkeypatch.setattr(checkpoints, "MINI_FOLDER", folder)
    return folder


def test_the_bundled_model_is_held_to_the_sums_beside_it(bundled: Path, tmp_path: Path) -> None:
    assert load("mini", tmp_path, None).folder == bundled / "tokenizer"
    with (bundled / "mini.ckpt").open("ab") as file:
        file.write(b"x")
    with pytest.raises(CannotStart, match="restore both"):
        load("mini", tmp_path, None)


def test_the_bundled_model_without_its_sums_is_not_loaded(bundled: Path, tmp_path: Path) -> None:
    (bundled / "mini.sha256").unlink()
    with pytest.raises(CannotStart, match=r"mini\.sha256"):
        load("mini", tmp_path, None)


def test_the_bundled_model_that_is_absent_is_missed_with_a_sentence(
    bundled: Path, tmp_path: Path
) -> None:
    (bundled / "mini.ckpt").unlink()
    with pytest.raises(CannotStart, match="reinstall"):
        load("mini", tmp_path, None)


def test_the_bundled_model_needs_no_pin(bundled: Path, tmp_path: Path) -> None:
    assert not verify("mini", tmp_path, tmp_path / "of another model").first_use
    assert Pins(tmp_path / "models").all() == {}


# ---------------------------------------------------------------- the published models


def test_the_published_models_are_those_that_detoxify_knows() -> None:
    from detoxify.detoxify import MODEL_URLS

    assert {each.name: each.url for each in PUBLISHED.values()} == MODEL_URLS
    assert PUBLISHED["unbiased"].hash_prefix == "c7548aa0"


@pytest.fixture
def published(
    tiny: TinyCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[FileServer, Published]]:
    with file_server() as server:
        name = f"/small-{sha256(tiny.path)[:8]}.ckpt"
        server.files[name] = tiny.path.read_bytes()
        each = Published("small", server.url + name, "a small one")
        monkeypatch.setattr(checkpoints, "PUBLISHED", {"small": each})
        monkeypatch.setattr(checkpoints, "config_folder", lambda *_: tiny.folder)
        yield server, each


def test_a_published_model_is_downloaded_once_checked_and_pinned(
    published: tuple[FileServer, Published], tmp_path: Path
) -> None:
    server, each = published
    [_, before] = catalogue(tmp_path)
    assert (before.present, before.pinned) == (False, None)
    first, again = fetch("small", tmp_path), fetch("small", tmp_path)
    assert (first.first_use, again.first_use) == (True, False)
    assert first.path == tmp_path / "models" / each.file_name
    assert len(server.asked) == 1
    [_, after] = catalogue(tmp_path)
    assert (after.present, after.pinned) == (True, first.sha256)
    assert json.loads((tmp_path / "models" / "pins.json").read_text()) == {"small": first.sha256}


def test_a_published_model_that_was_changed_on_disk_is_refused(
    published: tuple[FileServer, Published], tmp_path: Path
) -> None:
    path = fetch("small", tmp_path).path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CannotStart, match="not the published file"):
        load("small", tmp_path, None)


def test_a_pin_holds_where_the_published_prefix_would_not_notice(
    published: tuple[FileServer, Published], tmp_path: Path
) -> None:
    path = fetch("small", tmp_path).path
    forged = sha256(path)[:8] + "0" * 56
    (tmp_path / "models" / "pins.json").write_text(json.dumps({"small": forged}))
    with pytest.raises(CannotStart, match="changed since"):
        load("small", tmp_path, None)


def test_a_published_model_that_is_not_here_yet_cannot_be_verified(
    published: tuple[FileServer, Published], tmp_path: Path
) -> None:
    with pytest.raises(CannotStart, match="aman model fetch small"):
        verify("small", tmp_path, None)


def test_the_tokenizer_of_a_published_model_can_come_from_a_folder_of_the_operators(
    published: tuple[FileServer, Published], tiny: TinyCheckpoint, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.symlink_to(tiny.folder)
    assert load("small", tmp_path, folder).folder == tiny.folder


# ---------------------------------------------------------------- the pin file


def test_a_pin_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pins.json").write_text("{")
    with pytest.raises(CannotStart, match="restore it from a backup"):
        Pins(tmp_path).all()


def test_a_data_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"pins\.json"):
        Pins(tmp_path / "file").hold("a", "0" * 64)


def test_pins_of_several_models_stand_side_by_side(tmp_path: Path) -> None:
    for name in ("b", "a"):
        assert not Pins(tmp_path).check(name, name * 64)
        Pins(tmp_path).hold(name, name * 64)
        assert Pins(tmp_path).check(name, name * 64)
    assert Pins(tmp_path).all() == {"a": "a" * 64, "b": "b" * 64}
