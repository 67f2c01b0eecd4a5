from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import MalformedExport
from bot.domain.messages import PartKind
from bot.replay.entries import Aside, Fault, Post
from bot.replay.export import open_export, recognise
from bot.replay.times import parse_time
from tests.factories.exports import (
    DISCORD_TEXT,
    IRC_LOG,
    NEW_DISCORD_CSV,
    OLD_DISCORD_CSV,
    a_discord_channel,
    a_discord_message,
    a_discord_page,
    a_file,
    a_gzip,
    a_header_on_a_page,
    a_json,
    a_message_on_a_page,
    a_tar,
    a_telegram_chat,
    a_telegram_message,
    entries,
    messages,
    said_on_a_page,
    skips,
)

TEN = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)


def parts_of(path: Path) -> list[tuple[PartKind, str]]:
    [message] = messages(path)
    return [(part.kind, part.text) for part in message.parts]


# ---------------------------------------------------------------- Telegram Desktop


def test_a_telegram_message_is_known_as_a_bot_would_know_it(tmp_path):
    [message] = messages(a_json(tmp_path, a_telegram_chat(a_telegram_message())))
    assert (message.place.platform, message.place.group) == ("telegram", "-100555")
    assert (message.id, message.text, message.posted_at) == ("7", "good morning", TEN)
    assert (message.author.person.id, message.author.person.name) == ("101", "Asha")
    assert message.author.punishable


def test_text_in_pieces_is_joined_and_the_addresses_behind_links_are_read(tmp_path):
    text = ["see ", {"type": "text_link", "text": "this", "href": "https://seeds.example"}, " now"]
    path = a_json(tmp_path, a_telegram_chat(a_telegram_message(text=text)))
    assert parts_of(path) == [
        (PartKind.TEXT, "see this now"),
        (PartKind.LINK, "https://seeds.example"),
    ]


def test_captions_forwards_polls_buttons_and_file_names_are_read(tmp_path):
    def said(**more: object) -> list[tuple[PartKind, str]]:
        chat = a_telegram_chat(a_telegram_message(text="look", **more))
        return parts_of(a_json(tmp_path, chat))

    assert said(photo="photos/1.jpg") == [(PartKind.CAPTION, "look")]
    assert said(forwarded_from="Noor") == [(PartKind.FORWARD, "look")]
    assert said(file="files/a.pdf", file_name="plan.pdf")[1] == (PartKind.FILE_NAME, "plan.pdf")
    poll = {"question": "Which?", "answers": [{"text": "rose", "voters": 1}, {"text": "oak"}]}
    assert [text for _, text in said(poll=poll)] == ["look", "Which?", "rose", "oak"]
    buttons = [[{"type": "url", "text": "Open"}, {"type": "url", "text": "Close"}]]
    assert said(inline_bot_buttons=buttons)[1:] == [
        (PartKind.BUTTON, "Open"),
        (PartKind.BUTTON, "Close"),
    ]


def test_an_edited_telegram_message_is_a_later_revision(tmp_path):
    edited = a_telegram_message(edited="2024-03-01T10:05:00", reply_to_message_id=3)
    [message] = messages(a_json(tmp_path, a_telegram_chat(edited)))
    assert (message.revision, message.reply_to) == (1, "3")


def test_service_messages_are_counted_and_not_judged(tmp_path):
    service = {"id": 1, "type": "service", "action": "invite_members", "text": ""}
    assert skips(a_json(tmp_path, a_telegram_chat(service))) == ["service message"]


def test_a_message_that_answers_the_first_of_a_topic_was_posted_in_it(tmp_path):
    opened = {"id": 20, "type": "service", "action": "topic_created", "title": "Roses", "text": ""}
    posted = a_telegram_message(21, reply_to_message_id=20)
    [message] = messages(a_json(tmp_path, a_telegram_chat(opened, posted)))
    assert (message.place.channel, message.reply_to) == ("20", None)


def test_a_channel_that_posts_in_a_group_is_never_punished(tmp_path):
    posted = a_telegram_message(from_id="channel9", **{"from": "News"})
    [message] = messages(a_json(tmp_path, a_telegram_chat(posted)))
    assert (message.author.person.id, message.author.punishable) == ("-1009", False)


