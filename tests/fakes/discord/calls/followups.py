"""What a bot does with an interaction's token after its first answer."""

from __future__ import annotations

from ..composing import changes_of, fields_of, mentioned
from ..errors import ApiError, unknown
from ..interactions import Interaction
from ..messages import CHAT_INPUT, CONTEXT_MENU, EPHEMERAL, LOADING, Message
from ..permissions import Permission, in_channel
from .call import Call, Json

_COMMAND, _CONTEXT_MENUS = 2, {2, 3}
_DEFERRED_UPDATE, _UPDATE = 6, 7


def follow_up(call: Call, interaction: Interaction) -> Json:
    """Send one more message. The first after a deferred answer is that answer."""
    if interaction.answered_with is None:
        raise unknown("Webhook")
    if _awaits(interaction):
        return edit_original(call, interaction)
    message = post(call, interaction, call.body)
    interaction.followups.append(message)
    return message.json()


def _awaits(interaction: Interaction) -> bool:
    original = interaction.original
    return original is not None and bool(original.flags & LOADING)


def post(call: Call, interaction: Interaction, body: Json) -> Message:
    """Put an answer into the channel; an ephemeral one only the person sees."""
    channel = interaction.channel
    fields = fields_of(call.world, channel, body, call.files)
    message = Message(channel, call.world.ids.next(), interaction.bot, call.now, **fields)
    if fields["flags"] & EPHEMERAL:
        message.only_for = interaction.user
    return _posted(call, interaction, message, body)


def promise(call: Call, interaction: Interaction, *, ephemeral: bool) -> Message:
    """Show that the bot is thinking."""
    channel = interaction.channel
    message = Message(channel, call.world.ids.next(), interaction.bot, call.now)
    message.flags = LOADING | (EPHEMERAL if ephemeral else 0)
    message.only_for = interaction.user if ephemeral else None
    return _posted(call, interaction, message, {})


def _posted(call: Call, interaction: Interaction, message: Message, body: Json) -> Message:
    message.interaction = interaction.metadata
    if interaction.type == _COMMAND:
        is_menu = interaction.data.get("type") in _CONTEXT_MENUS
        message.type = CONTEXT_MENU if is_menu else CHAT_INPUT
    mentioned(message, body.get("allowed_mentions"))
    _quiet(call, interaction, message)
    return call.world.post(message)


def _quiet(call: Call, interaction: Interaction, message: Message) -> None:
    """An answer pings everyone only if the bot itself may."""
    guild = interaction.guild
    if guild is not None and message.pings.everyone:
        me = guild.members[interaction.bot.id]
        held = in_channel(interaction.channel, me, call.now)
        message.pings.everyone = bool(held & Permission.mention_everyone)


def original(interaction: Interaction) -> Message:
    """The message that the first answer made, or the one that it changes."""
    if interaction.answered_with in {_DEFERRED_UPDATE, _UPDATE}:
        found = interaction.source
    else:
        found = interaction.original
    if found is None or found.is_deleted:
        raise unknown("Message")
    return found


def edit_original(call: Call, interaction: Interaction) -> Json:
    """Change it; a promise becomes the answer."""
    message = original(interaction)
    was_promise = bool(message.flags & LOADING)
    changes = changes_of(call.world, message, call.body, call.files)
    flags = changes.get("flags", message.flags) & ~LOADING
    call.world.edit(message, **{**changes, "flags": flags})
    if was_promise:
        message.edited_at, message.revisions = None, []
    return message.json()


def own_message(call: Call, interaction: Interaction) -> Message:
    """The message in the path, which must come from this interaction."""
    if call.params["message_id"] == "@original":
        return original(interaction)
    made = [interaction.original, *interaction.followups]
    for message in made:
        if message is not None and message.id == call.id("message_id") and not message.is_deleted:
            return message
    raise unknown("Message")


def refuse_second_answer() -> ApiError:
    """400: an interaction has one first answer."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")
