"""The language identifier from files: it says what the library's own does, whatever the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.scoring.languages import open_identifier

TEXTS = (
    "good morning, how are you all today?",
    "du bist so ein Vollidiot, geh nach Hause",
    "eres un idiota y nadie te quiere aquí",
    "ты идиот",
    "तुम बहुत बुरे हो",
    "12345",
    "",
)


@pytest.fixture(scope="module")
def own() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def same(one: LanguageIdentifier, other: LanguageIdentifier) -> bool:
    return all(one.rank(text) == other.rank(text) for text in TEXTS)


def test_it_says_what_the_librarys_own_says_when_unpacked_and_when_found(
    tmp_path: Path, own: LanguageIdentifier
) -> None:
    assert same(open_identifier(tmp_path), own)
    [folder] = tmp_path.iterdir()
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert same(open_identifier(tmp_path), own)
    assert made == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("keep", [0, 100, 1_000_000])
def test_tables_that_are_cut_off_are_made_anew(
    tmp_path: Path, own: LanguageIdentifier, keep: int
) -> None:
    open_identifier(tmp_path)
    [folder] = tmp_path.iterdir()
    moves = folder / "moves.npy"
    whole = moves.stat().st_size
    with moves.open("r+b") as file:
        file.truncate(keep)
    assert same(open_identifier(tmp_path), own)
    assert moves.stat().st_size == whole
    assert [*tmp_path.iterdir()] == [folder]


def test_a_missing_table_is_made_anew(tmp_path: Path, own: LanguageIdentifier) -> None:
    open_identifier(tmp_path)
    [folder] = tmp_path.iterdir()
    (folder / "ptc.npy").unlink()
    assert same(open_identifier(tmp_path), own)


def test_where_tables_cannot_be_kept_they_stay_in_memory(
    tmp_path: Path, own: LanguageIdentifier
) -> None:
    taken = tmp_path / "file"
    taken.write_text("no folder")
    assert same(open_identifier(taken), own)


def test_tables_go_on_being_read_after_others_have_replaced_them(
    tmp_path: Path, own: LanguageIdentifier
) -> None:
    opened = open_identifier(tmp_path)
    shutil.rmtree(tmp_path)
    assert same(opened, own)
