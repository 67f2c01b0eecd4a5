"""The bot on Discord, from its invitation to a case undone, on a loopback server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import platform_problems
from bot.domain.messages import Place
from bot.domain.policy import Mode
from config.policies import preset
from tests.fakes.discord import DiscordServer, File, Message
from tests.fakes.discord_bot import Scene, bind, peopled, scene
from tests.fakes.discord_bot import at_work as working
from tests.fakes.telegram import Group, TelegramServer
from tests.fakes.telegram import Person as TelegramPerson


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


def brought_back(at_work: Scene, text: str) -> list[Message]:
    """What stands in the channel again, by a webhook."""
    return [m for m in at_work.general.living() if m.webhook is not None and text in m.text]


async def test_an_insult_is_hidden_restored_in_its_authors_name_and_hidden_again(
    at_work: Scene,
) -> None:
    question = at_work.general.says(at_work.owner, "who are you?")
    insult = at_work.general.says(at_work.asha, "@everyone you **idiot**", reply_to=question)
    await at_work.eventually(lambda: insult.is_deleted)
    card = await at_work.card_says("Hidden from the group")
    assert "||@\u200beveryone you \\*\\*idiot\\*\\*||" in card.shown
    assert card.labels == ["Restore", "Keep hidden", "Warn", "Mute", "Kick", "Ban"]

    assert "stands in the group" in await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = brought_back(at_work, "you **idiot**")
    assert (back.author.name, back.avatar_url is not None) == ("Asha", True)
    assert "Reviewers brought this back" in back.text
    assert str(question.id) in back.text

    await at_work.press("Undo")
    await at_work.eventually(lambda: back.is_deleted)
    await at_work.eventually(lambda: "Ban" in card.labels)
    assert len(at_work.cards()) == 1
    assert not any(m.pings for m in (card, back))
    assert at_work.server.journal.too_many_requests() == []


async def test_files_are_put_aside_before_they_die_and_come_back(at_work: Scene) -> None:
    picture = File("cat.png", b"\x89PNG a cat")
    insult = at_work.general.says(at_work.asha, "you idiot", files=[picture])
    await at_work.eventually(lambda: insult.is_deleted)
    kept = [m for m in at_work.review.living() if m.attachments]
    assert [m.attachments[0].file.stored_name for m in kept] == ["SPOILER_cat.png"]
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = brought_back(at_work, "you idiot")
    assert [a.file.content for a in back.attachments] == [picture.content]
    assert back.attachments[0].file.stored_name == "cat.png"


async def test_sanctions_and_their_undoing_name_the_case_in_discords_own_log(
    at_work: Scene,
) -> None:
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.press("Mute", reason="third time")
    await at_work.eventually(lambda: at_work.lobby.is_timed_out(at_work.asha))
    await at_work.press("Undo")
    await at_work.eventually(lambda: not at_work.lobby.is_timed_out(at_work.asha))
    await at_work.press("Ban")
    await at_work.press("Yes, ban")
    await at_work.eventually(lambda: at_work.lobby.is_banned(at_work.asha))
    await at_work.press("Undo")
    await at_work.eventually(lambda: not at_work.lobby.is_banned(at_work.asha))
    at_work.lobby.joins(at_work.asha)
    await at_work.press("Kick")
    await at_work.eventually(lambda: at_work.lobby.member(at_work.asha) is None)
    done = [e for e in at_work.lobby.audit_log if e.by.id == at_work.bot.id]
    people = [e for e in done if e.target == at_work.asha.id]
    assert len(people) >= 5
    assert {entry.reason for entry in people} == {"Aman, case 1"}
    for told in ("cannot post here until", "no longer in this group", "put you out of it"):
        await at_work.eventually(
            lambda told=told: any(told in m.text for m in at_work.asha.inbox(at_work.bot))
        )


async def test_who_takes_no_private_messages_is_told_in_the_channel(at_work: Scene) -> None:
    at_work.asha.closes_dms()
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(
        lambda: any("Asha: Your message was hidden" in m.text for m in at_work.general.living())
    )
    assert not any(m.pings for m in at_work.general.living())


async def test_the_owner_and_who_stands_above_the_bot_are_left_alone_and_why_is_said(
    at_work: Scene,
) -> None:
    boss = at_work.server.user("boss")
    high = at_work.lobby.role("High")
    at_work.lobby.raises(high)
    at_work.lobby.joins(boss, roles=[high])
    insult = at_work.general.says(boss, "you idiot")
    await at_work.eventually(lambda: insult.is_deleted)
    await at_work.press("Ban")
    await at_work.press("Yes, ban")
    await at_work.card_says("Drag the bot")
    assert not any("no longer in this group" in m.text for m in boss.inbox(at_work.bot))


async def test_a_report_from_the_context_menu_with_a_reason_opens_a_case(at_work: Scene) -> None:
    om = at_work.server.user("om")
    at_work.lobby.joins(om)
    said = at_work.general.says(at_work.asha, "buy my course")
    form = await om.context_menu("Report to moderators", said, patience=15)
    assert form is not None
    thanks = await om.submits(form, why="she sells *rubbish*", patience=15)
    assert "Thank you" in await at_work.told(thanks)
    assert thanks is not None
    assert thanks.is_ephemeral
    card = await at_work.card_says("reported by a member")
    assert "||she sells \\*rubbish\\*||" in card.shown
    assert not said.is_deleted
    before = (await at_work.cases())[0].verdict.severity
    told = await at_work.uses(at_work.owner, "aman report", message=said.link)
    assert "Thank you" in told
    assert (await at_work.cases())[0].verdict.severity > before
    assert "own message" in await at_work.uses(at_work.asha, "aman report", message=str(said.id))
    await at_work.press("Leave it up")
    told = await at_work.uses(at_work.owner, "aman report", message=said.link)
    assert "decided about that message already" in told
    said.edits("buy my other course")
    told = await at_work.uses(at_work.owner, "aman report", message=said.link)
    assert "Thank you" in told
    assert len(await at_work.cases()) == 2
    assert "link or id" in await at_work.uses(om, "aman report", message="that one")


async def test_what_automod_blocked_is_a_case_and_its_restore_posts_it(at_work: Scene) -> None:
    rule = at_work.lobby.rule("Slurs", "slur")
    rule.blocks(at_work.general, at_work.asha, "you slur", keyword="slur")
    rule.blocks(at_work.general, at_work.asha, "you slur", keyword="slur")
    card = await at_work.card_says("AutoMod blocked this, by its rule 'Slurs'")
    assert "||you slur||" in card.shown
    assert len(await at_work.cases()) == 1
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    assert len(brought_back(at_work, "you slur")) == 1


async def test_what_automod_blocks_again_after_a_decision_is_a_case_again(at_work: Scene) -> None:
    rule = at_work.lobby.rule("Slurs", "slur")
    for number in (1, 2, 3):
        rule.blocks(at_work.general, at_work.asha, "you slur", keyword="slur")
        rule.blocks(at_work.general, at_work.asha, "you slur", keyword="slur")
        assert len(await at_work.have_cases(number)) == number
        await at_work.press("Restore", card=await at_work.card_says(f"Case {number}"))
        await at_work.card_says("Back in the group")
    assert len(brought_back(at_work, "you slur")) == 3
    assert len(await at_work.cases()) == 3


@pytest.mark.parametrize("nick", [True, False])
async def test_a_name_that_automod_met_is_a_case_of_that_name(at_work: Scene, nick: bool) -> None:
    if nick:
        at_work.lobby.renames(at_work.asha, "Cheap pills")
    else:
        at_work.asha.renames("Cheap pills")
    rule = at_work.lobby.profile_rule("Shops", "pills")
    rule.quarantines(at_work.asha, "Cheap pills", keyword="pills")
    card = await at_work.card_says("AutoMod flagged this, by its rule 'Shops'")
    assert "Cheap pills" in card.shown
    await at_work.press("Hide it")
    await at_work.card_says("Hidden from the group")
    member = at_work.lobby.member(at_work.asha)
    assert member is not None
    assert member.nick == "Name hidden"


async def test_an_automod_alert_strengthens_what_the_model_left_alone(at_work: Scene) -> None:
    rule = at_work.lobby.rule("Spam", "course")
    said = rule.flags(at_work.general, at_work.asha, "buy my course", keyword="course")
    await at_work.card_says("AutoMod flagged this, by its rule 'Spam'")
    assert not said.is_deleted


async def test_an_automod_alert_and_the_models_hide_are_one_case_whichever_is_first(
    at_work: Scene,
) -> None:
    rule = at_work.lobby.rule("Slurs", "idiot")
    insults = [
        rule.flags(at_work.general, at_work.asha, f"you idiot number {n}", keyword="idiot")
        for n in range(12)
    ]
    await at_work.eventually(lambda: all(each.is_deleted for each in insults))

    async def both() -> bool:
        reasons = [case.verdict.reason for case in await at_work.cases()]
        return all("hidden from" in each and "; AutoMod flagged" in each for each in reasons)

    await at_work.have_cases(len(insults))
    await at_work.eventually(both)
    assert len(await at_work.cases()) == len(insults)


async def test_threads_forum_posts_and_voice_channels_are_moderated_where_they_are(
    at_work: Scene,
) -> None:
    thread = at_work.general.thread("Plants", at_work.asha)
    in_thread = thread.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: in_thread.is_deleted)
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    assert [m.webhook is not None for m in thread.living() if "idiot" in m.text] == [True]

    forum = at_work.lobby.channel("ideas", "forum")
    post = forum.posts(at_work.asha, "what an idiot idea", "hello")
    await at_work.eventually(lambda: post.name == "Title hidden")
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    await at_work.press("Restore", card=at_work.cards()[-1])
    await at_work.eventually(lambda: post.name == "what an idiot idea")
    await at_work.card_says("Back in the group", number=-1)
    other = forum.posts(at_work.asha, "hello", "you idiot")
    first = other.living()[0]
    await at_work.eventually(lambda: first.is_deleted)
    other.renames("an idiot again")
    await at_work.eventually(lambda: other.name == "Title hidden")
    assert post.name == "what an idiot idea"

    voice = at_work.lobby.channel("talk", "voice").says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: voice.is_deleted)


async def test_a_thread_that_is_opened_again_under_another_title_has_that_read(
    at_work: Scene,
) -> None:
    thread = at_work.general.thread("Plants", at_work.asha)
    thread.archives()
    said = at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: said.is_deleted)  # by then the bot knows of the archive
    thread.channel.archived = False
    thread.renames("total idiot")
    await at_work.eventually(lambda: thread.name == "Title hidden")


async def test_forwards_polls_files_and_stickers_are_read(at_work: Scene) -> None:
    elsewhere = at_work.server.guild("Far", owner=at_work.asha).channel("far")
    source = elsewhere.says(at_work.asha, "you idiot")
    said = [
        at_work.general.says(at_work.asha, forward_of=source),
        at_work.general.says(at_work.asha, poll=("who is it?", "the idiot", "nobody")),
        at_work.general.says(at_work.asha, "look", files=[File("x.png", description="an idiot")]),
        at_work.general.says(at_work.asha, sticker="idiot"),
        at_work.general.says(at_work.asha, "you i||dio||t"),
    ]
    await at_work.eventually(lambda: all(m.is_deleted for m in said))
    await at_work.have_cases(5)
    forwarded = next(c for c in await at_work.cases() if c.message_id == str(said[0].id))
    card = await at_work.card_says("Case")
    await at_work.eventually(lambda: len(at_work.cards()) == 5)
    card = next(c for c in at_work.cards() if c.shown.startswith(f"Case {forwarded.number} "))
    await at_work.press("Restore", card=card)
    await at_work.eventually(lambda: len(brought_back(at_work, "you idiot")) == 1)


async def test_an_edit_is_judged_anew_only_when_the_text_changed(at_work: Scene) -> None:
    said = at_work.general.says(at_work.asha, "hello")
    said.unfurls(title="a harmless page")
    said.edits("you idiot")
    await at_work.eventually(lambda: said.is_deleted)
    [case] = await at_work.cases()
    assert not case.message_key.endswith(":0")


async def test_a_link_preview_is_read_but_opens_no_second_case(at_work: Scene) -> None:
    known = at_work.general.says(at_work.asha, "how silly")
    await at_work.card()
    known.unfurls(title="a page")
    edited = at_work.general.says(at_work.asha, "hello")
    edited.edits("how silly of me")
    await at_work.have_cases(2)
    edited.unfurls(title="a page")
    previewed = at_work.general.says(at_work.asha, "look here")
    previewed.unfurls(title="what an idiot")
    await at_work.eventually(lambda: previewed.is_deleted)
    assert len(await at_work.cases()) == 3


async def test_names_that_insult_are_met_when_taken_and_on_joining(at_work: Scene) -> None:
    at_work.lobby.renames(at_work.asha, "Total idiot")

    def nick() -> str | None:
        member = at_work.lobby.member(at_work.asha)
        return member.nick if member else None

    await at_work.eventually(lambda: nick() == "Name hidden")
    await at_work.press("Restore")
    await at_work.eventually(lambda: nick() == "Total idiot")
    await at_work.card_says("Back in the group")
    rude = at_work.server.user("rude")
    rude.renames("idiot again")
    at_work.lobby.joins(rude)
    await at_work.eventually(lambda: (m := at_work.lobby.member(rude)) and m.nick == "Name hidden")
    assert nick() == "Total idiot"  # what reviewers let stand is not met again
    assert len(await at_work.cases()) == 2


async def test_bots_reviewers_and_admins_are_not_judged(at_work: Scene) -> None:
    other = at_work.server.bot("Other")
    at_work.lobby.add(other, rights=("view_channel", "send_messages"))
    said = [
        at_work.general.says(other, "you idiot"),
        at_work.review.says(at_work.noor, "he wrote idiot"),
        at_work.general.says(at_work.owner, "you idiot"),
    ]
    last = at_work.general.says(at_work.asha, "you idiot")
    await at_work.eventually(lambda: last.is_deleted)
    await at_work.card()
    assert not any(m.is_deleted for m in said)
    assert len(await at_work.cases()) == 1


async def test_a_reviewer_who_may_not_any_more_decides_nothing(at_work: Scene) -> None:
    at_work.general.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    at_work.review.allows(at_work.asha, "view_channel")
    at_work.review.forbids(at_work.asha, "send_messages")
    assert "Only reviewers" in await at_work.press("Restore", by=at_work.asha)
    assert "Only reviewers" in await at_work.press("Warn", by=at_work.asha)
    [case] = await at_work.cases()
    assert case.decision is None
    assert card.labels[0] == "Restore"


async def test_a_card_is_pressed_after_a_restart(tmp_path: Path) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        await bind(made, preset("balanced"))
        async with working(made):
            made.general.says(made.asha, "you idiot")
            card = await made.card_says("Hidden from the group")
            form = await made.noor.presses(card, "Warn", patience=15)
        async with working(made):
            assert form is not None
            answer = await made.noor.submits(form, why="opened before", patience=15)
            assert "being warned" in await made.told(answer)
            await made.press("Undo", card=card)
            await made.press("Restore", card=card)
            await made.eventually(lambda: len(brought_back(made, "you idiot")) == 1)


async def test_from_the_invitation_to_a_moderated_server(tmp_path: Path) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made, working(made):
        await settled(made)


async def settled(made: Scene) -> None:
    made.lobby.kicks(made.bot)
    made.lobby.add(made.bot, rights=("administrator",))
    await made.eventually(lambda: any("Look after" in m.labels[0] for m in greetings(made)))
    [greeting] = greetings(made)
    refused = await made.asha.presses(greeting, 0, patience=15)
    assert "may manage the server" in await made.told(refused)
    assert "may manage" in await made.uses(made.asha, "aman setup", review=made.review)
    told = await made.uses(made.owner, "aman setup", review=made.general)
    assert "@\u200beveryone" in told
    told = await made.uses(made.owner, "aman setup", review=made.review)
    assert "Reviewers of Lobby act there now" in told
    assert "/aman settings" in told

    offered = await made.owner.autocompletes(
        "aman settings", made.general, "change", "preset", patience=15
    )
    assert offered is not None
    assert "Balanced (preset balanced)" in offered
    told = await made.uses(made.owner, "aman settings", change="preset balanced")
    assert "balanced, version 2" in told
    insult = made.general.says(made.asha, "you idiot")
    await made.eventually(lambda: insult.is_deleted)
    await made.press("Keep hidden")
    assert "1 cases" in await made.uses(made.owner, "aman stats")
    assert "No case is open" in await made.uses(made.noor, "aman cases")
    assert "Only reviewers" in await made.uses(made.asha, "aman score", text="idiot")
    assert "toxicity 0.990" in await made.uses(made.noor, "aman score", text="idiot")
    said = made.general.says(made.owner, "silly")
    scored = await made.noor.context_menu("Score this message", said, patience=15)
    assert "toxicity 0.880" in await made.told(scored)
    assert "all the rights" in await made.uses(made.owner, "aman doctor")


def greetings(made: Scene) -> list[Message]:
    return [m for m in made.general.living() if m.labels]


async def test_settings_are_changed_by_an_admins_press_in_the_menu(at_work: Scene) -> None:
    menu = await at_work.owner.uses("aman settings", at_work.general, patience=15)
    assert "balanced" in await at_work.told(menu)
    assert menu is not None
    shown = menu.message
    await at_work.owner.presses(shown, "Only watch", patience=15)
    await at_work.eventually(lambda: "observe" in shown.shown or "watching only" in shown.shown)
    async with at_work.store.reading() as tx:
        [community] = await tx.communities.all()
        policy = await tx.policies.current(community.id)
    assert (policy.mode, policy.version) == (Mode.OBSERVE, 2)


async def test_rights_that_are_taken_and_doors_that_are_opened_are_told(at_work: Scene) -> None:
    at_work.lobby.takes_right(at_work.bot, "manage_messages")
    await at_work.eventually(
        lambda: any("may not delete" in text for text in at_work.review.texts(at_work.noor))
    )
    everybody = at_work.lobby.guild.roles[at_work.lobby.id]
    at_work.review.allows(everybody, "view_channel")
    await at_work.eventually(
        lambda: any("Everybody in the server" in t for t in at_work.review.texts(at_work.noor))
    )
    problems = await platform_problems(at_work.settings, at_work.store)
    assert len(problems) == 2
    at_work.general.says(at_work.asha, "you idiot")
    await at_work.card_says("right to delete")


async def test_a_channel_that_the_bot_cannot_write_in_is_not_where_reviewers_act(
    at_work: Scene,
) -> None:
    closed = at_work.lobby.channel("closed", only=(at_work.noor,))
    told = await at_work.uses(at_work.owner, "aman setup", review=closed)
    assert "Give my role View Channel" in told
    forum = at_work.lobby.channel("ideas", "forum")
    assert "text channel" in await at_work.uses(at_work.owner, "aman setup", review=forum)
    async with at_work.store.reading() as tx:
        [community] = await tx.communities.all()
    assert [place.channel for place in community.review_channels] == [str(at_work.review.id)]


async def test_the_bot_says_so_when_it_is_put_out(at_work: Scene) -> None:
    at_work.lobby.kicks(at_work.bot)

    async def told() -> bool:
        [problem, *_] = await platform_problems(at_work.settings, at_work.store)
        return "Invite me again" in problem

    await at_work.eventually(told)


@asynccontextmanager
async def on_both_platforms(folder: Path) -> AsyncIterator[tuple[Scene, Chats]]:
    """A community with a server on Discord and a group on Telegram."""
    async with (
        TelegramServer() as telegram,
        DiscordServer() as server,
        peopled(
            server,
            folder,
            telegram_bot_token=(other := telegram.bot("aman_bot")).token,
            telegram_api_base_url=telegram.root,
        ) as made,
    ):
        boss, tara = telegram.user("boss"), telegram.user("tara")
        chats = Chats(
            telegram.group("Chat", owner=boss).joins(tara),
            telegram.group("Telegram reviewers", owner=boss),
            boss,
            tara,
        )
        chats.lobby.add(other, rights=("can_delete_messages", "can_restrict_members"))
        chats.review.add(other)
        yield made, chats


async def test_reviewers_on_telegram_decide_what_was_said_on_discord(tmp_path: Path) -> None:
    async with on_both_platforms(tmp_path) as (made, chats):
        await bind(made, preset("balanced"), reviews=[telegram_place(chats.review)])
        async with working(made):
            insult = made.general.says(made.asha, "you idiot", files=[File("cat.png")])
            await made.eventually(lambda: insult.is_deleted)

            def cards() -> list[str]:
                return [m.text for m in chats.review.living() if m.text.startswith("Case ")]

            await made.eventually(lambda: any("Hidden from the group" in c for c in cards()))
            card = next(m for m in chats.review.living() if m.text.startswith("Case "))
            await made.eventually(lambda: "Restore" in card.labels)
            await chats.boss.presses(card, "Restore")
            await made.eventually(lambda: len(brought_back(made, "you idiot")) == 1)


async def test_a_review_channel_bound_by_its_id_alone_serves(tmp_path: Path) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        bare = Place("discord", str(made.review.id))
        await bind(made, preset("balanced"), reviews=[bare])
        assert await platform_problems(made.settings, made.store) == []
        async with working(made):
            insult = made.general.says(made.asha, "you idiot")
            await made.eventually(lambda: insult.is_deleted)
            assert "stands in the group" in await made.press("Restore")
            await made.eventually(lambda: len(brought_back(made, "you idiot")) == 1)
            assert len(made.cards()) == 1


async def test_ids_that_are_none_are_problems_of_their_own(tmp_path: Path) -> None:
    async with DiscordServer() as server, peopled(server, tmp_path) as made:
        places = Place("discord", "lobby"), Place("discord", "cards")
        await bind(made, preset("balanced"), groups=places[:1], reviews=places[1:])
        found = await platform_problems(made.settings, made.store)
        named = [f"({place.group})" in found[n] for n, place in enumerate(places)]
        assert (named, len(found)) == ([True, True], 2)


async def test_reviewers_on_discord_decide_what_was_said_on_telegram(tmp_path: Path) -> None:
    async with on_both_platforms(tmp_path) as (made, chats):
        await bind(made, preset("balanced"), groups=[telegram_place(chats.lobby)])
        async with working(made):
            insult = chats.lobby.says(chats.tara, "you idiot")
            await made.eventually(lambda: insult.is_deleted)
            await made.card_says("Hidden from the group")
            assert "stands in the group" in await made.press("Restore")
            await made.eventually(
                lambda: any("you idiot" in text for text in chats.lobby.texts(chats.tara))
            )


@dataclass(frozen=True)
class Chats:
    """What there is on Telegram."""

    lobby: Group
    review: Group
    boss: TelegramPerson
    tara: TelegramPerson


def telegram_place(group: Group) -> Place:
    return Place("telegram", str(group.id))
