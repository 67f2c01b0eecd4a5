from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import CannotStart
from bot.scoring.libraries import prepare_libraries

prepare_libraries()
from huggingface_hub import constants  # noqa: E402

from bot.scoring.hub import config_folder  # noqa: E402
from tests.fakes.file_server import FileServer, file_server  # noqa: E402

COMMIT = "a" * 40
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "tokenizer.json": b"{}",
    "vocab.txt": b"hello",
    "model.safetensors": b"weights, which are not wanted",
    "README.md": b"words",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A loopback hub with one model."""
    with file_server() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            server.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        blobs = {name: hashlib.sha1(content).hexdigest() for name, content in FILES.items()}
        tree = [
            {"type": "file", "path": name, "size": len(content), "oid": blobs[name]}
            for name, content in FILES.items()
        ]
        model = {"id": "a-model", "sha": COMMIT, "siblings": [{"rfilename": n} for n in FILES]}
        server.files["/api/models/a-model/revision/main"] = json.dumps(model).encode()
        server.files[f"/api/models/a-model/tree/{COMMIT}"] = json.dumps(tree).encode()
        for name, content in FILES.items():
            path = f"/a-model/resolve/{COMMIT}/{name}"
            server.files[path] = content
            server.headers[path] = {"ETag": f'"{blobs[name]}"', "X-Repo-Commit": COMMIT}
        yield server


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_tokenizer_and_config_come_from_the_hub_without_the_weights(
    hub: FileServer, tmp_path: Path
) -> None:
    folder = config_folder("a-model", tmp_path)
    assert names(folder) == {"config.json", "tokenizer.json", "vocab.txt"}
    assert folder.is_relative_to(tmp_path)


def test_what_came_once_is_not_asked_for_again(hub: FileServer, tmp_path: Path) -> None:
    first = config_folder("a-model", tmp_path)
    hub.asked.clear()
    hub.files.clear()
    assert config_folder("a-model", tmp_path) == first
    assert hub.asked == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda hub: hub.files.clear(),
        lambda hub: hub.files.pop(f"/a-model/resolve/{COMMIT}/tokenizer.json"),
    ],
    ids=["no such model", "a file is missing"],
)
def test_a_hub_that_lacks_it_is_one_line_that_says_what_to_do(
    hub: FileServer, tmp_path: Path, spoil: object
) -> None:
    spoil(hub)  # type: ignore[operator]
    with pytest.raises(CannotStart, match="DETOXIFY_CONFIG_PATH") as said:
        config_folder("a-model", tmp_path)
    assert "\n" not in str(said.value)


def test_offline_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(CannotStart, match="Go online once"):
        config_folder("a-model", tmp_path)


def test_a_name_that_the_hub_cannot_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="HFValidationError"):
        config_folder("../../etc", tmp_path)
