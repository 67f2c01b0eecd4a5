import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.errors import InvalidValue, ScorerUnavailable
from bot.domain.judging import Judgement, judge_all
from bot.domain.policy import Action, Exemptions, Mode
from bot.domain.ports import Lane
from bot.domain.scores import Label
from bot.domain.terms import Term
from bot.replay.decisions import decisions_file
from bot.replay.export import open_export
from bot.replay.output import output_file
from bot.replay.run import CHUNK, Progress, replay
from tests.factories import a_policy
from tests.factories.exports import (
    Gauge,
    a_discord_channel,
    a_discord_message,
    a_file,
    a_json,
    a_tar,
    a_telegram_chat,
    a_telegram_message,
    messages,
)


def lines(folder: Path, *texts: str) -> Path:
    return a_file(
        folder, "chat.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts)
    )


async def test_a_replay_counts_what_the_policy_would_have_done(tmp_path):
    path = lines(tmp_path, "hello", "rotten 0.6", "rotten 0.95", "rotten 0.95 again", " ")
    summary = await replay(open_export(path), Gauge(), a_policy())
    assert (summary.messages, summary.scored, summary.skipped) == (5, 4, 1)
    assert (summary.allowed, summary.review, summary.hidden) == (1, 1, 2)
    assert summary.skipped_why == {"no text": 1}
    assert summary.labels[Label.TOXICITY].over_review == 3
    assert summary.labels[Label.TOXICITY].over_hide == 2
    assert summary.undated == 4


async def test_the_json_has_the_figures_of_the_contract_and_no_text(tmp_path):
    path = lines(tmp_path, "hello", "rotten 0.95 secret")
    summary = await replay(open_export(path), Gauge(), a_policy())
    figures = json.loads(json.dumps(summary.as_json()))
    assert list(figures) == [
        "messages", "scored", "skipped", "allowed", "review", "hidden", "seconds",
        "messages_per_second", "labels",
    ]  # fmt: skip
    assert figures["labels"]["toxicity"]["over_hide"] == 1
    assert figures["labels"]["toxicity"]["max"] == 0.95
    assert figures["messages_per_second"] > 0
    assert "secret" not in json.dumps(figures)


async def test_a_replay_judges_as_live_messages_are_judged(tmp_path):
    texts = [f"rotten {number / 40:.3f} weeds" for number in range(40)] + ["dear weeds", "a friend"]
    path = lines(tmp_path, *texts)
    policy = a_policy(deny=(Term("friend", hide=True),), allow=(Term("rotten 0.975"),))
    replayed: list[Judgement] = []
    await replay(open_export(path), Gauge(), policy, on_decision=replayed.append)
    assert replayed == await judge_all(messages(path), policy, Gauge())


async def test_bots_service_messages_and_the_exempt_are_skipped_with_their_reasons(tmp_path):
    bot = {"id": "1", "name": "helper", "isBot": True}
    path = a_json(
        tmp_path,
        a_discord_channel(
            a_discord_message("1"),
            a_discord_message("2", author=bot),
            a_discord_message("3", type="ChannelPinnedMessage"),
            a_discord_message("4", content=""),
            a_discord_message("5", author={"id": "9", "name": "lead", "roles": [{"id": "admin"}]}),
        ),
    )
    scorer = Gauge()
    summary = await replay(open_export(path), scorer, a_policy())
    assert summary.skipped_why == {
        "service message": 1,
        "author is a bot": 1,
        "no text": 1,
        "role admin is exempt": 1,
    }
    assert (summary.messages, summary.scored) == (5, 1)
    assert scorer.scored == ["hello"]


async def test_members_are_exempt_under_the_ids_that_a_live_bot_sees(tmp_path):
    path = a_json(tmp_path, a_telegram_chat(a_telegram_message(text="rotten 0.99")))
    policy = a_policy(exemptions=Exemptions(members=frozenset({"101"})))
    summary = await replay(open_export(path), Gauge(), policy)
    assert summary.skipped_why == {"member is exempt": 1}


async def test_observing_and_acting_policies_would_do_the_same(tmp_path):
    path = lines(tmp_path, "rotten 0.95")
    for mode in Mode:
        summary = await replay(open_export(path), Gauge(), a_policy(mode=mode))
        assert summary.hidden == 1


async def test_what_was_read_before_a_fault_counts_and_the_fault_is_said(tmp_path):
    whole = json.dumps(a_telegram_chat(*(a_telegram_message(each) for each in range(9))))
    path = a_tar(tmp_path, {"a/result.json": whole[:-20], "b/result.json": whole})
    summary = await replay(open_export(path), Gauge(), a_policy())
    assert summary.scored == 8 + 9
    [fault] = summary.faults
    assert "a/result.json" in fault and "cut off" in fault


