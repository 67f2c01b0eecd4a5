"""How people ask a bot through the loopback Discord, and how it may answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.http import Route

from tests.fakes.discord import Answer, CannotHappen, Message
from tests.fakes.discord.stage import Client, Stage, staged

Interaction = discord.Interaction[discord.Client]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


def refused(code: int, words: str | None = None) -> pytest.RaisesExc[discord.HTTPException]:
    """A refusal with Discord's own code."""
    return pytest.raises(discord.HTTPException, match=words, check=lambda error: error.code == code)


def got(answer: Answer | None) -> Answer:
    """An answer that must have come."""
    assert answer is not None
    return answer


async def card(
    stage: Stage, answer: Callable[[Interaction], Awaitable[Any]], *labels: str
) -> Message:
    """A message with buttons, which are answered so."""
    view = discord.ui.View(timeout=None)
    for label in labels or ("Hide",):
        pressed: discord.ui.Button[Any] = discord.ui.Button(label=label, custom_id=label)
        pressed.callback = answer  # type: ignore[assignment]
        view.add_item(pressed)
    channel = stage.client.get_partial_messageable(stage.general.id)
    await channel.send("card", view=view)
    return stage.general.living()[-1]


async def deaf_card(stage: Stage) -> Message:
    """A message with a button that nobody answers."""
    button = {"type": 2, "style": 1, "label": "Hide", "custom_id": "hide"}
    body = {"content": "card", "components": [{"type": 1, "components": [button]}]}
    await stage.client.http.request(
        Route("POST", f"/channels/{stage.general.id}/messages"), json=body
    )
    return stage.general.living()[-1]


