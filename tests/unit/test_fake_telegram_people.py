"""What the loopback Bot API server knows of people: rights, bans, and who hears of what."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import telegram
from telegram import BotCommand, BotCommandScopeChat, ChatAdministratorRights, ChatPermissions
from telegram.error import BadRequest

from tests.fakes.telegram import CannotHappen
from tests.fakes.telegram.stage import MODERATES, Stage, staged

NO_RIGHT = "not enough rights to restrict/unrestrict chat member"
DAY = 86_400


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


def refused(reason: str) -> pytest.RaisesExc[BadRequest]:
    """The client tells a 400 without "Bad Request: " and with a capital letter."""
    return pytest.raises(BadRequest, match=f"(?i){re.escape(reason)}")


async def heard(stage: Stage) -> list[telegram.Update]:
    """The new updates; they are confirmed."""
    updates = list(await stage.client.get_updates(allowed_updates=telegram.Update.ALL_TYPES))
    if updates:
        await stage.client.get_updates(offset=updates[-1].update_id + 1)
    return updates


class TestMutes:
    async def test_keep_a_member_from_writing_until_they_end(self, stage: Stage) -> None:
        end = stage.server.clock.date() + 3600
        await stage.client.restrict_chat_member(
            stage.lobby.id, stage.asha.id, ChatPermissions.no_permissions(), until_date=end
        )
        with pytest.raises(CannotHappen, match="lacks can_send_messages"):
            stage.lobby.says(stage.asha, "hello?")
        standing = await stage.client.get_chat_member(stage.lobby.id, stage.asha.id)
        assert isinstance(standing, telegram.ChatMemberRestricted)
        assert (standing.is_member, int(standing.until_date.timestamp())) == (True, end)
        stage.server.clock.advance(timedelta(hours=1))
        stage.lobby.says(stage.asha, "hello")

    @pytest.mark.parametrize("seconds", [0, 29, 367 * DAY])
    async def test_of_under_30_seconds_or_over_366_days_never_end(
        self, stage: Stage, seconds: int
    ) -> None:
        await stage.client.restrict_chat_member(
            stage.lobby.id,
            stage.asha.id,
            ChatPermissions(),
            until_date=stage.server.clock.date() + seconds,
        )
        assert stage.lobby.member(stage.asha).until_date == 0
        stage.server.clock.advance(400 * DAY)
        assert stage.lobby.member(stage.asha).status == "restricted"

    async def test_are_lifted_by_giving_everything_back(self, stage: Stage) -> None:
        place = (stage.lobby.id, stage.asha.id)
        await stage.client.restrict_chat_member(*place, ChatPermissions.no_permissions())
        await stage.client.restrict_chat_member(*place, ChatPermissions.all_permissions())
        assert stage.lobby.member(stage.asha).status == "member"

    async def test_imply_permissions_unless_independent(self, stage: Stage) -> None:
        place = (stage.lobby.id, stage.asha.id)
        previews = ChatPermissions(can_add_web_page_previews=True)
        await stage.client.restrict_chat_member(*place, previews)
        assert "can_send_messages" in stage.lobby.member(stage.asha).permissions
        await stage.client.restrict_chat_member(
            *place, previews, use_independent_chat_permissions=True
        )
        assert stage.lobby.member(stage.asha).permissions == {"can_add_web_page_previews"}

    async def test_do_not_exist_in_basic_groups(self, stage: Stage) -> None:
        small = stage.server.group("Small", owner=stage.owner, kind="group")
        small.add(stage.bot, rights=MODERATES).joins(stage.asha)
        with refused("method is available only for supergroups"):
            await stage.client.restrict_chat_member(small.id, stage.asha.id, ChatPermissions())

    async def test_need_the_right_and_an_ordinary_member(self, stage: Stage) -> None:
        stage.lobby.promote(stage.om, "can_delete_messages")
        for person, reason in [
            (stage.om, "user is an administrator of the chat"),
            (stage.owner, "can't remove chat owner"),
            (stage.bot, "can't restrict self"),
        ]:
            with refused(reason):
                await stage.client.restrict_chat_member(
                    stage.lobby.id, person.id, ChatPermissions()
                )
        stage.lobby.takes_right(stage.bot, "can_restrict_members")
        with refused(NO_RIGHT):
            await stage.client.restrict_chat_member(
                stage.lobby.id, stage.asha.id, ChatPermissions()
            )
        with refused("PARTICIPANT_ID_INVALID"):
            await stage.client.restrict_chat_member(stage.lobby.id, 12345, ChatPermissions())


class TestBans:
    async def test_remove_a_person_and_all_they_said(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "you fool")
        kept = stage.lobby.says(stage.om, "hello")
        await stage.client.ban_chat_member(stage.lobby.id, stage.asha.id)
        assert (said.is_deleted, kept.is_deleted) == (True, False)
        assert stage.lobby.member(stage.asha).status == "kicked"
        with pytest.raises(CannotHappen, match="is banned"):
            stage.lobby.joins(stage.asha)

    async def test_in_basic_groups_leave_the_messages(self, stage: Stage) -> None:
        small = stage.server.group("Small", owner=stage.owner, kind="group")
        small.add(stage.bot, rights=MODERATES).joins(stage.asha, stage.om)
        said = [small.says(person, "hello") for person in (stage.asha, stage.om)]
        await stage.client.ban_chat_member(small.id, stage.asha.id)
        await stage.client.ban_chat_member(small.id, stage.om.id, revoke_messages=True)
        assert [message.is_deleted for message in said] == [False, True]
        with refused("USER_NOT_PARTICIPANT"):
            await stage.client.ban_chat_member(small.id, stage.asha.id)
        with refused("method is available for supergroup and channel chats only"):
            await stage.client.unban_chat_member(small.id, stage.asha.id)

    async def test_end_by_themselves(self, stage: Stage) -> None:
        end = stage.server.clock.date() + DAY
        await stage.client.ban_chat_member(stage.lobby.id, stage.asha.id, until_date=end)
        stage.server.clock.advance(DAY)
        stage.lobby.joins(stage.asha)

    async def test_are_lifted(self, stage: Stage) -> None:
        await stage.client.ban_chat_member(stage.lobby.id, stage.asha.id)
        await stage.client.unban_chat_member(stage.lobby.id, stage.asha.id, only_if_banned=True)
        stage.lobby.joins(stage.asha)
        await stage.client.unban_chat_member(stage.lobby.id, stage.asha.id, only_if_banned=True)
        assert stage.lobby.member(stage.asha).present

    async def test_lifted_carelessly_throw_out_a_member(self, stage: Stage) -> None:
        await stage.client.unban_chat_member(stage.lobby.id, stage.asha.id)
        assert not stage.lobby.member(stage.asha).present

    async def test_spare_owners_and_administrators(self, stage: Stage) -> None:
        stage.lobby.promote(stage.om)
        with refused("can't remove chat owner"):
            await stage.client.ban_chat_member(stage.lobby.id, stage.owner.id)
        with refused("user is an administrator of the chat"):
            await stage.client.ban_chat_member(stage.lobby.id, stage.om.id)
        stage.lobby.demote(stage.bot)
        with refused(NO_RIGHT):
            await stage.client.ban_chat_member(stage.lobby.id, stage.asha.id)

    async def test_of_channels_stop_them_from_writing(self, stage: Stage) -> None:
        spam = stage.server.channel("Spam", owner=stage.om)
        stage.lobby.says(spam, "buy")
        [update] = await heard(stage)
        assert update.message.from_user.id == 136817688
        assert update.message.sender_chat.id == spam.id
        await stage.client.ban_chat_sender_chat(stage.lobby.id, spam.id)
        with pytest.raises(CannotHappen, match="is banned"):
            stage.lobby.says(spam, "buy more")
        await stage.client.unban_chat_sender_chat(stage.lobby.id, spam.id)
        stage.lobby.says(spam, "sorry")

    async def test_of_channels_spare_the_group_and_its_own_channel(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner)
        news.links(stage.lobby)
        for own in (news.id, stage.lobby.id, -1009):
            with refused("PARTICIPANT_ID_INVALID"):
                await stage.client.ban_chat_sender_chat(stage.lobby.id, own)


class TestRights:
    async def test_of_an_administrator_are_told_in_full(self, stage: Stage) -> None:
        stage.lobby.promote(stage.om, "can_pin_messages", title="Helper")
        standing = await stage.client.get_chat_member(stage.lobby.id, stage.om.id)
        assert isinstance(standing, telegram.ChatMemberAdministrator)
        assert (standing.can_pin_messages, standing.can_delete_messages) == (True, False)
        assert (standing.custom_title, standing.can_manage_chat) == ("Helper", True)
        shown = await stage.client.get_chat_administrators(stage.lobby.id)
        assert {member.user.id for member in shown} == {
            stage.owner.id,
            stage.om.id,
            stage.bot.id,
        }

    async def test_taken_from_the_bot_are_told_to_it(self, stage: Stage) -> None:
        stage.lobby.takes_right(stage.bot, "can_delete_messages")
        [update] = await heard(stage)
        before = update.my_chat_member.old_chat_member
        after = update.my_chat_member.new_chat_member
        assert (before.can_delete_messages, after.can_delete_messages) == (True, False)
        assert update.my_chat_member.from_user.id == stage.owner.id

    async def test_that_do_not_exist_are_a_mistake_in_the_test(self, stage: Stage) -> None:
        with pytest.raises(ValueError, match="can_fly"):
            stage.lobby.promote(stage.om, "can_fly")

    async def test_are_given_by_a_bot_that_holds_them(self, stage: Stage) -> None:
        with refused("not enough rights"):
            await stage.client.promote_chat_member(
                stage.lobby.id, stage.om.id, can_manage_chat=True
            )
        stage.lobby.promote(stage.bot, "can_promote_members", "can_pin_messages")
        await stage.client.promote_chat_member(stage.lobby.id, stage.om.id, can_pin_messages=True)
        assert stage.lobby.member(stage.om).has("can_pin_messages")
        with refused("RIGHT_FORBIDDEN"):
            await stage.client.promote_chat_member(
                stage.lobby.id, stage.om.id, can_delete_messages=True
            )

    async def test_of_the_group_apply_to_all(self, stage: Stage) -> None:
        await stage.client.set_chat_permissions(stage.lobby.id, ChatPermissions())
        with pytest.raises(CannotHappen, match="lacks"):
            stage.lobby.says(stage.asha, "hello?")
        full = await stage.client.get_chat(stage.lobby.id)
        assert not full.permissions.can_send_messages

    async def test_count_members(self, stage: Stage) -> None:
        assert await stage.client.get_chat_member_count(stage.lobby.id) == 4
        stage.lobby.leaves(stage.asha)
        assert await stage.client.get_chat_member_count(stage.lobby.id) == 3

    async def test_to_pin_and_to_invite(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "rules")
        with refused("not enough rights to manage pinned messages in the chat"):
            await stage.client.pin_chat_message(stage.lobby.id, said.id)
        with refused("not enough rights to manage chat invite link"):
            await stage.client.create_chat_invite_link(stage.lobby.id)
        stage.lobby.promote(stage.bot, "can_pin_messages", "can_invite_users")
        await stage.client.pin_chat_message(stage.lobby.id, said.id)
        assert (await stage.client.get_chat(stage.lobby.id)).pinned_message.message_id == said.id
        await stage.client.unpin_chat_message(stage.lobby.id)
        assert (await stage.client.get_chat(stage.lobby.id)).pinned_message is None
        assert (await stage.client.create_chat_invite_link(stage.lobby.id)).invite_link


class TestPrivacy:
    async def test_hides_what_is_not_addressed_to_the_bot(self, stage: Stage) -> None:
        stage.lobby.demote(stage.bot)
        await heard(stage)
        own = await stage.client.send_message(stage.lobby.id, "hello")
        seen = [
            stage.lobby.says(stage.asha, "/report"),
            stage.lobby.says(stage.asha, "/report@aman_bot now"),
            stage.lobby.says(stage.asha, "thanks @aman_bot"),
            stage.lobby.says(stage.asha, "yes", reply_to=stage.lobby.message(own.message_id)),
        ]
        stage.lobby.says(stage.asha, "you fool")
        stage.lobby.says(stage.asha, "/report@other_bot")
        assert [update.message.message_id for update in await heard(stage)] == [
            message.id for message in seen
        ]

    async def test_changed_counts_once_the_bot_is_added_again(self, stage: Stage) -> None:
        stage.lobby.demote(stage.bot)
        assert not (await stage.client.get_me()).can_read_all_group_messages
        stage.bot.sets_privacy(on=False)
        assert (await stage.client.get_me()).can_read_all_group_messages
        await heard(stage)
        stage.lobby.says(stage.asha, "unseen")
        assert await heard(stage) == []
        stage.lobby.kicks(stage.bot)
        stage.lobby.add(stage.bot)
        stage.lobby.says(stage.asha, "seen")
        assert (await heard(stage))[-1].message.text == "seen"

    async def test_keeps_bots_from_hearing_bots(self, stage: Stage) -> None:
        other = stage.server.bot("other_bot")
        stage.lobby.add(other)
        await heard(stage)
        stage.lobby.says(other, "beep")
        assert await heard(stage) == []
        stage.bot.account.sees_bots = True
        stage.lobby.says(other, "beep")
        assert [update.message.from_user.is_bot for update in await heard(stage)] == [True]


class TestWhatBotsHear:
    async def test_of_edits_and_of_touches_that_change_no_text(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        stage.lobby.edits(said, "you fool")
        stage.lobby.touches(said)
        _, edited, touched = await heard(stage)
        assert edited.edited_message.text == touched.edited_message.text == "you fool"
        assert edited.edited_message.edit_date is not None

    async def test_of_an_album_as_separate_messages(self, stage: Stage) -> None:
        stage.lobby.album(stage.asha, ("photo", "you fool"), ("photo", ""))
        first, second = [update.message for update in await heard(stage)]
        assert first.media_group_id == second.media_group_id
        assert (first.caption, second.caption) == ("you fool", None)

    async def test_of_forwards_with_or_without_their_author(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner)
        said = stage.lobby.says(stage.asha, "hello")
        stage.lobby.forwards(stage.om, said)
        stage.lobby.forwards(stage.om, said, hidden=True)
        stage.lobby.forwards(stage.om, news.posts("extra"))
        origins = [update.message.forward_origin for update in await heard(stage)][1:]
        assert [origin.type for origin in origins] == ["user", "hidden_user", "channel"]

    async def test_of_quotes_and_replies_to_other_chats(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner)
        post = news.posts("they are fools, all of them")
        stage.lobby.says(stage.asha, "true", reply_to=post, quote="fools")
        [update] = await heard(stage)
        assert update.message.external_reply.chat.id == news.id
        assert (update.message.quote.text, update.message.quote.position) == ("fools", 9)
        assert update.message.reply_to_message is None

    async def test_of_threads_that_are_no_topics(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        stage.lobby.says(stage.om, "hi", reply_to=said)
        reply = (await heard(stage))[-1].message
        assert (reply.message_thread_id, reply.is_topic_message) == (said.id, None)

    async def test_of_topics_which_seem_to_be_replies(self, stage: Stage) -> None:
        forum = stage.server.group("Forum", owner=stage.owner, forum=True)
        forum.add(stage.bot, rights=MODERATES)
        topic = forum.opens_topic("Offtopic")
        forum.says(stage.owner, "hello", topic=topic.id)
        forum.says(stage.owner, "in general")
        in_topic, in_general = [u.message for u in await heard(stage)][-2:]
        assert (in_topic.message_thread_id, in_topic.is_topic_message) == (topic.id, True)
        assert in_topic.reply_to_message.forum_topic_created.name == "Offtopic"
        assert in_general.message_thread_id is None
        forum.closes_topic(topic)
        with pytest.raises(CannotHappen, match="no open topic"):
            forum.says(stage.owner, "late", topic=topic.id)

    async def test_of_anonymous_administrators_under_a_fake_id(self, stage: Stage) -> None:
        stage.lobby.says(stage.owner, "be kind", anonymous=True)
        [update] = await heard(stage)
        assert update.message.from_user.id == 1087968824
        assert update.message.sender_chat.id == stage.lobby.id
        with pytest.raises(CannotHappen, match="only administrators"):
            stage.lobby.says(stage.asha, "me too", anonymous=True)

    async def test_of_a_linked_channel_by_automatic_forward(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner)
        news.links(stage.lobby)
        post = news.posts("today")
        [update] = await heard(stage)
        assert update.message.is_automatic_forward
        assert update.message.from_user.id == 777000
        assert update.message.sender_chat.id == news.id
        assert news.forward_of(post).id == update.message.message_id
        assert (await stage.client.get_chat(stage.lobby.id)).linked_chat_id == news.id

    async def test_of_channels_posts(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner)
        news.add(stage.bot, rights=("can_post_messages",))
        news.publishes("photo", caption="today")
        assert (await heard(stage))[-1].channel_post.caption == "today"

    async def test_of_polls_contacts_and_inline_buttons(self, stage: Stage) -> None:
        gif = stage.server.bot("gif")
        stage.lobby.asks(stage.asha, "who is a fool?", "you", "me")
        stage.lobby.shares_contact(stage.asha, "Fool", "+100")
        link = [[{"text": "buy", "url": "https://spam.example"}]]
        stage.lobby.says(stage.asha, "look", via=gif, buttons=link)
        poll, contact, inline = [update.message for update in await heard(stage)]
        assert [option.text for option in poll.poll.options] == ["you", "me"]
        assert contact.contact.first_name == "Fool"
        assert inline.via_bot.username == "gif"
        assert inline.reply_markup.inline_keyboard[0][0].text == "buy"

    async def test_of_people_coming_and_going(self, stage: Stage) -> None:
        await heard(stage)  # asks for chat_member, which is not sent by itself
        newcomer = stage.server.user("newcomer")
        stage.lobby.joins(newcomer)
        stage.lobby.leaves(stage.asha)
        updates = await heard(stage)
        services = [update.message for update in updates if update.message]
        standings = [update.chat_member for update in updates if update.chat_member]
        assert services[0].new_chat_members[0].id == newcomer.id
        assert services[1].left_chat_member.id == stage.asha.id
        assert [standing.new_chat_member.status for standing in standings] == ["member", "left"]

    async def test_of_reactions_when_they_ask(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        await heard(stage)  # asks for message_reaction, which is not sent by itself
        stage.om.reacts(said, "👎")
        [update] = await heard(stage)
        assert update.message_reaction.new_reaction[0].emoji == "👎"
        await stage.client.set_message_reaction(stage.lobby.id, said.id, "👍")
        assert said.reactions[stage.bot.id] == [{"type": "emoji", "emoji": "👍"}]
        with refused("REACTIONS_TOO_MANY"):
            await stage.client.set_message_reaction(stage.lobby.id, said.id, ["👍", "👎"])


class TestDeepLinks:
    async def test_bring_their_payload(self, stage: Stage) -> None:
        stage.asha.starts(stage.bot, "link-AB_12")
        [update] = await heard(stage)
        assert update.message.text == "/start link-AB_12"
        assert update.message.entities[0].type == "bot_command"

    @pytest.mark.parametrize("payload", ["a" * 65, "a b", "ä"])
    async def test_have_a_narrow_payload(self, stage: Stage, payload: str) -> None:
        with pytest.raises(CannotHappen, match="up to 64"):
            stage.asha.starts(stage.bot, payload)

    async def test_add_the_bot_with_rights(self, stage: Stage) -> None:
        group = stage.server.group("Fresh", owner=stage.owner)
        group.add(stage.bot, rights=("can_delete_messages",), payload="code1")
        *_, start = await heard(stage)
        assert start.message.text == "/start@aman_bot code1"
        assert group.member(stage.bot).has("can_delete_messages")

    async def test_cannot_write_without_start(self, stage: Stage) -> None:
        with pytest.raises(CannotHappen, match="has not started"):
            stage.asha.writes(stage.bot, "hello")


class TestCommandMenus:
    async def test_go_by_scope_and_language(self, stage: Stage) -> None:
        everyone, staff = [BotCommand("report", "Report")], [BotCommand("cases", "Cases")]
        spoken = [BotCommand("melden", "Melden")]
        await stage.client.set_my_commands(everyone)
        await stage.client.set_my_commands(spoken, language_code="de")
        await stage.client.set_my_commands(staff, BotCommandScopeChat(stage.lobby.id))
        german = stage.server.user("jan", language_code="de")
        assert stage.asha.menu(stage.bot) == ["report"]
        assert german.menu(stage.bot) == ["melden"]
        assert stage.asha.menu(stage.bot, stage.lobby) == ["cases"]
        assert await stage.client.get_my_commands(BotCommandScopeChat(stage.lobby.id)) == (*staff,)
        await stage.client.delete_my_commands(BotCommandScopeChat(stage.lobby.id))
        assert stage.asha.menu(stage.bot, stage.lobby) == ["report"]

    @pytest.mark.parametrize(
        ("commands", "reason"),
        [
            ([("Report", "x")], "BOT_COMMAND_INVALID"),
            ([("a" * 33, "x")], "BOT_COMMAND_INVALID"),
            ([("report", "")], "BOT_COMMAND_DESCRIPTION_INVALID"),
            ([("report", "x" * 257)], "BOT_COMMAND_DESCRIPTION_INVALID"),
            ([("report", "x")] * 101, "BOT_COMMANDS_TOO_MUCH"),
        ],
    )
    async def test_have_limits(
        self, stage: Stage, commands: list[tuple[str, str]], reason: str
    ) -> None:
        with refused(reason):
            await stage.client.set_my_commands(commands)

    async def test_need_their_chat(self, stage: Stage) -> None:
        with refused("chat not found"):
            await stage.client.set_my_commands([], BotCommandScopeChat(-1009))

    async def test_stand_beside_the_rights_a_bot_asks_for(self, stage: Stage) -> None:
        wanted = ChatAdministratorRights.no_rights().to_dict() | {"can_delete_messages": True}
        rights = ChatAdministratorRights(**wanted)
        await stage.client.set_my_default_administrator_rights(rights)
        kept = await stage.client.get_my_default_administrator_rights()
        assert kept.can_delete_messages
        assert not kept.can_restrict_members
