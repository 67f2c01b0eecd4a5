"""Real chat histories, in the forms in which admins have them, and one of no known end."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.messages import PartKind
from bot.replay.entries import Post
from bot.replay.export import open_export
from tests.factories.requirements import require, shared_data

CHATS = {
    "discord_komodo_csv__komodo-project__talk-general.tar.gz": 45_707,
    "discord_komodo_csv__community-lounge__talk-other-topics.tar.gz": 13_473,
    "discord_komodo_formats__talk-other-topics_csv.tar.gz": 1_200,
    "discord_komodo_formats__talk-other-topics_htmldark.tar.gz": 1_200,
    "discord_komodo_formats__talk-other-topics_plaintext.tar.gz": 1_200,
    "twitch_hasanabi_2022-11-17_comments.csv.gz": 84_669,
    # 230,267 lines of <nick>, 22 of them empty, 527 actions, 48 notices
    "irc_ubuntu_raw_logs.tar.gz": 230_842,
    "format_samples_chat-analytics_AGPL_synthetic.tar.gz": 5_497,
}


@pytest.mark.needs_data
@pytest.mark.parametrize(("name", "expected"), CHATS.items())
def test_a_real_history_is_read_to_its_last_message(name, expected):
    path = shared_data() / "chats" / name
    require(path, "needs the real chats beside the repository")
    export = open_export(path)
    found = Counter(type(entry).__name__ for entry in export.entries())
    assert found["Post"] + found["Skipped"] == expected
    assert found["Fault"] == 0
    assert export.source.read == export.source.total


@pytest.mark.needs_data
def test_a_history_as_web_pages_says_what_it_says_as_a_table():
    folder = shared_data() / "chats"
    require(folder, "needs the real chats beside the repository")
    page, table = (
        [entry.message for entry in open_export(path).entries() if isinstance(entry, Post)]
        for path in (
            folder / "discord_komodo_formats__talk-other-topics_htmldark.tar.gz",
            folder / "discord_komodo_formats__talk-other-topics_csv.tar.gz",
        )
    )
    for one, other in zip(page, table, strict=True):
        assert one.author.person.id == other.author.person.id
        assert one.posted_at.replace(second=0, microsecond=0) == other.posted_at
    same = [said(one) == said(other) for one, other in zip(page, table, strict=True)]
    assert sum(same) >= 0.98 * len(same)  # a page shows markup, a table writes its marks


def said(message):
    """What the author typed, without its spaces."""
    return " ".join(p.text for p in message.parts if p.kind is PartKind.TEXT).split()


@pytest.mark.needs_data
def test_the_same_history_says_the_same_in_two_forms():
    folder = shared_data() / "chats"
    require(folder, "needs the real chats beside the repository")
    table, plain = (
        [entry.message for entry in open_export(path).entries() if isinstance(entry, Post)]
        for path in (
            folder / "discord_komodo_formats__talk-other-topics_csv.tar.gz",
            folder / "discord_komodo_formats__talk-other-topics_plaintext.tar.gz",
        )
    )
    for one, other in zip(table, plain, strict=True):
        assert one.posted_at == other.posted_at
        assert one.author.person.name == other.author.person.name
    first_lines = [
        one.parts[0].text.split() == other.parts[0].text.split()
        for one, other in zip(table, plain, strict=True)
        if one.parts and other.parts
    ]
    assert sum(first_lines) / len(first_lines) > 0.99


# Replays an export in a process of its own; prints its peak memory in MiB, early and at the end.
MEASURED = """
import asyncio, resource, sys
from pathlib import Path
from bot.domain.ports import Lane
from bot.replay.export import open_export
from bot.replay.run import replay
from tests.factories import a_policy
from tests.factories.exports import Gauge

peaks = []

def peak(progress):
    if progress.messages >= 20_000 and not peaks:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)

class Forgetful(Gauge):
    async def score(self, texts, *, lane=Lane.ORDINARY):
        self.scored.clear()
        return await super().score(texts)

summary = asyncio.run(
    replay(open_export(Path(sys.argv[1])), Forgetful(), a_policy(), on_progress=peak)
)
print(summary.messages, peaks[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


def test_memory_does_not_grow_with_the_history(tmp_path):
    path = tmp_path / "result.json"
    start = datetime(2015, 1, 1, tzinfo=UTC)
    with path.open("w") as file:
        file.write('{"name": "Long", "type": "private_supergroup", "id": 5, "messages": [\n')
        for number in range(90_000):
            at = start + timedelta(minutes=43 * number)
            record = {
                "id": number,
                "type": "message",
                "date_unixtime": str(int(at.timestamp())),
                "from": f"member {number % 50_000}",
                "from_id": f"user{number % 50_000}",
                "text": f"rotten 0.{number % 100:02} and more {number}",
            }
            file.write(("," if number else "") + json.dumps(record) + "\n")
        file.write("]}")
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, path],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    messages, early, late = map(int, ran.stdout.split())
    assert messages == 90_000
    assert late - early < 16, "MiB; the export alone is 15, its messages held would be over 100"