class TestPresses:
    async def test_see_a_message_for_everybody(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.send_message("done")

        message = await card(stage, answer)
        seen = got(await stage.asha.presses(message, "Hide"))
        assert (seen.kind, seen.text, seen.is_ephemeral) == ("message", "done", False)
        assert stage.general.texts(stage.om) == ["card", "done"]

    async def test_see_what_nobody_else_sees(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.send_message("only you", ephemeral=True)

        message = await card(stage, answer)
        seen = got(await stage.asha.presses(message, "Hide"))
        assert (seen.text, seen.is_ephemeral) == ("only you", True)
        assert stage.general.texts(stage.asha) == ["card", "only you"]
        assert stage.general.texts(stage.om) == ["card"]
        with pytest.raises(CannotHappen, match="cannot see"):
            stage.om.press(seen.message, 0)

    async def test_wait_out_a_promise(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.defer(thinking=True, ephemeral=True)
            await interaction.followup.send("here it is", ephemeral=True)

        message = await card(stage, answer)
        seen = got(await stage.asha.presses(message, 0))
        assert (seen.kind, seen.text, seen.is_ephemeral) == ("deferred", "here it is", True)
        assert stage.general.texts(stage.om) == ["card"]

    async def test_see_the_card_change(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.edit_message(content="hidden by asha", view=None)

        message = await card(stage, answer)
        seen = got(await stage.asha.presses(message, "Hide"))
        assert (seen.kind, message.text, message.buttons) == ("update", "hidden by asha", [])

    async def test_see_the_card_change_after_it_was_acknowledged(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.defer()
            assert interaction.message is not None
            channel = stage.client.get_partial_messageable(stage.general.id)
            await channel.get_partial_message(interaction.message.id).edit(content="hidden")

        message = await card(stage, answer)
        seen = got(await stage.asha.presses(message, "Hide"))
        assert (seen.kind, seen.messages, message.text) == ("deferred update", [], "hidden")

    async def test_tell_who_pressed_what_and_where(self, stage: Stage) -> None:
        heard: list[Interaction] = []

        async def answer(interaction: Interaction) -> None:
            heard.append(interaction)
            await interaction.response.defer()

        message = await card(stage, answer)
        stage.lobby.gives_role(stage.asha, stage.lobby.role("Mods", "manage_messages"))
        await stage.asha.presses(message, "Hide", patience=0.2)
        (interaction,) = heard
        assert isinstance(interaction.user, discord.Member)
        assert interaction.user.id == stage.asha.id
        assert interaction.permissions.manage_messages
        assert interaction.app_permissions.moderate_members
        assert (interaction.guild_id, interaction.channel_id) == (stage.lobby.id, stage.general.id)
        assert interaction.message is not None
        assert interaction.message.content == "card"

    async def test_may_go_unanswered(self, stage: Stage) -> None:
        message = await deaf_card(stage)
        assert await stage.asha.presses(message, "Hide", patience=0.05) is None

    async def test_name_a_button_that_is_there(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.defer()

        message = await card(stage, answer, "Hide", "Keep")
        with pytest.raises(CannotHappen, match=r"only \['Hide', 'Keep'\]"):
            stage.asha.press(message, "Ban")

    async def test_choose_in_a_menu(self, stage: Stage) -> None:
        view = discord.ui.View(timeout=None)
        menu: discord.ui.Select[Any] = discord.ui.Select(
            options=[discord.SelectOption(label="A day", value="86400")]
        )

        async def answer(interaction: Interaction) -> None:
            await interaction.response.send_message(menu.values[0])

        menu.callback = answer  # type: ignore[method-assign]
        view.add_item(menu)
        await stage.client.get_partial_messageable(stage.general.id).send("how long?", view=view)
        seen = got(await stage.asha.selects(stage.general.living()[-1], "A day"))
        assert seen.text == "86400"
        with pytest.raises(CannotHappen, match="offers only"):
            await stage.asha.selects(stage.general.living()[0], "A year")


class TestFirstAnswers:
    async def failure(self, stage: Stage, answer: Callable[[Interaction], Awaitable[Any]]) -> Any:
        """What the library raised while it answered a press."""
        raised: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

        async def trying(interaction: Interaction) -> None:
            try:
                await answer(interaction)
            except discord.HTTPException as error:
                raised.set_result(error)

        stage.asha.press(await card(stage, trying), "Hide")
        return await asyncio.wait_for(raised, 5)

    async def test_come_within_three_seconds(self, stage: Stage) -> None:
        async def late(interaction: Interaction) -> None:
            stage.server.clock.advance(3.5)
            await interaction.response.send_message("late")

        assert (await self.failure(stage, late)).code == 10062

    async def test_come_once(self, stage: Stage) -> None:
        async def twice(interaction: Interaction) -> None:
            await interaction.response.defer()
            interaction.response._response_type = None
            await interaction.response.send_message("again")

        assert (await self.failure(stage, twice)).code == 40060

    async def test_are_checked_like_messages(self, stage: Stage) -> None:
        async def long(interaction: Interaction) -> None:
            await interaction.response.send_message("a" * 2001)

        assert (await self.failure(stage, long)).code == 50035

    async def test_may_be_followed_for_15_minutes(self, stage: Stage) -> None:
        async def late(interaction: Interaction) -> None:
            await interaction.response.defer()
            stage.server.clock.advance(timedelta(minutes=15, seconds=1))
            await interaction.followup.send("too late")

        assert (await self.failure(stage, late)).code == 50027

    async def test_may_be_changed_and_taken_back(self, stage: Stage) -> None:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.send_message("one", ephemeral=True)
            await interaction.edit_original_response(content="two")
            assert (await interaction.original_response()).content == "two"
            await interaction.followup.send("three", ephemeral=True)
            await interaction.delete_original_response()
            await interaction.edit_original_response(content="four")

        assert (await self.failure(stage, answer)).code == 10008
        assert stage.general.texts(stage.asha) == ["card", "three"]


class Reason(discord.ui.Modal, title="Why?"):
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Reason", max_length=20)

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"noted: {self.reason.value}", ephemeral=True)


class TestForms:
    async def open(self, stage: Stage) -> Answer:
        async def answer(interaction: Interaction) -> None:
            await interaction.response.send_modal(Reason())

        return got(await stage.asha.presses(await card(stage, answer), "Hide"))

    async def test_open_and_are_sent(self, stage: Stage) -> None:
        opened = await self.open(stage)
        assert (opened.kind, opened.modal["title"]) == ("modal", "Why?")
        seen = got(await stage.asha.submits(opened, reason="spam"))
        assert (seen.text, seen.is_ephemeral) == ("noted: spam", True)

    async def test_are_filled_in_within_their_bounds(self, stage: Stage) -> None:
        opened = await self.open(stage)
        with pytest.raises(CannotHappen, match="0 to 20"):
            await stage.asha.submits(opened, reason="a" * 21)
        with pytest.raises(CannotHappen, match="0 to 20"):
            await stage.asha.submits(opened)
        with pytest.raises(CannotHappen, match="no field colour"):
            await stage.asha.submits(opened, reason="spam", colour="red")

    @pytest.mark.parametrize(
        ("form", "words"),
        [
            ({"title": "a" * 46}, "between 1 and 45"),
            ({"custom_id": ""}, "required"),
            ({"components": []}, "between 1 and 5"),
            ({"components": [{"type": 2, "style": 1, "custom_id": "b"}]}, "top of a form"),
        ],
    )
    async def test_are_checked(self, stage: Stage, form: dict[str, Any], words: str) -> None:
        pressed = stage.asha.press(await deaf_card(stage), "Hide")
        field = {"type": 4, "custom_id": "f", "style": 1, "label": "F"}
        whole = {"title": "t", "custom_id": "c", "components": [{"type": 1, "components": [field]}]}
        path = f"/interactions/{pressed.id}/{pressed.token}/callback"
        body = {"type": 9, "data": {**whole, **form}}
        with refused(50035, words):
            await stage.client.http.request(Route("POST", path), json=body)


Tree = app_commands.CommandTree[Client]


@pytest.fixture
async def tree(stage: Stage) -> Tree:
    """Commands as a moderating bot has them, registered."""
    tree = app_commands.CommandTree(stage.client)
    group = app_commands.Group(
        name="aman",
        description="Moderation",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @group.command(description="Show or change the settings")
    async def settings(interaction: Interaction, policy: str, days: int = 1) -> None:
        await interaction.response.send_message(f"{policy} for {days}", ephemeral=True)

    @settings.autocomplete("policy")
    async def policies(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = [name for name in ("balanced", "strict") if name.startswith(current)]
        return [app_commands.Choice(name=name, value=name) for name in names]

    @tree.context_menu(name="Report to moderators")
    async def report(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"reported: {message.content}", ephemeral=True)

    @tree.command(description="Who somebody is")
    async def who(interaction: Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(member.display_name)

    tree.add_command(group)
    await tree.sync()
    return tree


class TestCommands:
    async def test_are_registered(self, stage: Stage, tree: Tree) -> None:
        assert set(stage.bot.commands()) == {"aman", "Report to moderators", "who"}
        known = {command.name: command.id for command in await tree.fetch_commands()}
        again = {command.name: command.id for command in await tree.sync()}
        assert known == again

    async def test_are_used_with_their_options(self, stage: Stage, tree: Tree) -> None:
        place = stage.general
        seen = got(await stage.owner.uses("aman settings", place, policy="strict", days=3))
        assert (seen.text, seen.is_ephemeral) == ("strict for 3", True)
        with pytest.raises(CannotHappen, match="needs policy"):
            await stage.owner.uses("aman settings", place)
        with pytest.raises(CannotHappen, match="no option colour"):
            await stage.owner.uses("aman settings", place, policy="strict", colour="red")
        with pytest.raises(CannotHappen, match="takes no 'three'"):
            await stage.owner.uses("aman settings", place, policy="strict", days="three")
        with pytest.raises(CannotHappen, match="no sub-command"):
            await stage.owner.uses("aman nothing", place)

    async def test_complete_what_is_written(self, stage: Stage, tree: Tree) -> None:
        place = stage.general
        offered = await stage.owner.autocompletes("aman settings", place, "policy", "st")
        assert offered == ["strict"]

    async def test_name_members(self, stage: Stage, tree: Tree) -> None:
        stage.lobby.renames(stage.om, "Omkar")
        seen = got(await stage.asha.uses("who", stage.general, member=stage.om))
        assert seen.text == "Omkar"

    async def test_are_offered_only_to_whom_they_are_for(self, stage: Stage, tree: Tree) -> None:
        with pytest.raises(CannotHappen, match="offered no command 'aman' here, only who"):
            await stage.asha.uses("aman settings", stage.general, policy="strict")
        stage.lobby.gives_role(stage.asha, stage.lobby.role("Admins", "manage_guild"))
        assert await stage.asha.uses("aman settings", stage.general, policy="strict")
        stage.general.forbids(stage.asha, "use_application_commands")
        with pytest.raises(CannotHappen, match="offered no command"):
            await stage.asha.uses("who", stage.general, member=stage.om)

    async def test_stand_in_a_messages_menu(self, stage: Stage, tree: Tree) -> None:
        insult = stage.general.says(stage.om, "you fool")
        assert stage.asha.menu(insult) == ["Report to moderators"]
        seen = got(await stage.asha.context_menu("Report to moderators", insult))
        assert (seen.text, seen.is_ephemeral) == ("reported: you fool", True)
        assert stage.general.texts(stage.om) == ["you fool"]


class TestCommandRules:
    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ({"name": "Aman"}, "name is invalid"),
            ({"name": "a man"}, "name is invalid"),
            ({"name": "a" * 33}, "between 1 and 32"),
            ({"description": ""}, "between 1 and 100"),
            ({"type": 3}, "cannot have description"),
            ({"name_localizations": {"xx": "amana"}}, "Unknown locale"),
            ({"name_localizations": {"de": "a" * 33}}, "between 1 and 32"),
            (
                {"options": [{"type": 3, "name": str(n), "description": "d"} for n in range(26)]},
                "25 or fewer",
            ),
            (
                {
                    "options": [
                        {"type": 3, "name": "a", "description": "d"},
                        {"type": 3, "name": "b", "description": "d", "required": True},
                    ]
                },
                "before non-required",
            ),
            (
                {
                    "options": [
                        {"type": 1, "name": "a", "description": "d"},
                        {"type": 3, "name": "b", "description": "d"},
                    ]
                },
                "cannot be mixed",
            ),
            (
                {
                    "options": [
                        {
                            "type": 3,
                            "name": "a",
                            "description": "d",
                            "autocomplete": True,
                            "choices": [{"name": "x", "value": "x"}],
                        }
                    ]
                },
                "exclude each other",
            ),
            (
                {
                    "options": [
                        {"type": 3, "name": f"{'n' * 30}{n}", "description": "d" * 100}
                        for n in range(24)
                    ]
                    + [
                        {
                            "type": 3,
                            "name": "choice",
                            "description": "d" * 100,
                            "choices": [
                                {"name": f"{'x' * 97}{n}", "value": f"{'x' * 97}{n}"}
                                for n in range(25)
                            ],
                        }
                    ]
                },
                "8000",
            ),
        ],
    )
    async def test_are_kept(self, stage: Stage, command: dict[str, Any], words: str) -> None:
        whole = {"name": "aman", "description": "Moderation", **command}
        path = f"/applications/{stage.bot.id}/commands"
        with refused(50035, words):
            await stage.client.http.request(Route("PUT", path), json=[whole])

    async def test_a_bot_has_100_commands_and_no_name_twice(self, stage: Stage) -> None:
        path = f"/applications/{stage.bot.id}/commands"
        many = [{"name": f"c{n}", "description": "d"} for n in range(101)]
        with refused(30032):
            await stage.client.http.request(Route("PUT", path), json=many)
        twice = [{"name": "c", "description": "d"}] * 2
        with refused(50035, "unique"):
            await stage.client.http.request(Route("PUT", path), json=twice)

    async def test_a_guild_has_its_own(self, stage: Stage) -> None:
        tree: Tree = app_commands.CommandTree(stage.client)

        @tree.command(description="here only", guild=discord.Object(stage.lobby.id))
        async def here(interaction: Interaction) -> None:
            await interaction.response.send_message("here")

        await tree.sync(guild=discord.Object(stage.lobby.id))
        assert (stage.bot.commands(), stage.bot.commands(stage.lobby.id)) == ([], ["here"])
        assert got(await stage.asha.uses("here", stage.general)).text == "here"


class TestPeople:
    async def test_do_only_what_they_may(self, stage: Stage) -> None:
        stage.general.forbids(stage.lobby.everyone, "send_messages")
        with pytest.raises(CannotHappen, match="lacks send_messages"):
            stage.general.says(stage.asha, "hello?")
        with pytest.raises(CannotHappen, match="is not in Lobby"):
            stage.general.says(stage.server.user("stranger"), "hello?")
        with pytest.raises(CannotHappen, match="shares no server"):
            stage.server.user("stranger").writes(stage.bot, "hello?")

    async def test_ping_everyone_only_with_the_right_to(self, stage: Stage) -> None:
        assert not stage.general.says(stage.asha, "@everyone").pings
        assert stage.general.says(stage.owner, "@everyone").pings.everyone

    async def test_edit_their_own_living_messages(self, stage: Stage) -> None:
        message = stage.general.says(stage.asha, "one").edits("two").edits("three")
        assert (message.text, message.revisions) == ("three", ["one", "two"])
        message.deletes()
        with pytest.raises(CannotHappen, match="living"):
            message.edits("four")

    async def test_delete_what_others_wrote_only_with_the_right_to(self, stage: Stage) -> None:
        message = stage.general.says(stage.asha, "hello")
        with pytest.raises(CannotHappen, match="lacks manage_messages"):
            message.deletes(by=stage.om)
        message.deletes(by=stage.owner)
        assert (message.is_deleted, stage.lobby.audit_log[-1].action) == (True, "message delete")

    async def test_every_line_of_the_audit_log_names_who(self, stage: Stage) -> None:
        stage.lobby.bans(stage.asha, "rude", by=stage.om)
        entry = stage.lobby.audit_log[-1]
        assert (entry.action, entry.by, entry.target, entry.reason) == (
            "ban",
            stage.om.account,
            stage.asha.id,
            "rude",
        )
