"""A sentence sent as several messages is read as one in a history, too, as it is live."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.judging import Judgement
from bot.domain.policy import Action
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.replay import run
from bot.replay.export import open_export
from bot.replay.run import replay
from tests.factories import NOW, a_policy
from tests.factories.exports import a_file

THREAT = "you will not live long"


class Threats:
    """Finds one threat, and only where all of it stands together."""

    model = "threats"

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        return [Scores({Label.TOXICITY: 0.99 if THREAT in text else 0.01}) for text in texts]


def history(folder: Path, *said: tuple[str, int, str], dated: bool = True) -> Path:
    """Who said what after how many seconds."""
    rows = ["AuthorID,Author,Date,Content"]
    for who, seconds, text in said:
        at = (NOW + timedelta(seconds=seconds)).isoformat() if dated else ""
        rows.append(f"{who},{who},{at},{text}")
    return a_file(folder, "chat.csv", "\n".join(rows) + "\n")


async def verdicts(path: Path) -> list[tuple[str, Action, str]]:
    """What was judged more than allowed: the text, the verdict and its reason."""
    judged: list[Judgement] = []
    await replay(open_export(path), Threats(), a_policy(), on_decision=judged.append)
    return [
        (each.message.text, each.verdict.action, each.verdict.reason)
        for each in judged
        if each.verdict is not None and not each.allowed
    ]


@pytest.mark.parametrize("chunk", [1, 2, 512])
async def test_a_sentence_in_pieces_is_judged_where_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(run, "CHUNK", chunk)
    path = history(
        tmp_path,
        ("7", 0, "you will"),
        ("8", 1, "lovely day"),
        ("7", 3, "not live long"),
        ("7", 5, "good night"),
    )
    [(text, action, reason)] = await verdicts(path)
    assert (text, action) == (THREAT, Action.HIDE)
    assert reason.endswith("read as one from 2 messages")


@pytest.mark.parametrize(
    "said",
    [
        [("7", 0, "you will"), ("8", 1, "not live long")],
        [("7", 0, "you will"), ("7", 16, "not live long")],
    ],
)
async def test_what_others_say_or_what_comes_later_is_no_part_of_it(
    tmp_path: Path, said: list[tuple[str, int, str]]
) -> None:
    assert await verdicts(history(tmp_path, *said)) == []


async def test_people_whom_an_export_does_not_name_share_no_sentence(tmp_path: Path) -> None:
    path = history(tmp_path, ("", 0, "you will"), ("", 1, "not live long"))
    assert await verdicts(path) == []


async def test_without_times_nobody_knows_what_belongs_together(tmp_path: Path) -> None:
    path = history(tmp_path, ("7", 0, "you will"), ("7", 1, "not live long"), dated=False)
    assert await verdicts(path) == []
