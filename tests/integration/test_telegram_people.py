"""What people ask of the bot on Telegram: adding it, linking, commands, and who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.clock import utc_now
from bot.domain.messages import Place
from config.policies import preset
from handlers.community import bind_community, create_community
from tests.fakes.telegram import Group, Message
from tests.fakes.telegram_bot import RIGHTS, Scene, scene


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def heard(at_work: Scene, group: Group, text: str) -> None:
    """Wait until the owner reads something in a group."""
    await at_work.eventually(lambda: any(text in line for line in group.texts(at_work.owner)))


async def a_code(at_work: Scene) -> str:
    """A fresh code for linking a review channel, as the owner gets it in private."""

    def codes() -> list[str]:
        texts = (message.text for message in at_work.owner.inbox(at_work.bot))
        return [text.split(": ")[1].split("\n")[0] for text in texts if "Code for" in text]

    before = len(codes())
    at_work.lobby.says(at_work.owner, "/link")
    await at_work.eventually(lambda: len(codes()) > before)
    return codes()[-1]


def links(message: Message) -> list[str]:
    return [each["url"] for each in message.buttons if "url" in each]


async def test_it_is_added_by_a_link_that_asks_for_the_rights_it_needs(at_work: Scene) -> None:
    at_work.owner.starts(at_work.bot)
    await at_work.eventually(lambda: bool(links(at_work.owner.inbox(at_work.bot)[-1])))
    [link] = links(at_work.owner.inbox(at_work.bot)[-1])
    assert urlsplit(link)[:3] == ("https", "t.me", f"/{at_work.bot.username}")
    asked = parse_qs(urlsplit(link).query)
    assert asked == {"startgroup": ["guard"], "admin": ["delete_messages restrict_members"]}
    # By Telegram's own menu it asks for the same.
    await at_work.eventually(lambda: False in at_work.bot.account.default_rights)
    given = at_work.bot.account.default_rights[False]
    assert {name for name, held in given.items() if held} == {*RIGHTS, "can_manage_chat"}


async def test_it_greets_a_group_and_only_watches_at_first(at_work: Scene) -> None:
    garden = at_work.server.group("Garden", owner=at_work.owner).joins(at_work.asha)
    garden.add(at_work.bot, rights=RIGHTS)
    await heard(at_work, garden, "I help moderators")
    [greeting] = [m for m in garden.living() if "Look after this group" in m.labels]
    refused = await at_work.asha.presses(greeting, "Look after this group")
    assert refused is not None
    assert "Only admins" in refused.text
    await at_work.owner.presses(greeting, "Look after this group")
    await at_work.eventually(lambda: "I am watching only" in greeting.text)
    insult = garden.says(at_work.asha, "you idiot")

    async def would_be_hidden() -> bool:
        return [case.verdict.enforced for case in await at_work.cases()] == [False]

    await at_work.eventually(would_be_hidden)
    assert not insult.is_deleted


async def test_a_code_links_once_and_only_where_nobody_else_reads(at_work: Scene) -> None:
    owner, bot, asha = at_work.owner, at_work.bot, at_work.asha
    owner.starts(bot)
    second = at_work.server.group("Second", owner=owner).joins(asha).add(bot)

    at_work.lobby.says(owner, f"/link {await a_code(at_work)}")
    await heard(at_work, at_work.lobby, "This is the group itself")

    owner.writes(bot, f"/link {await a_code(at_work)}")
    await at_work.eventually(lambda: "not here" in owner.inbox(bot)[-1].text)

    code = await a_code(at_work)
    second.says(asha, f"/link {code}")
    await at_work.eventually(lambda: any("Only admins" in t for t in second.texts(asha)))
    second.says(owner, f"/link {code}")
    await heard(at_work, second, "was used")

    second.chat.username = "open_to_all"
    second.says(owner, f"/link {await a_code(at_work)}")
    await heard(at_work, second, "This chat is public")
    second.chat.username = None

    hers = at_work.server.group("Hers", owner=asha).joins(owner).add(bot)
    hers.says(asha, f"/link {await a_code(at_work)}")
    await at_work.eventually(
        lambda: any("not an admin of the group" in t for t in hers.texts(asha))
    )

    code = await a_code(at_work)
    second.says(owner, f"/link {code}")
    await heard(at_work, second, "act here now")
    async with at_work.store.reading() as tx:
        [community] = await tx.communities.all()
    channels = {each.group for each in community.review_channels}
    assert channels == {str(at_work.review.id), str(second.id)}


async def test_a_stranger_to_the_group_gets_no_code(at_work: Scene) -> None:
    at_work.asha.starts(at_work.bot)
    at_work.lobby.says(at_work.asha, "/link")
    await at_work.eventually(lambda: any("Only admins" in t for t in at_work.told(at_work.asha)))
    assert not any("Code for" in text for text in at_work.told(at_work.asha))


async def test_figures_cases_and_scores_are_for_those_who_review(at_work: Scene) -> None:
    lobby, review = at_work.lobby, at_work.review
    lobby.says(at_work.asha, "how silly")
    await at_work.card()
    for command, answer in {
        "/cases": "1 open, the most urgent first",
        "/stats": "1 cases: 0 hidden at once, 1 open",
        "/score you idiot": "insult 0.990",
        "/help": "/report in answer to a message",
    }.items():
        review.says(at_work.noor, command)
        await at_work.eventually(
            lambda answer=answer: any(answer in text for text in review.texts(at_work.noor))
        )
    for command, answer in {
        "/cases": "Only reviewers",
        "/score you idiot": "Only reviewers",
        "/stats": "Only admins",
        "/settings": "Only admins",
    }.items():
        lobby.says(at_work.asha, command)
        await at_work.eventually(
            lambda answer=answer: any(answer in text for text in at_work.told(at_work.asha))
        )
        lobby.chat.ephemeral.clear()


async def test_a_command_carries_no_insult_past_moderation_and_is_answered(
    at_work: Scene,
) -> None:
    lobby, asha = at_work.lobby, at_work.asha
    elsewhere = at_work.server.group("Elsewhere", owner=asha).says(asha, "you idiot")
    said = [
        lobby.says(asha, f"/{command} you idiot")
        for command in ("help", "stats", "cases", "score", "settings", "start", "link")
    ]
    said += [lobby.says(asha, f"/{each}", reply_to=elsewhere) for each in ("weather", "help")]
    await at_work.eventually(lambda: all(each.is_deleted for each in said))
    await at_work.eventually(lambda: any("Only admins" in text for text in at_work.told(asha)))


async def test_a_command_whose_name_says_something_is_judged_as_what_it_says(
    at_work: Scene,
) -> None:
    lobby, asha = at_work.lobby, at_work.asha
    for_others = [lobby.says(asha, each) for each in ("/idiot", "/you_idiot@other_bot")]
    said = lobby.says(asha, "/you_idiot")
    await at_work.eventually(lambda: said.is_deleted)
    assert (await at_work.card()).spans("spoiler")[0] == "/you idiot"
    assert [each.is_deleted for each in for_others] == [False, False]


async def test_help_is_told_to_the_asker_alone(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "/help")
    await at_work.eventually(
        lambda: any("/report in answer" in text for text in at_work.told(at_work.asha))
    )
    assert not any("/report in answer" in t for t in at_work.lobby.texts(at_work.owner))


async def test_everybody_is_offered_the_commands_that_they_can_give(at_work: Scene) -> None:
    await at_work.eventually(lambda: bool(at_work.owner.menu(at_work.bot, at_work.lobby)))
    assert at_work.asha.menu(at_work.bot) == ["start", "help"]
    assert at_work.asha.menu(at_work.bot, at_work.lobby) == ["report", "help"]
    admins = at_work.owner.menu(at_work.bot, at_work.lobby)
    assert {"settings", "link", "stats", "cases", "score"} < set(admins)


async def test_a_press_decides_nothing_in_a_community_that_is_not_the_cases_own(
    at_work: Scene,
) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    rita = at_work.server.user("rita")
    others = at_work.server.group("Others", owner=rita).add(at_work.bot)
    async with at_work.store.transaction() as tx:
        community = await create_community(tx, "others", preset("balanced"), "test", utc_now)
        place = Place("telegram", str(others.id))
        await bind_community(tx, community, "test", utc_now, reviews=[place])
    stolen = card.buttons[0]["callback_data"]
    others.says(rita, "/help")
    await at_work.eventually(lambda: any("/report" in text for text in others.texts(rita)))
    theirs = others.living()[-1]
    answer = await rita.forges(theirs, stolen)
    assert answer is not None
    assert "Only reviewers of this community" in answer.text
    assert [case.decision for case in await at_work.cases()] == [None]


async def test_a_button_of_an_earlier_drawing_decides_nothing(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    old = card.buttons[0]["callback_data"]
    await at_work.press("Keep hidden")
    await at_work.eventually(lambda: card.labels == ["Undo"])
    late = await at_work.owner.forges(card, old)
    assert late is not None
    assert "noor was faster" in late.text.lower()
    assert "stays hidden" in late.text


async def test_a_press_with_made_up_data_is_answered_and_harmless(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card()
    for data in ("x", "/settings mode observe", "/nothing", "' OR 1=1 --"):
        answer = await at_work.noor.forges(card, data)
        assert answer is not None
        assert answer.alert or "moved on" in answer.text
    async with at_work.store.reading() as tx:
        [community] = await tx.communities.all()
        assert (await tx.policies.current(community.id)).version == 1


async def test_only_who_may_delete_and_ban_in_the_group_changes_what_the_bot_does_there(
    at_work: Scene,
) -> None:
    lobby, review, asha, noor = at_work.lobby, at_work.review, at_work.asha, at_work.noor

    async def mode() -> str:
        async with at_work.store.reading() as tx:
            [community] = await tx.communities.all()
            return (await tx.policies.current(community.id)).mode

    review.promote(noor)
    review.says(noor, "/settings mode observe")
    await at_work.eventually(lambda: any("Only admins who may" in t for t in review.texts(noor)))
    for rights in (["can_pin_messages"], ["can_delete_messages"], ["can_restrict_members"]):
        lobby.promote(asha, *rights)
        for command in ("/settings mode observe", "/link"):
            lobby.says(asha, command)
            await at_work.eventually(
                lambda: any("delete messages and ban users" in t for t in at_work.told(asha))
            )
            lobby.chat.ephemeral.clear()
    assert await mode() == "act"
    lobby.promote(asha, "can_delete_messages", "can_restrict_members")
    lobby.says(asha, "/settings mode observe")

    async def observes() -> bool:
        return await mode() == "observe"

    await at_work.eventually(observes)
    review.joins(asha)
    review.says(asha, "/settings mode act")

    async def acts() -> bool:
        return await mode() == "act"

    await at_work.eventually(acts)


async def test_a_press_forged_on_another_cases_card_leaves_that_card_where_it_is(
    at_work: Scene,
) -> None:
    for text in ("you idiot", "idiot again"):
        at_work.lobby.says(at_work.asha, text)
    await at_work.eventually(lambda: len(at_work.cards()) == 2)
    first, second = at_work.cards()
    await at_work.eventually(lambda: "Keep hidden" in second.labels)
    keep = second.buttons[second.labels.index("Keep hidden")]["callback_data"]
    decided, late = [await at_work.noor.forges(first, keep) for _ in range(2)]
    assert decided is not None
    assert "stays out of the group" in decided.text
    assert late is not None
    await at_work.eventually(lambda: second.labels == ["Undo"])
    await at_work.press("Keep hidden", card=first)
    await at_work.eventually(lambda: first.labels == ["Undo"])
    assert at_work.cards() == [first, second]


async def test_only_a_menu_is_redrawn_as_one(at_work: Scene) -> None:
    at_work.lobby.says(at_work.asha, "you idiot")
    card = await at_work.card_says("Hidden from the group")
    await at_work.press("Restore")
    await at_work.card_says("Back in the group")
    [back] = [m for m in at_work.lobby.living() if "Reviewers brought it back" in m.text]
    for forger, message in ((at_work.noor, card), (at_work.asha, back)):
        answer = await forger.forges(message, "/help")
        assert answer is not None
        assert "moved on" in answer.text
    assert "you idiot" in back.text
    assert card.text.startswith("Case ")