async def test_progress_ends_with_every_byte_read_and_every_message_counted(tmp_path):
    path = lines(tmp_path, *(f"word {number}" for number in range(3 * CHUNK)))
    told: list[Progress] = []
    await replay(open_export(path), Gauge(), a_policy(), on_progress=told.append)
    assert [each.messages for each in told] == [CHUNK, 2 * CHUNK, 3 * CHUNK]
    assert told[-1].read == told[-1].total == path.stat().st_size
    assert [each.read for each in told] == sorted(each.read for each in told)


async def test_a_folder_reports_progress_over_all_its_files(tmp_path):
    for number in range(3):
        lines(tmp_path / "e" / str(number), "one", "two")
    told: list[Progress] = []
    await replay(open_export(tmp_path / "e"), Gauge(), a_policy(), on_progress=told.append)
    assert told[-1].read == told[-1].total > 0
    assert told[-1].messages == 6


async def test_a_folder_of_several_formats_tells_them_all(tmp_path):
    a_json(tmp_path, a_discord_channel(a_discord_message()), "discord.json")
    lines(tmp_path, "good morning")
    a_json(tmp_path, a_telegram_chat(a_telegram_message()), "telegram.json")
    summary = await replay(open_export(tmp_path), Gauge(), a_policy())
    assert summary.messages == 3
    assert summary.format == "JSON lines and DiscordChatExporter JSON and Telegram Desktop JSON"


async def test_a_folder_is_called_by_its_name_from_within_it_too(tmp_path, monkeypatch):
    (tmp_path / "chat").mkdir()
    lines(tmp_path / "chat" / "1", "one")
    monkeypatch.chdir(tmp_path / "chat")
    assert open_export(Path()).name == "chat"


async def test_without_its_scorer_a_replay_fails_and_calls_nothing_clean(tmp_path):
    class Gone(Gauge):
        async def score(self, texts, *, lane=Lane.ORDINARY):
            raise ScorerUnavailable("gone")

    with pytest.raises(ScorerUnavailable):
        await replay(open_export(lines(tmp_path, "hello")), Gone(), a_policy())


async def test_an_export_can_be_replayed_again(tmp_path):
    export = open_export(lines(tmp_path, "hello", "rotten 0.9"))
    first = await replay(export, Gauge(), a_policy())
    again = await replay(export, Gauge(), a_policy())
    assert first.labels == again.labels and first.messages == again.messages


async def test_the_timeline_tells_what_was_hidden_when(tmp_path):
    calm = a_telegram_message(1)
    next_day = str(int(calm["date_unixtime"]) + int(timedelta(days=5).total_seconds()))
    rude = a_telegram_message(2, "rotten 0.95", date_unixtime=next_day)
    path = a_json(tmp_path, a_telegram_chat(calm, rude))
    summary = await replay(open_export(path), Gauge(), a_policy())
    assert [(bar.start.day, bar.messages, bar.hidden) for bar in summary.timeline] == [
        (1, 1, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (6, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("with_text", [False, True])
async def test_decisions_hold_a_verdict_a_line_and_the_text_only_on_request(tmp_path, with_text):
    out = tmp_path / "out.jsonl"
    path = lines(tmp_path, "hello", "", "rotten 0.95 \ud83d secret")
    with decisions_file(out, with_text=with_text) as decide:
        summary = await replay(open_export(path), Gauge(), a_policy(), on_decision=decide)
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert summary.scored == 2
    assert first["verdict"] == Action.ALLOW
    assert second["message_id"] == "chat.jsonl:3"
    assert second["verdict"] == "hide"
    assert second["reason"] == "toxicity 0.95, hidden from 0.90"
    assert second["scores"] == {"toxicity": 0.95, "threat": 0.02}
    assert ("text" in second) is with_text
    assert ("secret" in out.read_text("utf-8")) is with_text


def test_decisions_get_their_name_when_all_are_in_them(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("of the former run")
    with pytest.raises(RuntimeError), decisions_file(out, with_text=False):
        raise RuntimeError("stopped half-way")
    with decisions_file(out, with_text=False):
        assert out.read_text() == "of the former run"
    assert out.read_text() == ""
    assert list(tmp_path.iterdir()) == [out]


def test_an_output_behind_a_link_leaves_the_link_and_its_rights(tmp_path):
    out, link = tmp_path / "out.jsonl", tmp_path / "link"
    out.touch(0o600)
    link.symlink_to(out)
    with output_file(link) as write:
        write(b"new")
    assert link.is_symlink()
    assert out.read_bytes() == b"new"
    assert out.stat().st_mode & 0o777 == 0o600


def test_decisions_that_cannot_be_written_are_an_error_that_names_the_file(tmp_path):
    with (
        pytest.raises(InvalidValue, match=r"nowhere.*cannot be written: No such file"),
        decisions_file(tmp_path / "nowhere" / "out", with_text=False),
    ):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_full_disk_is_said(tmp_path):
    path = lines(tmp_path, *["hello"] * 999)
    with (
        pytest.raises(InvalidValue, match="No space left"),
        decisions_file(Path("/dev/full"), with_text=True) as decide,
    ):
        await replay(open_export(path), Gauge(), a_policy(), on_decision=decide)
