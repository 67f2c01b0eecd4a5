"""Exports that are cut off, broken, or made to do harm."""

import gzip
import io
import json
import tarfile
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import MalformedExport
from bot.domain.messages import readable
from bot.replay.entries import Fault, Post, Skipped
from bot.replay.export import open_export
from bot.replay.formats.surrogates import SurrogateMender
from bot.replay.piece import LINE_LIMIT, RECORD_LIMIT, Piece
from tests.factories.exports import (
    DISCORD_TEXT,
    IRC_LOG,
    NEW_DISCORD_CSV,
    OLD_DISCORD_CSV,
    a_discord_channel,
    a_discord_message,
    a_file,
    a_json,
    a_tar,
    a_telegram_chat,
    a_telegram_message,
    entries,
    messages,
    skips,
)

LINES = '{"text": "one", "id": 1}\n{"text": "two", "id": 2}\n'
TELEGRAM = json.dumps(a_telegram_chat(*(a_telegram_message(each) for each in range(5))))
DISCORD = json.dumps(a_discord_channel(*(a_discord_message(str(each)) for each in range(5))))
SAMPLES = {
    "telegram": TELEGRAM,
    "discord": DISCORD,
    "old csv": OLD_DISCORD_CSV,
    "new csv": NEW_DISCORD_CSV,
    "text": DISCORD_TEXT,
    "irc": IRC_LOG,
    "lines": LINES,
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_change_of_bytes_makes_a_reader_crash(tmp_path, sample, data):
    content = bytearray(sample.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        new = data.draw(st.binary(max_size=6) | st.sampled_from([b'"', b"{", b"]", b"\n", b"\\u"]))
        content[at : at + data.draw(st.integers(0, 6))] = new
    path = a_file(tmp_path, "mutated", bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        found = entries(path)
    except MalformedExport as refused:
        assert "mutated" in str(refused)
    else:
        for entry in found:
            if isinstance(entry, Post):
                entry.message.text.encode()  # all that is given on can be written down


@pytest.mark.parametrize("sample", [TELEGRAM, DISCORD], ids=["telegram", "discord"])
def test_of_json_that_was_cut_off_all_whole_messages_count_and_the_fault_is_said(tmp_path, sample):
    *found, fault = entries(a_file(tmp_path, "cut.json", sample[:-30]))
    assert [entry.message.id for entry in found] == ["0", "1", "2", "3"]
    assert "cut.json, near byte" in str(fault.error) and "cut off" in str(fault.error)


def test_json_broken_in_the_middle_gives_what_stands_before_it_and_quotes_nothing(tmp_path):
    broken = TELEGRAM.replace('"id": 3', '"id": private')
    *found, fault = entries(a_file(tmp_path, "broken.json", broken))
    assert [entry.message.id for entry in found] == ["0", "1", "2"]
    assert isinstance(fault, Fault)
    assert "broken JSON" in str(fault.error) and "private" not in str(fault.error)


def test_an_archive_that_was_cut_off_gives_what_it_holds_and_the_fault(tmp_path):
    rows = "".join(
        f'"{each}";"s";"11-Jun-18 04:50 PM";"word{each}";"";"";\n' for each in range(999)
    )
    whole = gzip.compress((OLD_DISCORD_CSV + rows).encode())
    *found, fault = entries(a_file(tmp_path, "cut.csv.gz", whole[: len(whole) // 2]))
    assert len(found) > 50 and all(isinstance(entry, Post) for entry in found)
    assert "cut.csv.gz" in str(fault.error) and "cut off" in str(fault.error)


@pytest.mark.parametrize("left", [2, 15])
@pytest.mark.parametrize("name", ["chat.json.gz", "chat.tar.gz"])
def test_an_archive_of_which_nothing_can_be_read_is_not_called_empty(tmp_path, name, left):
    cut = a_file(tmp_path, name, gzip.compress(b"hello " * 999)[:left])
    with pytest.raises(MalformedExport, match=f"{name}.* was cut off or is damaged"):
        open_export(cut)


def test_a_partition_of_which_nothing_can_be_read_is_a_fault(tmp_path):
    a_file(tmp_path, "1.csv.gz", gzip.compress(b"text\nhello\n")[:15])
    a_file(tmp_path, "2.csv", b"text\nhello\n")
    fault, found = entries(tmp_path)
    assert isinstance(fault, Fault) and "1.csv.gz" in str(fault.error)
    assert isinstance(found, Post)


def test_a_tar_that_was_cut_off_is_said(tmp_path):
    whole = a_tar(
        tmp_path, {f"{each}.csv": OLD_DISCORD_CSV * 40 for each in range(40)}
    ).read_bytes()
    found = entries(a_file(tmp_path, "cut.tar.gz", whole[: len(whole) // 2]))
    assert isinstance(found[0], Post) and isinstance(found[-1], Fault)


def test_one_broken_partition_does_not_hide_those_after_it(tmp_path):
    path = a_tar(tmp_path, {"1.json": DISCORD[:-40], "2.json": DISCORD})
    found = entries(path)
    assert sum(isinstance(entry, Post) for entry in found) == 4 + 5
    assert sum(isinstance(entry, Fault) for entry in found) == 1


@pytest.mark.parametrize(
    "broken",
    [b"\xff\xfe\xfd", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"a\0b"],
    ids=["no UTF-8", "half a letter", "a surrogate", "five bytes", "NUL"],
)
def test_bytes_that_are_no_text_pass_as_replacement_characters_and_are_counted(tmp_path, broken):
    for name, template in (("t.csv", b"id,text\n1,good %s night\n"), ("l", b'{"text":"good %s"}')):
        export = open_export(a_file(tmp_path, name, template % broken))
        [entry] = export.entries()
        assert isinstance(entry, Post)
        assert "\ufffd" in entry.message.text and entry.message.text.startswith("good")
        assert export.unreadable >= 1
    chat = json.dumps(a_telegram_chat(a_telegram_message(text="good XX"))).encode()
    [message] = messages(a_file(tmp_path, "result.json", chat.replace(b"XX", broken)))
    assert message.text.startswith("good")


@pytest.mark.parametrize("written", ["\\ud83d", "\\udc00", "\\uDBFFx", "\\u0000"])
def test_escapes_that_are_no_characters_pass(tmp_path, written):
    line = '{"text": "a HERE", "author": "HERE", "id": "HERE"}'.replace("HERE", written)
    [message] = messages(a_file(tmp_path, "lines", line))
    (message.text + message.id + message.author.person.id).encode()
    found = messages(a_file(tmp_path, "result.json", TELEGRAM.replace("good", written)))
    assert len(found) == 5 and found[0].text.startswith("\ufffd")


@given(
    text=st.lists(
        st.sampled_from(["\\", '"', "a", "u", "ud83d", "\ud83d", "\udf39", "🌹", "é", "\n"])
    ).map("".join),
    at=st.integers(1, 60),
)
def test_half_characters_are_mended_wherever_a_chunk_ends(text, at):
    written = json.dumps(text).encode()
    mender = SurrogateMender()
    chunks = [written[start : start + at] for start in range(0, len(written), at)]
    mended = b"".join(map(mender.mend, chunks)) + mender.rest()
    whole = json.loads(written)  # joins the halves that stand together
    assert json.loads(mended) == readable(whole)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(tmp_path, encoding):
    [message] = messages(a_file(tmp_path, "t.csv", "text\nगुलाब 🌹\n".encode(encoding)))
    assert message.text == "गुलाब 🌹"


def test_a_character_over_the_edge_of_a_chunk_is_read_whole(tmp_path):
    for padding in range(65_530, 65_540):
        [message] = messages(a_file(tmp_path, "t.csv", "text\n" + "x" * padding + "🌹\n"))
        assert message.text.endswith("x🌹")


def test_a_message_of_a_megabyte_is_read(tmp_path):
    long = "word " * 200_000
    assert messages(a_file(tmp_path, "l", json.dumps({"text": long})))[0].text == long
    assert messages(a_file(tmp_path, "t.csv", f'text\n"{long}"\n'))[0].text == long
    chat = a_telegram_chat(a_telegram_message(text=long))
    assert messages(a_json(tmp_path, chat))[0].text == long


def test_a_line_without_end_is_skipped_and_the_next_is_read(tmp_path):
    endless = '{"text": "' + "x" * (LINE_LIMIT + 9) + '"}\n'
    path = a_file(tmp_path, "lines", LINES + endless + '{"text": "after"}\n')
    assert [message.text for message in messages(path)] == ["one", "two", "after"]
    assert skips(path) == ["line too long"]


def test_an_endless_quoted_field_is_skipped(tmp_path):
    rows = ("x" * 9999 + "\n") * (LINE_LIMIT // 9999 + 2)
    found = entries(a_file(tmp_path, "t.csv", f'id,text\n1,"a"\n2,"{rows}"\n3,"b"\n4,"c"\n'))
    assert isinstance(found[0], Post)
    assert found[1] == Skipped("broken CSV", "t.csv, line 3")
    assert isinstance(found[-1], Post) and found[-1].message.text == "c"


def test_a_decompression_bomb_is_refused_in_little_memory(tmp_path):
    def bomb(start: bytes, fill: bytes) -> bytes:
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
            file.write(start)
            for _ in range(160):
                file.write(fill)
        return packed.getvalue()

    opening = TELEGRAM.split('"messages": [')[0] + '"messages": [{"text": "'
    for name, content in (
        ("result.json.gz", bomb(opening.encode(), b"x" * (1 << 20))),
        ("t.csv.gz", bomb(b"text\n", b"x" * (1 << 20))),
        ("lines.gz", bomb(LINES.encode(), b"{" * (1 << 20))),
        ("pax.tar.gz", bomb(_pax_header(1 << 40), b"x" * (1 << 20))),
    ):
        path = a_file(tmp_path, name, content)
        tracemalloc.start()
        try:
            found = entries(path)
            assert isinstance(found[-1], Fault | Skipped)
        except MalformedExport:
            pass
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 7 * RECORD_LIMIT, (name, peak)


def _pax_header(size: int) -> bytes:
    info = tarfile.TarInfo("header")
    info.type = tarfile.XHDTYPE
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def test_deep_nesting_is_refused(tmp_path):
    deep = "[" * 5000
    *_, fault = entries(
        a_file(tmp_path, "deep.json", TELEGRAM[:-2] + ', {"id": 9, "text": ' + deep)
    )
    assert "nested more than" in str(fault.error)


def test_names_in_an_archive_are_labels_and_never_paths(tmp_path):
    outside = tmp_path / "outside.csv"
    path = a_tar(
        tmp_path / "in", {"../outside.csv": OLD_DISCORD_CSV, "/abs/x\x1b[31m.csv": OLD_DISCORD_CSV}
    )
    ids = [message.id for message in messages(path)]
    assert ids[0] == "../outside.csv:2" and "\x1b" not in "".join(ids)
    assert not outside.exists()


def test_links_in_archives_and_folders_are_not_followed(tmp_path):
    secret = a_file(tmp_path / "elsewhere", "secret.csv", OLD_DISCORD_CSV)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        link = tarfile.TarInfo("1.csv")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(link)
    with pytest.raises(MalformedExport):
        open_export(a_file(tmp_path, "links.tar", packed.getvalue()))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.csv").symlink_to(secret)
    with pytest.raises(MalformedExport):
        open_export(folder)


def test_a_file_that_cannot_be_read_says_so():
    class Gone:
        def read1(self, size: int) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(MalformedExport, match=r"x\.csv.*Input/output error"):
        Piece("x.csv", Gone()).readall()
