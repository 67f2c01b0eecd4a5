"""What the loopback Bot API server accepts, refuses and keeps: messages, edits, files, presses."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import telegram
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken

from tests.fakes.telegram import CannotHappen, TelegramServer
from tests.fakes.telegram.calls import METHODS as ANSWERED
from tests.fakes.telegram.published import METHODS
from tests.fakes.telegram.stage import Stage, connected, staged

DAY = 86_400


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


def refused(reason: str) -> pytest.RaisesExc[BadRequest]:
    """The client tells a 400 without "Bad Request: " and with a capital letter."""
    return pytest.raises(BadRequest, match=f"(?i){re.escape(reason)}")


def keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)


def button(label: str = "Hide", data: str | None = "h:1", **fields: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data, **fields)


def test_every_published_method_is_answered() -> None:
    assert set(ANSWERED) == set(METHODS)


OF_LATER_VERSIONS = {"deleteEphemeralMessage"}


@pytest.mark.parametrize("method", sorted(METHODS.keys() - OF_LATER_VERSIONS))
def test_the_schema_knows_every_parameter_of_the_installed_client(method: str) -> None:
    snake = re.sub(r"(?<!^)([A-Z])", lambda found: "_" + found[1].lower(), method)
    own = {"self", "filename", "location", "contact", "venue", "disable_web_page_preview"}
    own |= {"allow_sending_without_reply", "reply_to_message_id", "api_kwargs"}
    timeouts = {"read_timeout", "write_timeout", "connect_timeout", "pool_timeout"}
    taken = set(inspect.signature(getattr(telegram.Bot, snake)).parameters) - own - timeouts
    if method == "sendMediaGroup":
        taken -= {"caption", "parse_mode", "caption_entities"}  # the client puts them in the media
    assert taken <= set(METHODS[method])


class TestText:
    async def test_reaches_the_members(self, stage: Stage) -> None:
        sent = await stage.client.send_message(stage.lobby.id, "be kind")
        assert stage.lobby.texts(stage.om) == ["be kind"]
        assert sent.from_user.id == stage.bot.id
        assert sent.message_id == stage.lobby.living()[-1].id

    async def test_counts_utf16_units_up_to_4096(self, stage: Stage) -> None:
        await stage.client.send_message(stage.lobby.id, "😀" * 2048)
        with refused("message is too long"):
            await stage.client.send_message(stage.lobby.id, "😀" * 2048 + "a")

    async def test_counts_after_the_markup_is_taken_out(self, stage: Stage) -> None:
        text = "<b>" + "a" * 4096 + "</b>"
        sent = await stage.client.send_message(stage.lobby.id, text, parse_mode="HTML")
        assert [entity.type for entity in sent.entities] == ["bold"]

    async def test_refuses_markup_that_is_not_closed(self, stage: Stage) -> None:
        with refused("can't parse entities"):
            await stage.client.send_message(stage.lobby.id, "<b>a", parse_mode="HTML")
        with refused("can't parse entities: Unsupported start tag"):
            await stage.client.send_message(stage.lobby.id, "1 <script> 2", parse_mode="HTML")

    @pytest.mark.parametrize("text", ["", "   \n"])
    async def test_refuses_nothing(self, stage: Stage, text: str) -> None:
        with refused("message text is empty"):
            await stage.client.send_message(stage.lobby.id, text)

    async def test_takes_entities_counted_in_utf16(self, stage: Stage) -> None:
        entity = MessageEntity(MessageEntity.SPOILER, offset=2, length=3)
        await stage.client.send_message(stage.lobby.id, "😀bad", entities=[entity])
        assert stage.lobby.living()[-1].spans("spoiler") == ["bad"]

    @pytest.mark.parametrize(
        ("offset", "length", "reason"),
        [
            (0, 6, "ends after the end of the text"),
            (1, 2, "middle of a UTF-16 symbol"),
            (-1, 2, "incorrect offset"),
            (0, 0, "incorrect"),
        ],
    )
    async def test_refuses_entities_that_do_not_fit(
        self, stage: Stage, offset: int, length: int, reason: str
    ) -> None:
        entity = MessageEntity(MessageEntity.BOLD, offset, length)
        with refused(reason):
            await stage.client.send_message(stage.lobby.id, "😀bad", entities=[entity])

    async def test_a_caption_has_1024_units(self, stage: Stage) -> None:
        await stage.client.send_photo(stage.lobby.id, b"jpeg", caption="a" * 1024)
        with refused("caption is too long"):
            await stage.client.send_photo(stage.lobby.id, b"jpeg", caption="a" * 1025)


class TestDestination:
    async def test_unknown_chat(self, stage: Stage) -> None:
        with refused("Chat not found"):
            await stage.client.send_message(-1009, "hi")

    async def test_a_group_it_was_never_in_is_not_found(self, stage: Stage) -> None:
        other = stage.server.group("Other", owner=stage.owner)
        with refused("Chat not found"):
            await stage.client.send_message(other.id, "hi")

    async def test_a_bot_cannot_begin_a_conversation(self, stage: Stage) -> None:
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await stage.client.send_message(stage.asha.id, "hi")
        with refused("Chat not found"):
            await stage.client.send_message(stage.server.user("stranger").id, "hi")

    async def test_after_start_it_may_write_until_it_is_blocked(self, stage: Stage) -> None:
        stage.asha.starts(stage.bot)
        await stage.client.send_message(stage.asha.id, "hello")
        assert stage.asha.inbox(stage.bot)[-1].text == "hello"
        stage.asha.blocks(stage.bot)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await stage.client.send_message(stage.asha.id, "hello?")
        stage.asha.unblocks(stage.bot)
        await stage.client.send_message(stage.asha.id, "hello again")
        stage.asha.leaves_telegram()
        with pytest.raises(Forbidden, match="user is deactivated"):
            await stage.client.send_message(stage.asha.id, "hello?")

    async def test_kicked_from_a_supergroup(self, stage: Stage) -> None:
        stage.lobby.kicks(stage.bot)
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await stage.client.send_message(stage.lobby.id, "hi")
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await stage.client.get_chat(stage.lobby.id)

    async def test_left_a_supergroup(self, stage: Stage) -> None:
        await stage.client.leave_chat(stage.lobby.id)
        with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
            await stage.client.send_message(stage.lobby.id, "hi")

    async def test_a_public_group_is_found_by_name(self, stage: Stage) -> None:
        square = stage.server.group("Square", owner=stage.owner, username="square")
        square.add(stage.bot)
        await stage.client.send_message("@square", "hi")
        assert square.texts(stage.owner) == ["hi"]

    async def test_an_upgraded_group_names_its_successor(self, stage: Stage) -> None:
        old = stage.server.group("Small", owner=stage.owner, kind="group").add(stage.bot)
        new = old.upgrade()
        with pytest.raises(telegram.error.ChatMigrated) as refused:
            await stage.client.send_message(old.id, "hi")
        assert refused.value.new_chat_id == new.id
        assert str(new.id).startswith("-100")
        await stage.client.send_message(new.id, "hi")
        moved = [u.message for u in await stage.client.get_updates() if u.message]
        assert [(m.migrate_to_chat_id, m.migrate_from_chat_id) for m in moved[-2:]] == [
            (new.id, None),
            (None, old.id),
        ]

    async def test_the_general_topic_is_no_thread(self, stage: Stage) -> None:
        forum = stage.server.group("Forum", owner=stage.owner, forum=True).add(stage.bot)
        with refused("Message thread not found"):
            await stage.client.send_message(forum.id, "hi", message_thread_id=1)

    async def test_a_closed_topic_takes_only_administrators(self, stage: Stage) -> None:
        forum = stage.server.group("Forum", owner=stage.owner, forum=True).add(stage.bot)
        topic = forum.opens_topic("Rules")
        sent = await stage.client.send_message(forum.id, "hi", message_thread_id=topic.id)
        assert sent.is_topic_message
        assert sent.reply_to_message.forum_topic_created.name == "Rules"
        forum.closes_topic(topic)
        with refused("TOPIC_CLOSED"):
            await stage.client.send_message(forum.id, "hi", message_thread_id=topic.id)

    async def test_a_muted_bot_cannot_write(self, stage: Stage) -> None:
        stage.lobby.demote(stage.bot)
        stage.lobby.restricts(stage.bot, "can_send_photos")
        with refused("not enough rights to send text messages"):
            await stage.client.send_message(stage.lobby.id, "hi")
        await stage.client.send_photo(stage.lobby.id, b"jpeg")

    async def test_a_channel_wants_an_administrator(self, stage: Stage) -> None:
        news = stage.server.channel("News", owner=stage.owner).add(stage.bot)
        with refused("Need administrator rights in the channel chat"):
            await stage.client.send_message(news.id, "hi")
        news.promote(stage.bot, "can_post_messages")
        assert (await stage.client.send_message(news.id, "hi")).sender_chat.id == news.id


class TestReplies:
    async def test_quote_a_part(self, stage: Stage) -> None:
        insult = stage.lobby.says(stage.asha, "well, you fool, hello")
        reply = ReplyParameters(insult.id, quote="you fool")
        sent = await stage.client.send_message(stage.lobby.id, "no", reply_parameters=reply)
        assert sent.reply_to_message.message_id == insult.id
        assert (sent.quote.text, sent.quote.position) == ("you fool", 6)

    async def test_need_their_message_unless_told_otherwise(self, stage: Stage) -> None:
        insult = stage.lobby.says(stage.asha, "you fool")
        stage.lobby.deletes(insult)
        with refused("Message to be replied not found"):
            await stage.client.send_message(
                stage.lobby.id, "no", reply_parameters=ReplyParameters(insult.id)
            )
        lenient = ReplyParameters(insult.id, allow_sending_without_reply=True)
        await stage.client.send_message(stage.lobby.id, "no", reply_parameters=lenient)

    async def test_a_quote_must_be_in_the_message(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        with refused("quote_text_invalid"):
            await stage.client.send_message(
                stage.lobby.id, "no", reply_parameters=ReplyParameters(said.id, quote="bye")
            )


class TestKeyboards:
    @pytest.mark.parametrize("data", ["x" * 64, "é" * 32])
    async def test_take_64_bytes(self, stage: Stage, data: str) -> None:
        markup = keyboard([button(data=data)])
        await stage.client.send_message(stage.lobby.id, "?", reply_markup=markup)
        assert stage.lobby.living()[-1].buttons[0]["callback_data"] == data

    @pytest.mark.parametrize("data", ["x" * 65, "é" * 33, ""])
    async def test_refuse_more_bytes_or_none(self, stage: Stage, data: str) -> None:
        with refused("button_data_invalid"):
            await stage.client.send_message(
                stage.lobby.id, "?", reply_markup=keyboard([button(data=data)])
            )

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (button(data=None), "Text buttons are unallowed"),
            (button(label=" "), "text must be non-empty"),
            (button(url="https://a.b"), "exactly one action"),
            (button(data=None, url="nonsense"), "is invalid"),
        ],
    )
    async def test_refuse_buttons_that_are_wrong(
        self, stage: Stage, bad: InlineKeyboardButton, reason: str
    ) -> None:
        with refused(reason):
            await stage.client.send_message(stage.lobby.id, "?", reply_markup=keyboard([bad]))

    async def test_hold_a_hundred_buttons(self, stage: Stage) -> None:
        rows = [[button()] for _ in range(101)]
        with refused("reply markup is too long"):
            await stage.client.send_message(stage.lobby.id, "?", reply_markup=keyboard(*rows))


class TestPresses:
    async def test_show_what_the_bot_answers(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "?", reply_markup=keyboard([button()])
        )
        query = stage.asha.press(stage.lobby.message(card.message_id), "Hide")
        [update] = await stage.client.get_updates()
        assert update.callback_query.data == "h:1"
        assert update.callback_query.message.message_id == card.message_id
        await update.callback_query.answer("done", show_alert=True)
        assert query.answer == {"text": "done", "show_alert": True, "url": None}

    async def test_may_stay_without_answer(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "?", reply_markup=keyboard([button()])
        )
        message = stage.lobby.message(card.message_id)
        assert await stage.asha.presses(message, "Hide", patience=0.05) is None

    async def test_are_answered_once_and_in_time(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "?", reply_markup=keyboard([button()])
        )
        message = stage.lobby.message(card.message_id)
        first, second = stage.asha.press(message, 0), stage.om.press(message, "h:1")
        await stage.client.answer_callback_query(first.id, "a" * 200)
        late = "query is too old and response timeout expired or query id is invalid"
        with refused(late):
            await stage.client.answer_callback_query(first.id)
        stage.server.clock.advance(16)
        with refused(late):
            await stage.client.answer_callback_query(second.id)
        with refused("message_too_long"):
            await stage.client.answer_callback_query(stage.om.press(message, 0).id, "a" * 201)

    async def test_need_the_person_in_the_group(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "?", reply_markup=keyboard([button()])
        )
        with pytest.raises(CannotHappen, match="is not in Lobby"):
            stage.server.user("stranger").press(stage.lobby.message(card.message_id), "Hide")

    async def test_on_a_message_that_is_gone_carry_only_its_place(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "?", reply_markup=keyboard([button()])
        )
        message = stage.lobby.message(card.message_id)
        stage.lobby.deletes(message)
        stage.asha.press(message, "Hide")
        [update] = await stage.client.get_updates()
        assert not update.callback_query.message.is_accessible


class TestEdits:
    async def test_change_the_bots_own_message(self, stage: Stage) -> None:
        card = await stage.client.send_message(
            stage.lobby.id, "open", reply_markup=keyboard([button()])
        )
        await stage.client.edit_message_text("closed", stage.lobby.id, card.message_id)
        message = stage.lobby.message(card.message_id)
        assert (message.text, message.labels) == ("closed", [])

    async def test_must_change_something(self, stage: Stage) -> None:
        card = await stage.client.send_message(stage.lobby.id, "open")
        with refused("Message is not modified"):
            await stage.client.edit_message_text("open", stage.lobby.id, card.message_id)
        await stage.client.edit_message_reply_markup(
            stage.lobby.id, card.message_id, reply_markup=keyboard([button()])
        )
        with refused("Message is not modified"):
            await stage.client.edit_message_reply_markup(
                stage.lobby.id, card.message_id, reply_markup=keyboard([button()])
            )

    async def test_need_the_message_and_its_author(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        with refused("Message can't be edited"):
            await stage.client.edit_message_text("bye", stage.lobby.id, said.id)
        with refused("Message to edit not found"):
            await stage.client.edit_message_text("bye", stage.lobby.id, 999)
        with refused("message_id_invalid"):
            await stage.client.edit_message_text("bye", inline_message_id="gone")

    async def test_of_captions_and_media(self, stage: Stage) -> None:
        card = await stage.client.send_photo(stage.lobby.id, b"jpeg", "open", has_spoiler=True)
        place = {"chat_id": stage.lobby.id, "message_id": card.message_id}
        edited = await stage.client.edit_message_caption(caption="closed", **place)
        assert (edited.caption, edited.has_media_spoiler) == ("closed", True)
        new = InputMediaPhoto(b"other", caption="x")
        assert (await stage.client.edit_message_media(new, **place)).caption == "x"
        with refused("There is no text in the message to edit"):
            await stage.client.edit_message_text("text", **place)


class TestDeletion:
    async def test_removes_what_members_said(self, stage: Stage) -> None:
        insult = stage.lobby.says(stage.asha, "you fool")
        assert await stage.client.delete_message(stage.lobby.id, insult.id)
        assert insult.is_deleted
        assert stage.lobby.texts(stage.om) == []
        with refused("Message to delete not found"):
            await stage.client.delete_message(stage.lobby.id, insult.id)

    async def test_needs_the_right(self, stage: Stage) -> None:
        insult = stage.lobby.says(stage.asha, "you fool")
        stage.lobby.takes_right(stage.bot, "can_delete_messages")
        with refused("Message can't be deleted"):
            await stage.client.delete_message(stage.lobby.id, insult.id)
        own = await stage.client.send_message(stage.lobby.id, "mine")
        assert await own.delete()

    async def test_is_refused_after_48_hours(self, stage: Stage) -> None:
        insult = stage.lobby.says(stage.asha, "you fool")
        stage.server.clock.advance(2 * DAY - 60)
        fresh = stage.lobby.says(stage.asha, "and you")
        stage.server.clock.advance(61)
        with refused("Message can't be deleted"):
            await stage.client.delete_message(stage.lobby.id, insult.id)
        assert await stage.client.delete_message(stage.lobby.id, fresh.id)

    async def test_in_basic_groups_is_refused_for_everyone(self, stage: Stage) -> None:
        small = stage.server.group("Small", owner=stage.owner, kind="group").add(stage.bot)
        said = small.says(stage.owner, "hello")
        with refused("Message can't be deleted for everyone"):
            await stage.client.delete_message(small.id, said.id)

    async def test_of_many_passes_over_the_missing(self, stage: Stage) -> None:
        said = [stage.lobby.says(stage.asha, f"{n}").id for n in range(98)]
        stage.lobby.deletes(stage.lobby.message(said[0]))
        assert await stage.client.delete_messages(stage.lobby.id, [*said, 90_001, 90_002])
        assert stage.lobby.texts(stage.om) == []

    async def test_of_many_is_all_or_nothing_where_one_must_stay(self, stage: Stage) -> None:
        old = stage.lobby.says(stage.asha, "old")
        stage.server.clock.advance(3 * DAY)
        new = stage.lobby.says(stage.asha, "new")
        with refused("can't be deleted"):
            await stage.client.delete_messages(stage.lobby.id, [new.id, old.id])
        assert not new.is_deleted

    @pytest.mark.parametrize(
        ("ids", "reason"),
        [
            (list(range(1, 102)), "too many message identifiers specified"),
            ([], "message identifiers are not specified"),
            ([0], "invalid message identifier specified"),
        ],
    )
    async def test_of_many_takes_1_to_100_ids(
        self, stage: Stage, ids: list[int], reason: str
    ) -> None:
        with refused(reason):
            await stage.client.delete_messages(stage.lobby.id, ids)

    async def test_tells_bots_nothing_when_members_delete(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "hello")
        await stage.client.get_updates(offset=2**31 - 1)
        stage.lobby.deletes(said)
        assert stage.bot.waiting == 0


class TestFiles:
    @pytest.mark.parametrize(
        "kind",
        ["photo", "document", "video", "animation", "audio", "voice", "video_note", "sticker"],
    )
    async def test_are_sent_downloaded_and_sent_again(self, stage: Stage, kind: str) -> None:
        send = getattr(stage.client, f"send_{kind}")
        sent = await send(stage.lobby.id, b"content of " + kind.encode())
        attachment = sent.effective_attachment
        file_id = (attachment[-1] if kind == "photo" else attachment).file_id
        file = await stage.client.get_file(file_id)
        assert bytes(await file.download_as_bytearray()) == b"content of " + kind.encode()
        await send(stage.lobby.id, file_id)
        assert len(stage.lobby.living()) == 2 + 3

    async def test_of_people_are_fetched(self, stage: Stage) -> None:
        photo = stage.lobby.sends(stage.asha, "photo", b"pixels", caption="look")
        [update] = await stage.client.get_updates()
        assert update.message.caption == "look"
        file = await update.message.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == b"pixels"
        assert photo.file_id == update.message.photo[-1].file_id

    async def test_above_20_mb_cannot_be_fetched(self, stage: Stage) -> None:
        film = stage.lobby.sends(stage.asha, "video", pretended_size=21 * 1024 * 1024)
        with refused("File is too big"):
            await stage.client.get_file(str(film.file_id))

    async def test_must_exist_and_be_of_the_kind(self, stage: Stage) -> None:
        voice = stage.lobby.sends(stage.asha, "voice")
        with refused("can't use file of type voice as photo"):
            await stage.client.send_photo(stage.lobby.id, voice.file_id)
        with refused("wrong remote file identifier"):
            await stage.client.send_photo(stage.lobby.id, "nonsense")
        with refused("wrong file_id"):
            await stage.client.get_file("nonsense")

    async def test_make_albums_of_2_to_10(self, stage: Stage) -> None:
        photos = [InputMediaPhoto(b"one", caption="a"), InputMediaPhoto(b"two")]
        sent = await stage.client.send_media_group(stage.lobby.id, photos)
        assert len({message.media_group_id for message in sent}) == 1
        assert [message.caption for message in sent] == ["a", None]
        with refused("must include 2-10 items"):
            await stage.client.send_media_group(stage.lobby.id, photos[:1])
        mixed = [photos[0], InputMediaDocument(b"file")]
        with refused("can't use the media of the specified type"):
            await stage.client.send_media_group(stage.lobby.id, mixed)


class TestCopiesAndForwards:
    async def test_a_copy_hides_and_a_forward_names_the_author(self, stage: Stage) -> None:
        review = stage.server.group("Review", owner=stage.owner).add(stage.bot)
        photo = stage.lobby.sends(stage.asha, "photo", caption="look")
        copied = await stage.client.copy_message(review.id, stage.lobby.id, photo.id)
        forwarded = await stage.client.forward_message(review.id, stage.lobby.id, photo.id)
        assert "forward_origin" not in review.message(copied.message_id).header
        assert review.message(copied.message_id).text == "look"
        assert forwarded.forward_origin.sender_user.id == stage.asha.id

    async def test_of_an_album_keep_it_together(self, stage: Stage) -> None:
        review = stage.server.group("Review", owner=stage.owner).add(stage.bot)
        album = stage.lobby.album(stage.asha, ("photo", "a"), ("video", ""))
        ids = [message.id for message in album]
        copies = await stage.client.copy_messages(review.id, stage.lobby.id, ids)
        shown = [review.message(copy.message_id) for copy in copies]
        assert len({message.header["media_group_id"] for message in shown}) == 1
        await stage.client.forward_messages(review.id, stage.lobby.id, ids)
        with refused("strictly increasing"):
            await stage.client.copy_messages(review.id, stage.lobby.id, ids[::-1])

    async def test_need_the_message(self, stage: Stage) -> None:
        with refused("Message to copy not found"):
            await stage.client.copy_message(stage.lobby.id, stage.lobby.id, 999)
        with refused("Message to forward not found"):
            await stage.client.forward_message(stage.lobby.id, stage.lobby.id, 999)
        with refused("There are no messages to forward"):
            await stage.client.forward_messages(stage.lobby.id, stage.lobby.id, [998, 999])

    async def test_of_service_messages_are_refused(self, stage: Stage) -> None:
        joined = stage.lobby.living()[0].id if stage.lobby.living() else 1
        with refused("can't be copied"):
            await stage.client.copy_message(stage.lobby.id, stage.lobby.id, joined)


async def test_a_forgetful_server_keeps_a_file_as_long_as_a_message_bears_it() -> None:
    async with staged(forgetful=True) as stage:
        chat = stage.lobby.id
        first = stage.lobby.sends(stage.asha, "photo")
        assert first.file_id is not None
        copy = await stage.client.send_photo(chat, first.file_id)
        assert copy.photo[-1].file_id != first.file_id
        stage.lobby.deletes(first)
        again = await stage.client.send_photo(chat, first.file_id)
        await stage.client.delete_messages(chat, [copy.message_id, again.message_id])
        for file_id in (first.file_id, copy.photo[-1].file_id):
            with refused("wrong file_id"):
                await stage.client.send_photo(chat, file_id)


async def test_polls_are_posted_and_closed(stage: Stage) -> None:
    sent = await stage.client.send_poll(stage.lobby.id, "hide it?", ["yes", "no"])
    assert (await stage.client.stop_poll(stage.lobby.id, sent.message_id)).is_closed
    with refused("already been closed"):
        await stage.client.stop_poll(stage.lobby.id, sent.message_id)
    with refused("2 to 12 options"):
        await stage.client.send_poll(stage.lobby.id, "hide it?", ["yes"])


async def test_a_quiz_needs_its_right_answers(stage: Stage) -> None:
    chat, client = stage.lobby.id, stage.client
    sent = await client.send_poll(chat, "2 + 2?", ["3", "4"], type="quiz", correct_option_ids=[1])
    assert sent.poll.correct_option_ids == (1,)
    with refused("at least one correct option"):
        await client.send_poll(chat, "2 + 2?", ["3", "4"], type="quiz")
    with refused("invalid correct option"):
        await client.send_poll(chat, "2 + 2?", ["3", "4"], type="quiz", correct_option_ids=[2])


async def test_a_venue_is_told_as_a_place_too(stage: Stage) -> None:
    sent = await stage.client.send_venue(stage.lobby.id, 1.0, 2.0, "Cafe", "1 Road")
    assert (sent.venue.title, sent.location) == ("Cafe", sent.venue.location)
    with refused("wrong latitude"):
        await stage.client.send_venue(stage.lobby.id, 91.0, 2.0, "Cafe", "1 Road")


class TestWire:
    async def test_takes_json_forms_and_queries_alike(self, stage: Stage) -> None:
        url = f"{stage.server.base_url}{stage.bot.token}/sendMessage"
        fields = {"chat_id": stage.lobby.id, "text": "hi"}
        async with httpx.AsyncClient() as http:
            answers = [
                await http.post(url, json=fields),
                await http.post(url, data=fields),
                await http.get(url, params=fields),
                await http.post(url, data=fields, files={"unused": b""}),
                await http.post(url.replace("sendMessage", "SENDMESSAGE"), json=fields),
            ]
        assert [answer.json()["ok"] for answer in answers] == [True] * 5
        assert stage.lobby.texts(stage.om) == ["hi"] * 5

    async def test_refuses_in_the_real_form(self, stage: Stage) -> None:
        url = f"{stage.server.base_url}{stage.bot.token}/deleteMessage"
        async with httpx.AsyncClient() as http:
            answer = await http.post(url, json={"chat_id": stage.lobby.id, "message_id": 999})
        assert answer.status_code == 400
        assert answer.json() == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: message to delete not found",
        }

    @pytest.mark.parametrize(
        ("method", "fields", "reason"),
        [
            ("sendMessage", {"text": "a"}, "chat_id is empty"),
            ("sendMessage", {"chat_id": "x1", "text": "a"}, "must be an Integer"),
            ("deleteMessage", {"chat_id": 1}, "message identifier is not specified"),
            ("sendMessage", {"chat_id": 1, "text": 5}, "must be of type String"),
            ("sendMessage", {"chat_id": 1, "text": "a", "entities": "{"}, "can't parse entities"),
            ("sendMessage", {"chat_id": 1, "text": "a", "protect_content": "maybe"}, "a Boolean"),
            ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": {"x": 1}}, "unsupported"),
            ("sendPhoto", {"chat_id": 1}, "there is no photo in the request"),
            ("getUpdates", {"limit": 101}, "must be 1 to 100"),
            ("getUpdates", {"allowed_updates": ["edits"]}, "no such update type edits"),
            ("getMe", {"colour": "red"}, 'unknown field "colour" in getMe'),
        ],
    )
    async def test_checks_what_it_is_sent(
        self, stage: Stage, method: str, fields: dict[str, object], reason: str
    ) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{stage.server.base_url}{stage.bot.token}/{method}", json=fields
            )
        assert answer.status_code == 400
        assert reason in answer.json()["description"]

    async def test_an_older_server_passes_over_what_it_does_not_know(self) -> None:
        async with staged(strict=False) as stage:
            await stage.client.send_message(stage.lobby.id, "hi", api_kwargs={"of_later": 1})
            [request] = stage.server.journal.of("sendMessage")
            assert request.ignored == ("sendMessage.of_later",)

    @pytest.mark.parametrize("later", [False, True])
    async def test_an_ephemeral_message_is_seen_by_one(self, stage: Stage, later: bool) -> None:
        to = {"receiver_user_id": stage.asha.id}
        sent = await stage.client.send_message(
            stage.lobby.id, "psst", api_kwargs={"ephemeral_message_parameters": to} if later else to
        )
        assert sent.message_id == 0
        assert "psst" in stage.lobby.texts(stage.asha)
        assert "psst" not in stage.lobby.texts(stage.owner)
        number = sent.api_kwargs["ephemeral_message_id"]
        named = {**to, "chat_id": stage.lobby.id, "ephemeral_message_id": number}
        await stage.client.do_api_request("deleteEphemeralMessage", named)
        assert "psst" not in stage.lobby.texts(stage.asha)

    async def test_an_older_server_lacks_methods_and_parameters(self, stage: Stage) -> None:
        stage.server.api.without |= {"deleteMessages", "sendMessage.message_effect_id"}
        with pytest.raises(InvalidToken, match="method not found"):
            await stage.client.delete_messages(stage.lobby.id, [1])
        with refused("unknown field"):
            await stage.client.send_message(stage.lobby.id, "hi", message_effect_id="1")

    async def test_unknown_methods_are_not_found(self, stage: Stage) -> None:
        with pytest.raises(telegram.error.EndPointNotFound):
            await stage.client.do_api_request("sendEphemeralMessage", {"chat_id": 1})

    async def test_tokens_are_checked(self, stage: Stage) -> None:
        async with httpx.AsyncClient() as http:
            unknown = await http.get(f"{stage.server.base_url}123456:AAAAAAAAAA/getMe")
            malformed = await http.get(f"{stage.server.base_url}nonsense/getMe")
            file = await http.get(f"{stage.server.base_file_url}123456:AAAAAAAAAA/photos/x")
        assert unknown.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        assert (malformed.status_code, file.status_code) == (404, 401)
        stage.bot.revokes_token()
        with pytest.raises(InvalidToken):
            await stage.client.get_me()

    async def test_its_own_bugs_fail_the_test(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_: object) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setitem(ANSWERED, "getMe", broken)
        with pytest.raises(ZeroDivisionError):
            async with TelegramServer() as server:
                async with httpx.AsyncClient() as http:
                    answer = await http.get(f"{server.base_url}{server.bot().token}/getMe")
                assert answer.status_code == 500

    async def test_two_bots_have_separate_private_chats(self, stage: Stage) -> None:
        other = stage.server.bot("other_bot")
        stage.asha.starts(stage.bot)
        stage.asha.starts(other)
        async with connected(stage.server, other) as client:
            await client.send_message(stage.asha.id, "from the other")
        assert [m.text for m in stage.asha.inbox(stage.bot)] == ["/start"]
        assert [m.text for m in stage.asha.inbox(other)] == ["/start", "from the other"]