def test_an_account_export_gives_the_messages_of_every_chat_under_its_own_id(tmp_path):
    chats = [
        a_telegram_chat(a_telegram_message(1), type="private_group", id=8),
        a_telegram_chat(a_telegram_message(2), type="personal_chat", id=9),
    ]
    left = [a_telegram_chat(a_telegram_message(3), type="public_supergroup", id=10)]
    document = {
        "about": "Here is the data",
        "contacts": {"list": [{"first_name": "Not a message", "date": "2024-01-01"}]},
        "chats": {"about": "…", "list": chats},
        "left_chats": {"about": "…", "list": left},
    }
    path = a_json(tmp_path, document)
    assert recognise(path).name == "Telegram Desktop JSON"
    found = [(message.place.group, message.id) for message in messages(path)]
    assert found == [("-8", "1"), ("9", "2"), ("-10010", "3")]


def test_something_that_is_no_message_among_messages_is_skipped_with_its_reason(tmp_path):
    path = a_json(tmp_path, a_telegram_chat("oops", None, a_telegram_message()))
    assert skips(path) == ["no JSON object", "no JSON object"]
    assert len(messages(path)) == 1


# ---------------------------------------------------------------- DiscordChatExporter


def test_a_discord_message_brings_its_author_roles_and_place(tmp_path):
    [message] = messages(a_json(tmp_path, a_discord_channel(a_discord_message())))
    assert (message.place.group, message.place.channel, message.id) == ("1", "2", "900")
    assert message.author.roles == {"77"}
    assert (message.author.person.name, message.author.is_bot) == ("Sam", False)
    assert (message.text, message.revision) == ("hello", 0)


def test_discord_embeds_attachments_stickers_buttons_and_forwards_are_read(tmp_path):
    record = a_discord_message(
        content="",
        attachments=[{"fileName": "bed.png", "fileSizeBytes": 3}],
        embeds=[{"title": "T", "description": "D", "fields": [{"name": "n", "value": "v"}]}],
        stickers=[{"name": "Wave"}],
        components=[{"components": [{"label": "Open", "url": "https://x.example"}]}],
        forwardedMessage={"content": "as I said", "embeds": [], "attachments": []},
        reference={"messageId": "5", "type": "Forward"},
    )
    path = a_json(tmp_path, a_discord_channel(record))
    said = [text for _, text in parts_of(path)]
    assert said == ["bed.png", "T", "D", "n", "v", "Wave", "Open", "https://x.example", "as I said"]
    [message] = messages(path)
    assert message.reply_to is None


def test_discord_answers_edits_bots_and_announcements_are_told_apart(tmp_path):
    bot = {"id": "1", "name": "helper", "isBot": True}
    path = a_json(
        tmp_path,
        a_discord_channel(
            a_discord_message("1", type="Reply", reference={"messageId": "5"}),
            a_discord_message("2", timestampEdited="2024-03-01T11:00:00+00:00"),
            a_discord_message("3", author=bot),
            a_discord_message("4", type="GuildMemberJoin"),
        ),
    )
    answer, edited, by_bot = messages(path)
    assert (answer.reply_to, edited.revision, by_bot.author.is_bot) == ("5", 1, True)
    assert skips(path) == ["service message"]


def test_discord_csv_of_old_and_of_new_releases_is_read(tmp_path):
    old, picture = messages(a_file(tmp_path, "old [123456789012345678].csv", OLD_DISCORD_CSV))
    assert old.text == 'the roses; they are "fine"\nand red'
    assert old.posted_at == datetime(2018, 6, 11, 16, 50, tzinfo=UTC)
    assert old.place.channel == "123456789012345678"
    assert [(part.kind, part.text) for part in picture.parts] == [
        (PartKind.FILE_NAME, "my bed.png")
    ]
    [new] = messages(a_file(tmp_path, "new.csv", NEW_DISCORD_CSV))
    assert (new.text, new.posted_at, new.author.person.id) == ("water, then wait", TEN, "42")


def test_partitions_in_a_folder_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 2, 1):
        row = f'"4","s","2024-03-01","part {number}","",""\n'
        a_file(tmp_path / "export", f"{number}.csv", NEW_DISCORD_CSV.splitlines()[0] + "\n" + row)
    assert [message.text for message in messages(tmp_path / "export")] == [
        "part 1",
        "part 2",
        "part 10",
    ]


