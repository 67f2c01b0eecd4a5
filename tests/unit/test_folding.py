"""What folding undoes, and what it must leave alone."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.scoring import folding
from bot.scoring.folding import Folding, folded, folding_stages, misspelling, readings
from bot.scoring.folding.devanagari import harsh_in_latin
from bot.scoring.folding.parting import is_word
from bot.scoring.folding.suspicion import suspicious

HIDDEN = [
    (Folding.UNSEEN, "i\u200bd\u200bi\u2060o\ufefft"),
    (Folding.UNSEEN, "id\x02iot"),
    (Folding.UNSEEN, "i\u00addi\u202cot"),
    (Folding.UNSEEN, "\u202etoidi\u202c"),
    (Folding.LETTERS, "ｉｄｉｏｔ"),
    (Folding.LETTERS, "𝓲𝓭𝓲𝓸𝓽"),
    (Folding.LETTERS, "𝕚𝔡𝒾𝗼𝚝"),
    (Folding.LETTERS, "ⓘⓓⓘⓞⓣ"),
    (Folding.LETTERS, "⒤⒟⒤⒪⒯"),
    (Folding.LETTERS, "ïdïöţ"),
    (Folding.LETTERS, "i\u0338\u0321d\u0337i\u0334o\u0323\u0335t"),
    (Folding.LETTERS, "ɪᴅɪᴏᴛ"),
    (Folding.PERCENT, "%69%64%69%6f%74"),
    (Folding.PERCENT, "%69diot"),
    (Folding.MARKUP, "||id||iot"),
    (Folding.MARKUP, "i`dio`t"),
    (Folding.MARKUP, "**id**~~io~~__t__"),
    (Folding.MARKUP, "id*io*t"),
    (Folding.MARKUP, "*i*diot"),
    (Folding.SPACING, "i d i o t"),
    (Folding.SPACING, "i\td\ti\to\tt"),
    (Folding.SPACING, "i\nd\ni\no\nt"),
    (Folding.SPACING, "i, d, i, o, t"),
    (Folding.SPACING, "i.d.i.o.t"),
    (Folding.SPACING, "i-d-i-o-t"),
    (Folding.SPACING, "i_d_i_o_t"),
    (Folding.SPACING, "i..d..i..o..t"),
    (Folding.LOOKALIKES, "іdіоt"),
    (Folding.LOOKALIKES, "ιdιοτ"),
    (Folding.LOOKALIKES, "idiот"),
    (Folding.LOOKALIKES, "idᎥⲟt"),
    (Folding.LEET, "1diot"),
    (Folding.LEET, "id10t"),
    (Folding.LEET, "id|0t"),
    (Folding.STRETCHING, "idiiiiot"),
    (Folding.STRETCHING, "iIiIdiottt"),
    (Folding.CASING, "iDiOt"),
    (Folding.MISSPELLING, "idoit"),
    (Folding.MISSPELLING, "idito"),
    (Folding.MISSPELLING, "idit"),
    (Folding.MISSPELLING, "id*ot"),
    (Folding.MISSPELLING, "i#**t"),
    (Folding.MISSPELLING, "id\u200b1to"),
]


@pytest.mark.parametrize(("way", "text"), HIDDEN)
def test_a_hidden_word_is_read_as_it_is_meant(way: Folding, text: str) -> None:
    assert folded(text) == "idiot"
    assert way in {stage.folding for stage in folding_stages(text)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("🅸🅳🅸🅾🆃", "IDIOT"),
        ("🇮 🇩 🇮 🇴 🇹", "IDIOT"),
        ("y o u   a r e   a n   i d i o t !", "you are an idiot!"),
        ("you are an i d i o t.", "you are an idiot."),
        ("f.u.c.k you", "fuck you"),
        ("you are\na\nn\n\ni\nd\ni\no\nt\n\nbye", "you are\nan idiot\n\nbye"),
        ("i d i o t\ny o u", "idiot\nyou"),
        ("ᖴᑌᑕK, ᗯᕼOᖇᗴ", "FUCK, WHORE"),
        ("fuϲk, ғuck", "fuck, fuck"),
        ("sh!t, you b1tch!", "shit, you bitch!"),
        ("what an @sshole", "what an asshole"),
        ("what an @55hole", "what an asshole"),
        ("he is an 1d10t", "he is an idiot"),
        ("a$$h0le", "asshole"),
        ("5tup1d 5hit", "stupid shit"),
        ("y0u 4r3 4n 1d107", "you are an idiot"),
        ("y0u 4r3 4 b1tch, 455 1d1075", "you are a bitch, ass idiots"),
        ("@ll 0f y0u @r3 5h1t", "all of you are shit"),
        ("ｙｏｕ’ｒｅ　ａｎ　ｉｄｉｏｔ！　（ｄｏｎ＇ｔ）", "you’re an idiot! (don't)"),
        ("%69%64%69%6f%74%0a%79%6f%75 %61", "idiot\nyou a"),
        ("уou аre аn іdіоt", "you are an idiot"),
        ("ѕех ѕhоp", "sex shop"),
        ("stuuuupid asssshole", "stupid asshole"),
        ("i\u200bd%69o||т||", "idiot"),
        ("ｉ.ｄ.ｉ.ｏ.ｔ", "idiot"),
        ("%2569%2564iot", "idiot"),
        ("Idoit! FCUK you, btch.", "Idiot! FUCK you, bitch."),
        ("a stpuid mroon, noboyd liked your msuic", "a stupid moron, nobody liked your music"),
        ("w*at do th*y w*nt", "what do they want"),
        ("what a s1ut, a b1tch", "what a slut, a bitch"),
        ("@sam what a r374rd, you p0rnb0t!", "@sam what a retard, you pornbot!"),
        ("!d1ot, an !diot, !help", "idiot, an idiot, !help"),
        ("7h353 h035!", "these hoes!"),
        ("@u53r wh47 4 l053r^^ #l0c4l ==H3y==", "@u53r what a loser^^ #local ==Hey=="),
        (
            "l1k3 y0ur c0mment?.......h0w p@thetic",
            "like your comment?.......how pathetic",
        ),
        ("t*h*e s*h*i*t, a id*i*ot", "the shit, a idiot"),
        ("youareallidiots", "you are all idiots"),
        ("ʇoᴉpᴉ uɐ ǝɹɐ noʎ", "you are an idiot"),
        ("уоυ αяє αη ι∂ισт", "you are an idiot"),
        ("a niggeя", "a nigger"),
        ("KYS now, i'll unalive you", "kill yourself now, i'll kill you"),
        ("k.y.s", "kill yourself"),
        ("whydontyou all gokillyourself", "why dont you all go kill yourself"),
        ("Ohyoubitch whitepower88", "Oh you bitch white power88"),
        ("shutupyoudumbbitch! yourass", "shut up you dumb bitch! your ass"),
        ("#killallthejews IHateYouPeople", "#kill all the jews i hate you people"),
        ("he'sabitchand don'tyouforgetit", "he's a bitch and don't you forget it"),
        ("you @5sh0le, my @$$", "you asshole, my ass"),
    ],
)
def test_phrases_and_ways_wrapped_in_one_another_are_undone(text: str, meant: str) -> None:
    assert folded(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello there, how are you?",
        "Nigeria, Scunthorpe, liability, assassin, cockpit",
        "3D mp3 covid19 COVID-19 PS5 h264 k8s b2b 4k 1080p 20th 5min $5k C++ $PATH rtx3080ti",
        "10.0.0.1 v1.2.3 2001:db8::1 12:30 2026-03-01 +44 20 7946 0000 1v1 4x4",
        "3f2a9c1 d34db33f 0xdeadbeef 9b74c9897bac770ffc029102a200c5de",
        "https://example.org/a1/b2?c3=d4#e5 s3cr3t@m4il.example node.js",
        "for (int i = 0; i < n1; i++) { a[i] = x1 + y2; }",
        "@sam and @user123 were here, 4Head FeelsDankMan AintNoWay",
        "it took 1h30m to get to seat 10b05",
        "the part is 1a05b0, write to @5sam and @55",
        "455 of 533 came on the 15th, 70 left by 17:00",
        "see %61 and the %75 of it",
        "（笑）「はい」、ＯＫ？は".replace("ＯＫ", "OK"),
        "iPhone GitHub McDonald JavaScript HTMLElement",
        "www.example.org zzz AAA hmm bookkeeper 1, 2, 3",
        "a || b, 2 ** 3, it`s, 100% of 50%, the %75, 2*3*4, *so* good",
        "λόγοϲ ἐϲτίν",
        "1\n2\n3\n4, 5, 6\n- a\n- b",
        "1 2 3 4 5 6",
        "blockchain masternodes Hancock Dickson whatsapp PendingDeprecationWarning",
        "https://example.org/youareallidiots you.are.all.idiots@example.org youareallidiots.org",
        "@youareallidiots /youareallidiots youareallidiots() _youareallidiots youareallidiots=1",
        "Привет, мир! Как дела?",
        "mange kys fra mor og far, skyskraper",
        "Καλημέρα κόσμε",
        "नमस्ते दुनिया, आप कैसे हैं?",
        "सरकार ने आज नया नियम बनाया।",
        "नानानाना",
        "مرحبا بالعالم",
        "שלום עולם",
        "こんにちは、Tシャツを買った！",
        "你好，世界。卡拉OK",
        "สวัสดี",
        "5 μm, 3 kΩ",
        "👨\u200d👩\u200d👧 ❤\ufe0f 🇮🇳 🇺🇸 👍🏽",
        "“quoted” — and so… on",
        "Niger, moon, carp, sit, hte FCC, garage, 5*5, C#, *well*",
        "Jhon and his freind were heer, taht is so wierd",
    ],
)
def test_ordinary_text_comes_back_as_it_is(text: str) -> None:
    assert folded(text) is text
    assert readings(text) == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("what a s*re l*ser", {"what a sure loser", "what a sore loser"}),
        ("you fa1l, s1ut", {"you fail, slut", "you fall, slut"}),
        ("coooool geeeek", {"cool geek", "col gek"}),
        ("you are a b i t c h", {"you are abitch", "you are a bitch"}),
        ("y o u a r e a n i d i o t!", {"you are an idiot!"}),
        ("f.u.c.k.y.o.u", {"fuckyou", "fuck you"}),
        ("h e ' s a m o r o n", {"he'samoron", "he's a moron"}),
        ("\u202eidiot", {"toidi", "idiot"}),
        ("\u202esiht si doog", {"good is this", "siht si doog"}),
    ],
)
def test_what_can_be_meant_in_two_ways_has_two_readings(text: str, meant: set[str]) -> None:
    assert set(readings(text)) == meant


@pytest.mark.parametrize("written", ["xqzsit", "bith" * 10, "x*qz", "i*", "#x"])
def test_what_is_no_misspelling_of_a_word_stays_beside_a_harsh_one(written: str) -> None:
    assert folded(f"{written} fcuk") == f"{written} fuck"


def test_no_misspelling_of_a_harsh_word_is_a_word_by_itself() -> None:
    assert len(misspelling._MEANT) > 500
    assert not [each for each in misspelling._MEANT if is_word(each)]


ASCII = [
    *"abisSxyZeo013457@$!|+%._-*`~#:/() \n",
    "fcuk",
    "b*tch",
    "d*e",
    "||",
    "**",
    "__",
    "``",
    "%25",
    "%69",
    "%3",
]
OTHERS = [
    *("і", "о", "ё", "к", "η", "é", "ø", "\u0301", "\u200b", "\u200d", "\u202e", "\u202c", "ﬁ"),
    *("ａ", "１", "𝓪", "🅰", "🇮", "🇩", "नि", "か\u3099", "中", "\u00a0", "\ufe0f", "  ", "ſ", "ß"),
]
pieces = st.sampled_from([*ASCII, *OTHERS])
crafted = st.lists(pieces, max_size=25).map("".join)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(crafted | any_text)
@example("%%34%31")
@example("%2541")
@example("i\u200bd i o t")
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = folded(text)
    assert folded(once) == once


@given(crafted | any_text)
def test_readings_are_other_texts_and_at_most_two(text: str) -> None:
    found = readings(text)
    assert len(found) <= 2
    assert text not in found


@given(st.lists(st.sampled_from([*ASCII, "\x02", "'", '"', "A"]), max_size=14).map("".join))
def test_what_raises_no_suspicion_is_changed_by_no_step(text: str) -> None:
    if not suspicious(text):
        for step in folding._STEPS:
            assert step.first(text) == text
            assert step.other(text) == text


def words_of(categories: list[str], first: int, last: int) -> st.SearchStrategy[str]:
    letters = st.characters(categories=categories, min_codepoint=first, max_codepoint=last)
    return st.lists(st.text(letters, min_size=2), max_size=8).map(" ".join)


@given(words_of(["Lo", "Mn", "Mc"], 0x900, 0x97F))
def test_devanagari_without_a_harsh_word_keeps_every_letter_and_sign(text: str) -> None:
    assume(harsh_in_latin(text) == text)
    assert readings(text) == ()


@given(words_of(["Lu", "Ll"], 0x410, 0x44F) | words_of(["Lu", "Ll"], 0x391, 0x3C9))
def test_words_wholly_in_cyrillic_or_greek_stay(text: str) -> None:
    assert readings(text) == ()


HEAVY = [
    "a",
    "a ",
    "a.",
    "a\n",
    "a, ",
    "a*",
    "aB",
    "f*",
    "f*ck ",
    "idoit",
    "idoit ",
    "x*y*z ",
    "1a",
    "%41",
    "`||",
    "\u200b",
    "\u202e",
    "а",
    "аa",
    "i\u0301",
    "🇮",
    "\ufdfa",
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", HEAVY)
def test_long_text_of_anything_is_folded_in_bounded_time(unit: str) -> None:
    assert len(folded(unit * 100_000)) <= 600_000


@pytest.mark.timeout(60)
def test_a_megabyte_is_folded_too() -> None:
    assert folded("id1ot " * 170_000) == "idiot " * 170_000


def test_a_whole_post_without_a_gap_is_parted() -> None:
    sentence = "you are all such idiots and nobody ever wants to see you here again"
    post = " ".join([sentence] * 60)
    assert len(post) < 4_096
    assert folded(post.replace(" ", "")) == post
    assert post in readings(" ".join(post.replace(" ", "")))
