"""Real chat without labels: how much of it a policy would stop, and what that is."""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.quality.figures import Rating
from bot.domain.policy import Action, Policy
from bot.domain.scores import Scores
from bot.domain.signals import Scored
from config.policies import preset
from models.data import hash_share, read_irc, split

PRESETS = ("lenient", "balanced", "strict")


@dataclass(frozen=True, slots=True)
class Stopped:
    """Shares of different messages that a preset reviews (or hides), and hides; 0.0 to 1.0."""

    chat: str
    count: int
    preset: str
    reviewed: float
    hidden: float


def chats(data: Path, most: int) -> Mapping[str, Sequence[str]]:
    """Different messages of each chat. Of Ubuntu IRC only logs that training kept back."""
    said = {
        "Ubuntu IRC, kept back": (row.text for row in split(read_irc(data)).dev),
        "Discord": _discord(data / "chats"),
        "Twitch": _twitch(data / "chats"),
    }
    return {name: _drawn(texts, most) for name, texts in said.items()}


def stopped(chat: str, scores: Sequence[Rating]) -> list[Stopped]:
    """What each preset would do with a chat."""
    found = []
    for name in PRESETS:
        policy = preset(name)
        actions = [_action(each, policy) for each in scores]
        count = len(actions)
        hidden = actions.count(Action.HIDE)
        reviewed = hidden + actions.count(Action.REVIEW)
        found.append(Stopped(chat, count, name, reviewed / count, hidden / count))
    return found


def to_read(texts: Sequence[str], scores: Sequence[Rating], count: int) -> list[str]:
    """Messages that `balanced` stops, for somebody to read and count those that are clean."""
    policy = preset("balanced")
    kept = [
        text
        for text, each in zip(texts, scores, strict=True)
        if _action(each, policy) is not Action.ALLOW
    ]
    return kept[:count]


def _action(scores: Rating, policy: Policy) -> Action:
    return policy.judge([Scored(Scores(scores), "")]).action


def _drawn(texts: Iterable[str], most: int) -> list[str]:
    different = {text.strip() for text in texts} - {""}
    return sorted(different, key=hash_share)[:most]


def _discord(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("discord_komodo_csv__*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.name.endswith(".csv") else None
                if file is not None:
                    text = io.StringIO(file.read().decode("utf-8-sig", "replace"), newline="")
                    for record in csv.DictReader(text, delimiter=";"):
                        yield record.get("Content") or ""


def _twitch(folder: Path) -> Iterator[str]:
    [path] = folder.glob("twitch_*.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = {"text", "message", "body", "content", "comment"}
        [column] = columns & set(reader.fieldnames or ())
        for record in reader:
            yield record[column]