def test_message_ids_stay_apart_over_partitions(tmp_path):
    path = a_tar(tmp_path, {"x/1.csv": OLD_DISCORD_CSV, "x/2.csv": OLD_DISCORD_CSV})
    ids = [message.id for message in messages(path)]
    assert len(set(ids)) == len(ids) == 4


def test_discord_plain_text_is_read_paragraph_by_paragraph(tmp_path):
    first, second = messages(a_file(tmp_path, "seeds.txt", DISCORD_TEXT))
    assert first.text == "first line\n\nthird line\nhttps://cdn.example/a/bed.png"
    assert (first.author.person.name, first.posted_at) == ("sam#0001", TEN)
    assert second.text == "[not a time] is only text"


# An id that Discord gave out at TEN, give or take what its lowest 22 bits say.
AT_TEN = int(TEN.timestamp() * 1000 - 1_420_070_400_000) << 22
ASHA = a_header_on_a_page("Asha", 7)


def test_a_discord_web_page_is_read_message_by_message(tmp_path):
    page = a_discord_page(
        a_message_on_a_page(AT_TEN, said_on_a_page("hello <em>there</em>"), author=ASHA),
        a_message_on_a_page(AT_TEN + 1, said_on_a_page("3 &lt; 4<br>and so on")),
        a_message_on_a_page(
            AT_TEN + 2, said_on_a_page("beep"), author=a_header_on_a_page("Robo", 8, bot=True)
        ),
        a_message_on_a_page(AT_TEN + 3, said_on_a_page("bye"), author=ASHA),
    )
    found = messages(a_file(tmp_path, "plants.html", page))
    assert [each.text for each in found] == ["hello there", "3 < 4\nand so on", "beep", "bye"]
    assert [each.author.person.id for each in found] == ["7", "7", "8", "7"]
    assert [each.author.is_bot for each in found] == [False, False, True, False]
    assert {each.posted_at for each in found} == {TEN}


def test_embeds_files_and_emoji_of_a_web_page_are_read(tmp_path):
    inside = said_on_a_page('so <img loading=lazy class=emoji alt=":sad:" src=a.png>') + (
        "<div class=chatlog__attachment><a href=https://cdn.example/a/1/my%20cat.png?ex=1>"
        '<img class=chatlog__attachment-media src="https://cdn.example/a/1/my%20cat.png"></a></div>'
        "<div class=chatlog__embed><div class=chatlog__embed-author>News</div>"
        "<div class=chatlog__embed-title><div class=chatlog__markdown>Rain</div></div></div>"
        "<div class=chatlog__reactions><div class=chatlog__reaction><span>5</span></div></div>"
    )
    page = a_discord_page(a_message_on_a_page(AT_TEN, inside, author=ASHA))
    assert parts_of(a_file(tmp_path, "plants.html", page)) == [
        (PartKind.TEXT, "so :sad:"),
        (PartKind.EMBED, "News\nRain"),
        (PartKind.FILE_NAME, "my cat.png"),
    ]


def test_answers_edits_and_announcements_of_a_web_page_are_told_apart(tmp_path):
    answered = (
        "<div class=chatlog__reply><div class=chatlog__reply-author>Ben</div>"
        "<div class=chatlog__reply-content><span class=chatlog__reply-link "
        "onclick=\"scrollToMessage(event, '42')\">you idiot</span></div></div>"
    )
    edited = "<span class=chatlog__edited-timestamp title=later>(edited)</span>"
    joined = (
        "<span class=chatlog__system-notification-author data-user-id=9>Mei</span>"
        "<span class=chatlog__system-notification-content>joined the server.</span>"
    )
    page = a_discord_page(
        a_message_on_a_page(AT_TEN, said_on_a_page("no", edited), author=answered + ASHA),
        a_message_on_a_page(AT_TEN + 1, joined),
    )
    path = a_file(tmp_path, "plants.html", page)
    [answer] = messages(path)
    assert (answer.text, answer.revision, answer.reply_to) == ("no", 1, "42")
    assert skips(path) == ["service message"]


