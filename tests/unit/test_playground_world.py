"""The playground's platform: what people can do, and what a bot is offered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.playground.database import FILE_NAME
from bot.adapters.playground.errors import Forbidden, RightMissing, Unknown, Unusable
from bot.adapters.playground.world import SHOWN_AT_ONCE, SHOWN_OF_TEXT, State, World
from bot.domain.errors import CannotStart, PlatformError

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    world = World(tmp_path, clock)
    yield world
    world.close()


def only_post(world: World):
    [post] = world.view().posts
    return post


# ---------------------------------------------------------------- people


def test_a_new_world_has_members_an_admin_and_two_reviewers(world):
    roles = {member.name: member.role for member in world.view().members}
    assert roles["Asha"] == "member"
    assert roles["Priya"] == "admin"
    assert roles["Noor"] == roles["Sam"] == "reviewer"


def test_what_somebody_posts_stands_in_the_lobby(world):
    message_id = world.post("asha", "hello")
    post = only_post(world)
    assert (post.id, post.member, post.text, post.state) == (
        message_id,
        "asha",
        "hello",
        State.VISIBLE,
    )


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_message_is_refused_with_a_sentence(world, text):
    with pytest.raises(Unusable, match=r"playground\.empty"):
        world.post("asha", text)
    assert world.view().posts == []
    assert world.bot.updates(10) == []


def test_nobody_unknown_can_post(world):
    with pytest.raises(Unknown, match="unknown_member") as refused:
        world.post("mallory\ud800", "hello")
    assert refused.value.fields == {"who": "mallory\ufffd"}


def test_an_author_can_edit_and_each_edit_is_a_revision(world):
    message_id = world.post("asha", "hello")
    world.edit("asha", message_id, "hello all")
    post = only_post(world)
    assert (post.text, post.revision) == ("hello all", 1)
    assert [update.payload["revision"] for update in world.bot.updates(10)] == [0, 1]


def test_nobody_edits_or_deletes_somebody_elses_message(world):
    message_id = world.post("asha", "hello")
    with pytest.raises(Forbidden, match="not_the_author"):
        world.edit("ben", message_id, "goodbye")
    with pytest.raises(Forbidden, match="not_the_author"):
        world.delete("ben", message_id)
    assert only_post(world).text == "hello"


def test_a_message_taken_back_is_gone_and_its_text_with_it(world):
    message_id = world.post("asha", "hello")
    world.delete("asha", message_id)
    post = only_post(world)
    assert (post.state, post.text) == (State.DELETED, "")
    with pytest.raises(Unknown, match="unknown_message"):
        world.edit("asha", message_id, "again")


def test_the_text_of_a_hidden_message_reaches_nobody(world):
    message_id = world.post("asha", "hello")
    world.bot.hide("intent-1", message_id)
    post = only_post(world)
    assert (post.state, post.text, post.hidden_at) == (State.HIDDEN, "", START)
    with pytest.raises(Unknown):
        world.edit("asha", message_id, "around the bot")


def test_one_megabyte_is_taken_and_shown_in_part(world):
    world.post("asha", "a" * 1_000_000)
    post = only_post(world)
    assert len(post.text) == SHOWN_OF_TEXT
    assert post.left_out == 1_000_000 - SHOWN_OF_TEXT
    [update] = world.bot.updates(10)
    assert len(update.payload["text"]) == 1_000_000


@given(text=st.text(st.characters(), min_size=1).filter(str.strip))
def test_the_bot_is_given_every_character_as_it_was_sent(tmp_path_factory, text):
    world = World(tmp_path_factory.mktemp("world"), Clock())
    try:
        world.post("asha", text + "\ud800\x00")
        [update] = world.bot.updates(10)
        assert update.payload["text"] == text + "\ud800\x00"
        only_post(world).text.encode()
    finally:
        world.close()


# ---------------------------------------------------------------- what changed


def test_a_view_goes_on_where_the_last_one_ended(world):
    world.post("asha", "one")
    seen = world.view().change
    assert world.view(seen).posts == []
    second = world.post("ben", "two")
    assert [post.id for post in world.view(seen).posts] == [second]


def test_a_view_holds_the_newest_messages_oldest_first(world):
    ids = [world.post("asha", f"line {nth}") for nth in range(SHOWN_AT_ONCE + 3)]
    assert [post.id for post in world.view().posts] == ids[3:]


# ---------------------------------------------------------------- updates


def test_updates_stay_until_they_are_confirmed(world):
    for text in ("one", "two", "three"):
        world.post("asha", text)
    first, second, _ = world.bot.updates(10)
    world.bot.confirm(second.id)
    assert [update.payload["text"] for update in world.bot.updates(10)] == ["three"]
    assert first.id < second.id


def test_updates_come_oldest_first_and_no_more_than_asked(world):
    for text in ("one", "two", "three"):
        world.post("asha", text)
    assert [update.payload["text"] for update in world.bot.updates(2)] == ["one", "two"]


def test_a_deletion_by_its_author_is_no_update(world):
    message_id = world.post("asha", "hello")
    world.bot.confirm(world.bot.updates(1)[0].id)
    world.delete("asha", message_id)
    assert world.bot.updates(10) == []


# ---------------------------------------------------------------- what a bot can do


def test_the_same_key_is_applied_once_however_often_it_is_asked(world):
    message_id = world.post("asha", "hello")
    first = world.bot.hide("intent-1", message_id)
    world.bot.restore("intent-2", message_id)
    again = world.bot.hide("intent-1", message_id)
    assert first.done
    assert again.done
    assert only_post(world).state is State.VISIBLE
    assert [(each.kind, each.target, each.asked) for each in world.bot.applied()] == [
        ("hide", message_id, 2),
        ("restore", message_id, 1),
    ]


def test_a_card_asked_for_twice_is_posted_once(world):
    first = world.bot.post_card("intent-1", "review", '{"status": "open"}')
    again = world.bot.post_card("intent-1", "review", '{"status": "open"}')
    assert first.ref == again.ref
    assert len(world.view().cards) == 1


def test_hiding_what_is_gone_does_nothing(world):
    message_id = world.post("asha", "hello")
    world.delete("asha", message_id)
    assert not world.bot.hide("intent-1", message_id).done
    assert not world.bot.hide("intent-2", "999").done
    assert not world.bot.restore("intent-3", message_id).done


def test_without_the_right_to_delete_nothing_is_hidden_until_it_is_back(world):
    message_id = world.post("asha", "hello")
    world.let_bot_delete(False)
    with pytest.raises(RightMissing):
        world.bot.hide("intent-1", message_id)
    assert only_post(world).state is State.VISIBLE
    assert world.bot.applied() == []
    world.let_bot_delete(True)
    assert world.bot.hide("intent-1", message_id).done


def test_who_is_muted_cannot_post_until_the_mute_ends(world, clock):
    world.bot.mute("intent-1", "ben", START + timedelta(hours=1), "You are muted.")
    with pytest.raises(Forbidden, match="muted") as refused:
        world.post("ben", "hello")
    assert refused.value.fields == {"who": "Ben", "until": "2026-03-01 13:00 UTC"}
    clock.now = START + timedelta(hours=1)
    world.post("ben", "hello again")


def test_a_mute_can_be_lifted_once(world):
    world.bot.mute("intent-1", "ben", None, "You are muted.")
    assert world.bot.unmute("intent-2", "ben").done
    assert not world.bot.unmute("intent-3", "ben").done
    world.post("ben", "hello")


def test_who_is_banned_is_out_until_the_ban_is_lifted(world):
    world.bot.ban("intent-1", "ben", "You are out.")
    with pytest.raises(Forbidden, match="banned"):
        world.post("ben", "hello")
    assert not world.bot.ban("intent-2", "ben", "You are out.").done
    assert world.bot.unban("intent-3", "ben").done
    world.post("ben", "hello")


def test_a_notice_names_who_alone_may_see_it(world):
    assert world.bot.notify("intent-1", "warn", "ben", "Please keep it friendly.").done
    [notice] = world.view().notices
    assert (notice.member, notice.text) == ("ben", "Please keep it friendly.")
    assert not world.bot.notify("intent-2", "warn", "nobody", "Hello?").done


# ---------------------------------------------------------------- lasting


def test_a_world_outlives_whoever_opened_it(tmp_path, clock):
    world = World(tmp_path, clock)
    message_id = world.post("asha", "hello")
    world.bot.hide("intent-1", message_id)
    world.close()
    later = World(tmp_path, clock)
    assert later.view().posts[0].state is State.HIDDEN
    assert later.bot.hide("intent-1", message_id).asked == 2
    assert len(later.bot.updates(10)) == 1
    later.close()


def test_what_was_posted_is_on_disk_when_the_process_is_killed(tmp_path, clock):
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from bot.adapters.playground.world import World\n"
        "world = World(Path(sys.argv[1]), lambda: datetime.now(UTC))\n"
        "print(world.post('asha', 'last words'), flush=True)\n"
        "input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        message_id = process.stdout.readline().strip()
        os.kill(process.pid, signal.SIGKILL)
    world = World(tmp_path, clock)
    assert [post.id for post in world.view().posts] == [message_id]
    assert [update.payload["text"] for update in world.bot.updates(10)] == ["last words"]
    world.close()


def test_two_processes_see_one_world(tmp_path, clock):
    page, worker = World(tmp_path, clock), World(tmp_path, clock)
    message_id = page.post("asha", "hello")
    worker.bot.hide("intent-1", message_id)
    assert page.view().posts[0].state is State.HIDDEN
    page.close()
    worker.close()


def test_after_a_reset_nothing_is_left_and_no_id_comes_again(world):
    before = world.post("ben", "hello")
    world.bot.ban("intent-1", "ben", "You are out.")
    world.bot.post_card("intent-2", "review", '{"status": "decided"}')
    world.let_bot_delete(False)
    epoch = world.view().epoch
    world.reset()
    view = world.view()
    assert (view.posts, view.notices, view.cards, view.may_delete) == ([], [], [], True)
    assert view.epoch > epoch
    assert int(world.post("ben", "hello")) > int(before)


def test_a_reset_leaves_the_cards_that_nobody_has_decided(world):
    world.bot.post_card("intent-1", "review", '{"status": "open"}')
    world.reset()
    assert len(world.view().cards) == 1


def test_a_folder_that_cannot_be_used_is_explained(tmp_path, clock):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(CannotStart, match="mend its folder's rights, or move the file away"):
        World(blocked, clock)


def test_a_file_that_is_no_database_is_explained(tmp_path, clock):
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all, but long enough" * 40)
    with pytest.raises(CannotStart, match=FILE_NAME):
        World(tmp_path, clock)


def test_a_file_that_is_gone_is_the_platform_being_out_of_reach(world):
    world.close()
    with pytest.raises(PlatformError, match="its file does not answer"):
        world.post("asha", "hello")
