"""The bot on Telegram, from BotFather's token to a case undone, on a loopback server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import platform_problems
from bot.domain.policy import Mode
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram_bot import Scene, scene, settings_for

NOT_YET_EPHEMERAL = {
    "deleteEphemeralMessage",
    "sendMessage.receiver_user_id",
    "sendMessage.ephemeral_message_parameters",
}
"""What a server before Bot API 10.2 does not know."""
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def test_from_adding_the_bot_to_a_case_undone(tmp_path: Path) -> None:
    async with scene(tmp_path, converse=True) as at_work:
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        card = await at_work.card_says("Hidden from the group")
        assert card.spans("spoiler")[0] == "you idiot"
        assert card.labels == ["Restore", "Keep hidden", "Warn", "Mute", "Kick", "Ban"]

        assert "stands in the group" in await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        texts = at_work.lobby.texts(at_work.asha)
        assert any("Asha wrote this" in text and "you idiot" in text for text in texts)

        await at_work.press("Undo")
        await at_work.eventually(
            lambda: not any("you idiot" in text for text in at_work.lobby.texts(at_work.asha))
        )
        await at_work.eventually(lambda: "Ban" in card.labels)
        assert len(at_work.cards()) == 1
        failed = at_work.server.journal.of(ok=False)
        refused = {request.description for request in failed if request.code}
        assert refused <= {
            # Asked whether the server knows them, it says that there is no such ephemeral message;
            "Bad Request: message to delete not found",
            # until it was asked, notices go out in private.
            "Forbidden: bot can't initiate conversation with a user",
            # Each change asks for the card to be drawn: the first drawing may show both of two.
            NOT_MODIFIED,
        }


async def test_each_sees_the_commands_in_their_own_language(at_work: Scene) -> None:
    await at_work.eventually(lambda: at_work.server.journal.of("setMyDefaultAdministratorRights"))
    menus = [asked.params for asked in at_work.server.journal.of("setMyCommands")]
    told = {
        (menu["scope"]["type"], menu.get("language_code")): menu["commands"][0]["description"]
        for menu in menus
    }
    assert len(told) == 6
    assert told["all_private_chats", None] == "What I do, and how to begin"
    assert told["all_private_chats", "hi"].startswith("मैं क्या करता हूँ")


async def test_menus_are_set_also_when_telegram_fails_at_first(tmp_path: Path) -> None:
    server = TelegramServer()
    server.faults.refuse(502, "Bad Gateway", method="setMyCommands", times=1)
    async with scene(tmp_path, server) as at_work:
        await at_work.eventually(lambda: server.journal.of("setMyDefaultAdministratorRights"))


async def test_a_stranger_presses_in_vain(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card()
    at_work.review.kicks(at_work.noor)
    query = at_work.noor.press  # a client that was thrown out cannot even press
    with pytest.raises(Exception, match="not in"):
        query(card, "Restore")
    assert [case.decision for case in await at_work.cases()] == [None]


async def test_who_is_muted_among_the_reviewers_decides_nothing(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card()
    at_work.review.restricts(at_work.noor)
    assert "Only reviewers" in await at_work.press("Restore", card=card)
    at_work.review.restricts(at_work.noor, "can_send_messages")
    assert "stands in the group" in await at_work.press("Restore", card=card)


async def test_warn_mute_ban_and_their_undoing(at_work: Scene) -> None:
    at_work.asha.starts(at_work.bot)
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.press("Mute")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).status == "restricted")
    until = at_work.lobby.member(at_work.asha).until_date - at_work.server.clock.date()
    assert 23 * 3600 < until <= 24 * 3600
    await at_work.press("Undo")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).status == "member")
    await at_work.press("Ban")
    await at_work.press("Yes, ban")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).status == "kicked")
    await at_work.press("Undo")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).status == "left")
    at_work.lobby.joins(at_work.asha)
    await at_work.press("Kick")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha).status == "left")
    for told in ("cannot post here until", "no longer in this group", "put you out of it"):
        await at_work.eventually(
            lambda told=told: any(told in text for text in at_work.told(at_work.asha))
        )


async def test_a_report_opens_a_case_and_another_strengthens_it(at_work: Scene) -> None:
    om = at_work.server.user("om")
    at_work.lobby.joins(om)
    said = at_work.lobby.says(at_work.asha, "buy my course")
    command = at_work.lobby.says(om, "/report he sells rubbish", reply_to=said)
    card = await at_work.card_says("reported by a member")
    assert card.spans("spoiler") == ["buy my course", "he sells rubbish"]
    await at_work.eventually(lambda: command.is_deleted)
    before = (await at_work.cases())[0].verdict.severity
    at_work.lobby.says(at_work.owner, "@admin look", reply_to=said)

    async def stronger() -> bool:
        return (await at_work.cases())[0].verdict.severity > before

    await at_work.eventually(stronger)
    assert len(await at_work.cases()) == 1
    assert not said.is_deleted


async def test_a_report_is_taken_out_of_the_group_also_when_telegram_fails_at_first(
    at_work: Scene,
) -> None:
    om = at_work.server.user("om")
    at_work.lobby.joins(om)
    said = at_work.lobby.says(at_work.asha, "buy my course")
    at_work.server.faults.refuse(502, "Bad Gateway", method="deleteMessage", times=2)
    report = at_work.lobby.says(om, "/report that idiot", reply_to=said)
    await at_work.eventually(lambda: report.is_deleted)


async def test_a_reporter_who_says_what_was_said_is_not_hidden_for_it(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "buy my course")
    om = at_work.server.user("om")
    at_work.lobby.joins(om)
    report = at_work.lobby.says(om, "/report he called me an idiot", reply_to=said)
    await at_work.card_says("reported by a member")
    await at_work.eventually(lambda: report.is_deleted)
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    assert {case.author.id for case in await at_work.cases()} == {str(at_work.asha.id)}


async def test_a_report_that_reports_nothing_is_judged_as_any_message(at_work: Scene) -> None:
    insult = at_work.lobby.says(at_work.asha, "/report you idiot")
    await at_work.card_says("you idiot")
    assert insult.is_deleted


async def test_a_report_of_an_edited_message_is_about_what_it_says_now(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "hello")
    await at_work.drained()
    at_work.lobby.edits(said, "hello there")
    await at_work.drained()
    at_work.lobby.says(at_work.owner, "/report", reply_to=said)
    await at_work.card_says("hello there")
    [case] = await at_work.cases()
    assert case.message_key.endswith(f":{said.id}:1")


async def test_who_reports_as_the_group_is_asked_for_their_name(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "buy my course")
    at_work.lobby.says(at_work.owner, "/report", reply_to=said, anonymous=True)
    await at_work.eventually(
        lambda: any("under your own name" in t for t in at_work.lobby.texts(at_work.owner))
    )
    assert await at_work.cases() == []


async def test_a_report_in_a_topic_without_a_target_reports_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, forum=True) as at_work:
        topic = at_work.lobby.opens_topic("Plants").id
        at_work.lobby.says(at_work.asha, "/report", topic=topic)
        await at_work.eventually(
            lambda: any("in answer to" in text for text in at_work.lobby.texts(at_work.asha))
        )
        assert await at_work.cases() == []


async def test_a_topics_message_is_hidden_and_restored_in_its_topic(tmp_path: Path) -> None:
    async with scene(tmp_path, forum=True) as at_work:
        topic = at_work.lobby.opens_topic("Plants").id
        first = at_work.lobby.says(at_work.asha, "hello", topic=topic)
        insult = at_work.lobby.says(at_work.asha, "you idiot", topic=topic, reply_to=first)
        await at_work.eventually(lambda: insult.is_deleted)
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        [repost] = [m for m in at_work.lobby.living() if "Reviewers brought it back" in m.text]
        assert repost.thread == topic
        assert repost.reply_to is first


async def test_an_album_is_one_case_and_goes_and_comes_back_whole(at_work: Scene) -> None:
    album = at_work.lobby.album(at_work.asha, ("photo", "you idiot"), ("photo", ""), ("video", ""))
    await at_work.eventually(lambda: all(part.is_deleted for part in album))
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    back = [m for m in at_work.lobby.living() if m.media]
    assert [m.media for m in back] == ["photo", "photo", "video"]
    assert len(await at_work.cases()) == 1
    covered = [m for m in at_work.review.living() if m.media]
    assert len(covered) == 3
    assert all(m.body.get("has_media_spoiler") for m in covered)
    await at_work.press("Undo")
    await at_work.eventually(lambda: all(m.is_deleted for m in back))


async def test_an_edit_is_judged_anew_only_when_the_text_changed(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "hello")
    at_work.lobby.touches(said)
    await at_work.drained()
    assert await at_work.cases() == []
    at_work.lobby.edits(said, "you idiot")
    await at_work.eventually(lambda: said.is_deleted)
    [case] = await at_work.cases()
    assert case.message_key.endswith(":1")


async def test_a_link_preview_that_loads_late_opens_no_second_case(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.asha, "how silly")
    await at_work.card()
    at_work.lobby.touches(said)
    at_work.lobby.touches(said)
    await at_work.drained()
    at_work.lobby.says(at_work.asha, "silly again")

    async def two() -> bool:
        return len(await at_work.cases()) == 2

    await at_work.eventually(two)


async def test_a_channel_that_writes_is_banned_as_a_channel(at_work: Scene) -> None:
    channel = at_work.server.channel("Casino", owner=at_work.asha)
    insult = at_work.lobby.says(channel, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.press("Ban")
    await at_work.press("Yes, ban")
    await at_work.eventually(lambda: channel.id in at_work.lobby.chat.banned_senders)
    await at_work.press("Undo")
    await at_work.eventually(lambda: channel.id not in at_work.lobby.chat.banned_senders)
    banned = at_work.server.journal.of("banChatMember", "restrictChatMember")
    assert banned == []


async def test_a_linked_channels_post_is_hidden_but_nobody_punished(at_work: Scene) -> None:
    channel = at_work.server.channel("News", owner=at_work.owner)
    channel.links(at_work.lobby)
    post = channel.posts("you idiot")
    await at_work.eventually(lambda: channel.forward_of(post).is_deleted)
    card = await at_work.card()
    assert card.labels == ["Restore", "Keep hidden"]


async def test_an_anonymous_admin_is_no_ones_target(at_work: Scene) -> None:
    said = at_work.lobby.says(at_work.owner, "you idiot", anonymous=True)
    at_work.lobby.says(at_work.asha, "how silly")
    await at_work.card()
    assert not said.is_deleted
    assert len(await at_work.cases()) == 1


async def test_a_group_that_becomes_a_supergroup_keeps_its_cases(tmp_path: Path) -> None:
    async with scene(tmp_path, kind="group") as at_work:
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        await at_work.card_says("Hidden from the group")
        at_work.lobby = at_work.lobby.upgrade()
        again = at_work.lobby.says(at_work.asha, "idiot once more")
        await at_work.eventually(lambda: again.is_deleted)
        cases = await at_work.cases()
        assert [case.number for case in cases] == [2, 1]
        assert {case.place.group for case in cases} == {str(at_work.lobby.id)}
        first = next(card for card in at_work.cards() if "Case 1 " in card.text)
        await at_work.press("Restore", card=first)
        await at_work.eventually(
            lambda: any("you idiot" in text for text in at_work.lobby.texts(at_work.asha))
        )


async def test_settings_are_changed_by_an_admins_press_alone(at_work: Scene) -> None:
    at_work.lobby.says(at_work.owner, "/settings")
    await at_work.eventually(
        lambda: any("Only watch" in message.labels for message in at_work.lobby.living())
    )
    [menu] = [m for m in at_work.lobby.living() if "Only watch" in m.labels]
    refused = await at_work.asha.presses(menu, "Only watch")
    assert refused is not None
    assert "Only admins" in refused.text
    await at_work.owner.presses(menu, "Only watch")
    await at_work.eventually(lambda: "✓ Only watch" in menu.labels)
    async with at_work.store.reading() as tx:
        [community] = await tx.communities.all()
        policy = await tx.policies.current(community.id)
    assert (policy.mode, policy.version) == (Mode.OBSERVE, 2)
    await at_work.owner.presses(menu, "Insult")
    await at_work.eventually(lambda: menu.text.startswith("Insult\n"))
    [lower, *_] = [label for label in menu.labels if label.startswith("Reviewers from")]
    await at_work.owner.presses(menu, lower)
    await at_work.eventually(lambda: f"{lower.removeprefix('Reviewers ')}," in menu.text)


async def test_rights_that_are_taken_are_told_and_shown_by_doctor(
    at_work: Scene, tmp_path: Path
) -> None:
    at_work.lobby.takes_right(at_work.bot, "can_delete_messages")
    await at_work.eventually(
        lambda: any("may not delete" in text for text in at_work.review.texts(at_work.noor))
    )
    settings = settings_for(at_work.server, at_work.bot.token, tmp_path)
    [problem] = await platform_problems(settings, at_work.store)
    assert "Delete messages" in problem
    at_work.lobby.says(at_work.asha, "you idiot")
    await at_work.card_says("Give the bot the right to delete")


async def test_rights_that_are_taken_are_told_also_when_telegram_fails_at_first(
    at_work: Scene,
) -> None:
    at_work.server.faults.refuse(502, "Bad Gateway", method="sendMessage", times=2)
    at_work.lobby.takes_right(at_work.bot, "can_delete_messages")
    await at_work.eventually(
        lambda: any("may not delete" in text for text in at_work.review.texts(at_work.noor))
    )


async def test_a_bot_that_is_thrown_out_says_so(at_work: Scene, tmp_path: Path) -> None:
    at_work.lobby.kicks(at_work.bot)
    await at_work.eventually(
        lambda: any("not in Lobby any more" in text for text in at_work.review.texts(at_work.noor))
    )
    settings = settings_for(at_work.server, at_work.bot.token, tmp_path)
    [problem] = await platform_problems(settings, at_work.store)
    assert "Add me again" in problem


async def test_a_name_that_insults_is_met_on_joining(at_work: Scene) -> None:
    rude = at_work.server.user("rude")
    rude.renames("Total idiot")
    at_work.lobby.joins(rude)
    told = at_work.lobby.living()[-1]
    card = await at_work.card_says("Hidden from the group")
    assert card.spans("spoiler")[0] == "Total idiot\n@\u2060rude"
    assert told.is_deleted
    assert len(await at_work.cases()) == 1  # Telegram tells of a joining twice


async def test_a_name_is_met_in_a_group_too_large_for_telling_of_joins(at_work: Scene) -> None:
    at_work.lobby.chat.tells_of_joins = False
    rude = at_work.server.user("rude")
    rude.renames("Total idiot")
    at_work.lobby.joins(rude)
    card = await at_work.card_says("Already gone from the group")
    assert "Total idiot" in card.spans("spoiler")[0]
    await at_work.press("Kick")
    await at_work.eventually(lambda: at_work.lobby.member(rude).status == "left")


async def test_of_a_name_there_is_nothing_to_bring_back(at_work: Scene) -> None:
    rude = at_work.server.user("rude")
    rude.renames("Total idiot")
    at_work.lobby.joins(rude)
    await at_work.card_says("Hidden from the group")
    await at_work.press("Restore")
    await at_work.card_says("Nothing")
    assert not any("idiot" in text for text in at_work.lobby.texts(at_work.owner))


async def test_a_webhook_brings_the_same_updates(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as at_work:
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        [webhook] = at_work.server.journal.of("setWebhook")
        assert len(webhook.params["secret_token"]) == 64
        assert at_work.bot.token not in webhook.params["secret_token"]


async def test_a_server_older_than_the_client_does_without(tmp_path: Path) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= {"setMyCommands", "deleteMessages", "sendMessage.link_preview_options"}
    server.api.without |= NOT_YET_EPHEMERAL
    async with scene(tmp_path, server) as at_work:
        insult = at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: insult.is_deleted)
        await at_work.card_says("Hidden from the group")


@pytest.mark.parametrize("gone", ["receiver_user_id", "ephemeral_message_parameters"])
async def test_a_notice_is_seen_by_its_author_alone(tmp_path: Path, gone: str) -> None:
    server = TelegramServer(strict=False)
    server.api.without.add(f"sendMessage.{gone}")  # 10.2 has one of the names, 10.3 the other
    async with scene(tmp_path, server) as at_work:
        at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(
            lambda: any("was hidden" in text for text in at_work.told(at_work.asha))
        )
        assert not any("was hidden" in text for text in at_work.lobby.texts(at_work.owner))


async def test_without_ephemeral_messages_a_notice_goes_out_in_private(tmp_path: Path) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= NOT_YET_EPHEMERAL
    async with scene(tmp_path, server) as at_work:
        at_work.asha.starts(at_work.bot)
        at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(lambda: "was hidden" in at_work.asha.inbox(at_work.bot)[-1].text)
        assert not any("was hidden" in text for text in at_work.lobby.texts(at_work.owner))


async def test_who_cannot_be_told_alone_gets_a_line_in_the_group_without_a_ping(
    tmp_path: Path,
) -> None:
    server = TelegramServer(strict=False)
    server.api.without |= NOT_YET_EPHEMERAL
    async with scene(tmp_path, server) as at_work:
        at_work.asha.renames("@everyone win.example.com \u202e")
        at_work.lobby.says(at_work.asha, "you idiot")
        await at_work.eventually(
            lambda: any("was hidden" in text for text in at_work.lobby.texts(at_work.owner))
        )
        [line] = [m for m in at_work.lobby.living() if "was hidden" in m.text]
        assert line.spans("mention") == []
        assert "win.example.com" not in line.text
        assert "\u202e" not in line.text
        await at_work.press("Restore")
        await at_work.card_says("Back in the group")
        [back] = [m for m in at_work.lobby.living() if "brought it back" in m.text]
        assert "win.example.com" not in back.text
    assert line.is_deleted  # it goes after a minute, and at the latest with the bot


async def test_a_server_that_shows_a_notice_to_all_is_believed_no_more(tmp_path: Path) -> None:
    server = TelegramServer(strict=False)
    # It has the method, and drops the fields: what nobody expects of a server.
    server.api.without |= NOT_YET_EPHEMERAL - {"deleteEphemeralMessage"}
    async with scene(tmp_path, server) as at_work:
        at_work.asha.starts(at_work.bot)
        for word in ("idiot", "idiot again"):
            said = at_work.lobby.says(at_work.asha, word)
            await at_work.eventually(lambda said=said: said.is_deleted)
        await at_work.eventually(
            lambda: sum("was hidden" in m.text for m in at_work.asha.inbox(at_work.bot)) == 2
        )
        shown = [m for m in at_work.lobby.chat.messages.values() if "was hidden" in m.text]
        assert [m.is_deleted for m in shown] == [True]