def test_a_web_page_that_breaks_off_gives_what_it_had(tmp_path):
    page = a_discord_page(a_message_on_a_page(AT_TEN, said_on_a_page("hello"), author=ASHA))
    cut = page[: page.index("hello") + 5]
    assert [each.text for each in messages(a_file(tmp_path, "cut.html", cut))] == ["hello"]


# ---------------------------------------------------------------- lines, tables, logs


def test_json_lines_are_read_whatever_their_keys_are_called(tmp_path):
    path = a_file(
        tmp_path,
        "lines.jsonl",
        '{"id": 5, "text": "one", "author": {"id": 8, "name": "Sam", "bot": true}, '
        '"time": 1709287200}\n'
        '\n{"message": "two", "user": "noor", "user_id": "n1", "created_at": "2024-03-01 10:00"}\n'
        '{"Content": "three", "timestamp": 1709287200000}\n',
    )
    one, two, three = messages(path)
    assert (one.id, one.author.person.id, one.author.is_bot, one.posted_at) == ("5", "8", True, TEN)
    assert (two.id, two.author.person.id, two.posted_at) == ("lines.jsonl:3", "n1", TEN)
    assert (three.text, three.posted_at) == ("three", TEN)


def test_a_broken_line_of_json_lines_is_skipped_with_its_reason_and_place(tmp_path):
    lines = '{"text": "one"}\n{"text": \n[1]\n{"other": 1}\n' + "[" * 9999 + '\n{"text": "two"}\n'
    path = a_file(tmp_path, "lines.jsonl", lines)
    assert [message.text for message in messages(path)] == ["one", "two"]
    assert skips(path) == ["broken JSON", "no text field", "no text field", "broken JSON"]
    wheres = [entry.where for entry in entries(path) if not isinstance(entry, Post | Aside | Fault)]
    assert wheres[0] == "lines.jsonl, line 2"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_divides_its_columns(tmp_path, delimiter):
    rows = [["when", "User Name", "Comment", "date"], ["x", "sam", "hi there", "2024-03-01T10:00Z"]]
    path = a_file(tmp_path, "t.csv", "\n".join(delimiter.join(row) for row in rows))
    [message] = messages(path)
    assert (message.text, message.author.person.name) == ("hi there", "sam")
    assert message.posted_at == TEN


def test_a_table_without_names_and_times_is_read_undated(tmp_path):
    path = a_gzip(tmp_path, ",comment\n0,hi\n1,there\n", "chat.csv.gz")
    [first, second] = entries(path)
    assert isinstance(first, Post) and not first.dated
    assert (first.message.id, first.message.text) == ("0", "hi")
    assert isinstance(second, Post) and second.message.text == "there"


def test_a_row_that_breaks_its_quotes_is_skipped_and_the_next_is_read(tmp_path):
    path = a_file(tmp_path, "t.csv", 'id,text\n1,"good"\n2,"bad" here\n3,"fine"\n4\n')
    assert [message.id for message in messages(path)] == ["1", "3"]
    assert skips(path) == ["broken CSV", "too few columns"]


def test_a_table_that_ends_within_a_quote_says_where_that_quote_began(tmp_path):
    path = a_file(tmp_path, "t.csv", 'id,text\n1,"good"\n2,"cut of\n')
    good, fault = entries(path)
    assert isinstance(good, Post) and isinstance(fault, Fault)
    assert "t.csv, line 3" in str(fault.error) and "cut off" in str(fault.error)


def test_an_irc_log_gives_what_was_said_done_and_noticed(tmp_path):
    path = a_file(tmp_path, "2024-02-29_23.raw.txt", IRC_LOG)
    found = [(m.author.person.name, m.text, m.posted_at.day) for m in messages(path)]
    assert found == [
        ("sam", "anyone up?", 29),
        ("noor", "waters the beds", 29),
        ("bed[6]", "it is late", 1),  # past midnight
        ("sam", "closing the gate", 1),
    ]
    assert Aside("join, part or other event") in entries(path)


