from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import tenacity

from bot.domain.errors import CannotStart
from bot.scoring.download import ATTEMPTS, download
from tests.fakes.file_server import FileServer, file_server

CONTENT = random.Random(1).randbytes(300_000)
PREFIX = hashlib.sha256(CONTENT).hexdigest()[:8]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda _: None)
    with file_server() as served:
        served.files["/model.ckpt"] = CONTENT
        yield served


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "models" / "model.ckpt"


def part(to: Path) -> Path:
    return to.with_name(to.name + ".part")


def test_a_file_comes_whole_and_leaves_nothing_beside_it(server: FileServer, to: Path) -> None:
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT
    assert not part(to).exists()


def test_a_file_that_is_here_is_not_asked_for(server: FileServer, to: Path) -> None:
    download(server.url + "/model.ckpt", to, PREFIX)
    download(server.url + "/model.ckpt", to, PREFIX)
    assert len(server.asked) == 1


def test_the_progress_is_told_on_standard_error(
    server: FileServer, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    download(server.url + "/model.ckpt", to, PREFIX)
    said = capsys.readouterr()
    assert "model.ckpt" in said.err
    assert said.out == ""


def test_a_cut_connection_is_continued_where_it_stopped(server: FileServer, to: Path) -> None:
    server.cuts = [100_000, 50_000]
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-", "bytes=150000-"]


def test_what_came_is_kept_for_the_next_time(server: FileServer, to: Path) -> None:
    server.cuts = [10_000] * ATTEMPTS
    with pytest.raises(CannotStart, match="continues where it stopped"):
        download(server.url + "/model.ckpt", to, PREFIX)
    assert not to.exists()
    assert part(to).stat().st_size == 10_000 * ATTEMPTS
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT


def test_a_server_without_ranges_is_asked_for_the_whole_again(server: FileServer, to: Path) -> None:
    server.cuts = [100_000]
    server.ignores_range = True
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT


def test_a_part_that_is_whole_already_only_gets_its_name(server: FileServer, to: Path) -> None:
    to.parent.mkdir()
    part(to).write_bytes(CONTENT)
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT


def test_a_server_that_falters_is_asked_again(server: FileServer, to: Path) -> None:
    server.fails = 2
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT


def test_the_wrong_content_is_refused_and_deleted(server: FileServer, to: Path) -> None:
    with pytest.raises(CannotStart, match="not the published file"):
        download(server.url + "/model.ckpt", to, "00000000")
    assert list(to.parent.glob("model*")) == []


def test_a_part_of_another_file_is_deleted_so_that_the_next_try_can_succeed(
    server: FileServer, to: Path
) -> None:
    to.parent.mkdir()
    part(to).write_bytes(b"something else")
    with pytest.raises(CannotStart, match="Try again"):
        download(server.url + "/model.ckpt", to, PREFIX)
    download(server.url + "/model.ckpt", to, PREFIX)
    assert to.read_bytes() == CONTENT


def test_a_file_that_the_server_lacks_is_not_asked_for_again(server: FileServer, to: Path) -> None:
    with pytest.raises(CannotStart, match="404"):
        download(server.url + "/other.ckpt", to, PREFIX)
    assert len(server.asked) == 1


def test_offline_the_error_says_what_to_do_in_one_line(server: FileServer, to: Path) -> None:
    closed = "http://127.0.0.1:9/model.ckpt"  # the port of "discard": nothing listens
    with pytest.raises(CannotStart, match="DETOXIFY_MODEL=mini") as said:
        download(closed, to, PREFIX)
    assert "\n" not in str(said.value)
    assert not to.exists()


def test_a_folder_that_cannot_be_written_is_named(server: FileServer, tmp_path: Path) -> None:
    in_the_way = tmp_path / "models"
    in_the_way.write_text("a file where the folder should be")
    with pytest.raises(CannotStart, match="cannot be written"):
        download(server.url + "/model.ckpt", in_the_way / "model.ckpt", PREFIX)


def test_a_full_disk_is_an_error_that_says_so(
    server: FileServer, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full, a device that is always full")
    to.parent.mkdir()
    part(to).symlink_to("/dev/full")
    with pytest.raises(CannotStart, match="No space left"):
        download(server.url + "/model.ckpt", to, PREFIX)