# ---------------------------------------------------------------- telling them apart


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (OLD_DISCORD_CSV, "DiscordChatExporter CSV"),
        (NEW_DISCORD_CSV, "DiscordChatExporter CSV"),
        (DISCORD_TEXT, "DiscordChatExporter text"),
        (IRC_LOG, "IRC log"),
        ('{"text": "hi"}\n', "JSON lines"),
        ('{"text": "' + "x" * 200_000 + '"}\n', "JSON lines"),
        ("text\nhello\n", "CSV"),
    ],
)
def test_a_format_is_recognised_by_content_under_any_name(tmp_path, content, name):
    assert recognise(a_file(tmp_path, "history.txt", content)).name == name
    assert recognise(a_tar(tmp_path, {"a/history": content})).name == name


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><html>", "export the history again as JSON"),
        (b"PK\x03\x04rest", "unpack it first"),
        (b'[{"text": "a"}]', "write one object a line"),
        (b'{"participants": [], "messages": []}', "of no known exporter"),
        (b"name,age\nsam,4\n", "(name, age) none is named text"),
        (b"just some words.\nand more", "no known format"),
        (bytes(range(256)) * 40, "no known format"),
    ],
)
def test_what_is_no_export_is_refused_with_what_to_do(tmp_path, content, advice):
    with pytest.raises(MalformedExport) as refused:
        open_export(a_file(tmp_path, "thing.txt", content))
    assert advice in str(refused.value)
    assert "Telegram Desktop result.json" in str(refused.value)
    assert "thing.txt" in str(refused.value)


def test_a_refusal_quotes_nothing_that_anybody_said(tmp_path):
    said = a_file(tmp_path, "w.txt", "12/9/20, 23:55 - Bob: my secret, you see\n")
    with pytest.raises(MalformedExport) as refused:
        open_export(said)
    assert "secret" not in str(refused.value)


def test_a_path_that_is_not_there_is_an_error_of_its_own(tmp_path):
    with pytest.raises(MalformedExport, match="no such file"):
        open_export(tmp_path / "nothing.json")
    with pytest.raises(MalformedExport, match="no file in this folder"):
        open_export(tmp_path)


def test_an_archive_among_the_partitions_is_read_or_named_and_one_among_the_media_is_neither(
    tmp_path,
):
    folder = tmp_path / "e"
    a_tar(folder, {"x/1.csv": OLD_DISCORD_CSV}, name="1.tgz")
    a_file(folder, "2.zip", "PK\x03\x04")
    a_file(folder / "media", "3.zip", "PK\x03\x04")
    found = entries(folder)
    assert len([each for each in found if isinstance(each, Post)]) == 2
    [aside] = [each for each in found if isinstance(each, Aside)]
    assert "2.zip: this is a .zip, unpack it first" in str(aside.error)


@pytest.mark.parametrize("name", ["1²2.csv", "٣.csv"])
def test_a_partition_may_be_numbered_in_any_way(tmp_path, name):
    a_file(tmp_path / "e", "1.csv", OLD_DISCORD_CSV)
    a_file(tmp_path / "e", name, OLD_DISCORD_CSV)
    assert len(messages(tmp_path / "e")) == 4


def test_files_beside_the_export_are_passed_over_and_counted(tmp_path):
    a_file(tmp_path / "e", "1.csv", OLD_DISCORD_CSV)
    a_file(tmp_path / "e", "readme.txt", "made on a rainy day")
    a_file(tmp_path / "e", "photo.jpg", b"\xff\xd8")
    found = entries(tmp_path / "e")
    [aside] = [entry for entry in found if isinstance(entry, Aside)]
    assert aside.why == "file in no known format"
    assert str(aside.error).startswith("readme.txt: ")


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        (1709287200, TEN),
        (1709287200.0, TEN),
        ("1709287200", TEN),
        (1709287200000, TEN),
        ("2024-03-01T10:00:00Z", TEN),
        ("2024-03-01T12:00:00+02:00", TEN),
        ("2024-03-01 10:00", TEN),
        ("01-Mar-24 10:00 AM", TEN),
        ("3/1/2024 10:00\u202fAM", TEN),
        ("01.03.2024 10:00", TEN),
        ("03/01/2024 10:00", None),  # the third of January or the first of March
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (1e300, None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_times_are_understood_only_where_they_can_be_read_in_one_way(written, understood):
    assert parse_time(written) == understood
