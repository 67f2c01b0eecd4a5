"""Webhooks, and the answers to interactions, which go the same way."""

from __future__ import annotations

from ..channels import PUBLIC_THREAD, Channel
from ..composing import changes_of, fields_of, mentioned
from ..errors import ApiError, missing_permissions, unknown, wrong
from ..interactions import Interaction
from ..messages import EPHEMERAL, Message
from ..webhooks import Webhook
from . import followups
from .call import Call, Json, route

_MOST = 15
_FORBIDDEN = ("clyde", "discord")
_EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"
_MESSAGE = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"


def _checked_name(name: str, field: str) -> str:
    """https://discord.com/developers/docs/resources/webhook#create-webhook."""
    for word in _FORBIDDEN:
        if word in name.lower():
            sentence = f'Username cannot contain "{word}"'
            raise wrong(field, "USERNAME_INVALID_CONTAINS", sentence)
    return name


@route("POST", "/channels/{channel_id}/webhooks", body="CreateWebhook")
def create_webhook(call: Call) -> Json:
    """Make a webhook; a channel has up to 15."""
    channel = call.channel("manage_webhooks")
    if channel.guild is None or channel.is_thread:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if len(channel.webhooks) >= _MOST:
        raise ApiError(400, 30007, "Maximum number of webhooks reached (15)")
    name = _checked_name(call.body["name"], "name")
    webhook_id, token = call.world.ids.next(), f"hook{call.world.number():06d}_canary-token"
    webhook = Webhook(webhook_id, token, channel, name, call.bot, application_id=call.bot.id)
    channel.webhooks[webhook.id] = call.world.webhooks[webhook.id] = webhook
    call.record(channel.guild, "webhook create", webhook.id)
    call.world.told_of_webhooks(channel)
    return webhook.json()


@route("GET", "/channels/{channel_id}/webhooks")
def get_channel_webhooks(call: Call) -> list[Json]:
    """A channel's webhooks. The tokens of those that another application made stay hidden."""
    channel = call.channel("manage_webhooks")
    return [_shown(call, webhook) for webhook in channel.webhooks.values()]


@route("GET", "/guilds/{guild_id}/webhooks")
def get_guild_webhooks(call: Call) -> list[Json]:
    """A guild's webhooks."""
    guild = call.guild_needing("manage_webhooks")
    found = [hook for channel in guild.channels.values() for hook in channel.webhooks.values()]
    return [_shown(call, webhook) for webhook in found]


def _shown(call: Call, webhook: Webhook) -> Json:
    return webhook.json(with_token=webhook.application_id in {None, call.bot.id})


@route("GET", "/webhooks/{webhook_id}")
def get_webhook(call: Call) -> Json:
    """One webhook."""
    return _shown(call, _managed(call))


@route("DELETE", "/webhooks/{webhook_id}")
def delete_webhook(call: Call) -> None:
    """Remove a webhook; what it wrote stays."""
    webhook = _managed(call)
    del webhook.channel.webhooks[webhook.id], call.world.webhooks[webhook.id]
    call.world.told_of_webhooks(webhook.channel)


def _managed(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise unknown("Webhook")
    try:
        call.admit(webhook.channel, "manage_webhooks")
    except ApiError:
        raise missing_permissions() from None
    return webhook


@route("GET", _EXECUTE, needs_bot=False)
def get_webhook_by_token(call: Call) -> Json:
    """One webhook, for who knows its token."""
    webhook = _by_token(call)
    if isinstance(webhook, Interaction):
        raise unknown("Webhook")
    return webhook.json()


def _by_token(call: Call) -> Webhook | Interaction:
    """The webhook, or the interaction if the application and its token are named instead."""
    token = str(call.params["webhook_token"])
    interaction = call.world.interactions.get(token)
    if interaction is not None and interaction.bot.id == call.id("webhook_id"):
        if not interaction.is_alive(call.now):
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise unknown("Webhook")
    if webhook.token != token:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return webhook


@route("POST", _EXECUTE, query="WebhookQuery", body="ExecuteWebhook", needs_bot=False)
def execute(call: Call) -> Json | None:
    """Post through a webhook; without `wait` nothing comes back. Or follow an interaction up."""
    webhook = _by_token(call)
    if isinstance(webhook, Interaction):
        return followups.follow_up(call, webhook)
    username = call.body.get("username")
    if username is not None:
        _checked_name(username, "username")
    place = _place(call, webhook)
    fields = fields_of(call.world, place, call.body, call.files)
    if fields["flags"] & EPHEMERAL:
        raise wrong("flags", "BASE_TYPE_CHOICES", "Webhooks cannot send ephemeral messages")
    avatar_url = call.body.get("avatar_url")
    is_first = not place.messages and place.is_thread and place.parent is webhook.channel
    message_id = place.id if is_first and webhook.channel.is_forum else call.world.ids.next()
    author = webhook.author(username, avatar_url)
    message = Message(place, message_id, author, call.now, webhook=webhook, **fields)
    message.avatar_url = avatar_url
    mentioned(message, call.body.get("allowed_mentions"))
    call.world.post(message)
    return message.json() if call.query.get("wait") else None


def _place(call: Call, webhook: Webhook) -> Channel:
    """The webhook's channel, or the thread of it that the query names or the body begins."""
    channel = webhook.channel
    thread_id, name = call.query.get("thread_id"), call.body.get("thread_name")
    if thread_id is not None:
        thread = call.world.channels.get(thread_id)
        if thread is None or thread.parent is not channel:
            raise unknown("Channel")
        if thread.locked:
            raise ApiError(400, 50083, "Thread is archived")
        return thread
    if not channel.is_forum:
        if name is not None:
            sentence = "Webhooks can only create threads in forum channels"
            raise ApiError(400, 220003, sentence)
        return channel
    if name is None:
        sentence = "Webhooks posted to forum channels must have a thread_name or thread_id"
        raise ApiError(400, 220001, sentence)
    maker = webhook.author(call.body.get("username"), None)
    thread = Channel(
        call.world,
        call.world.ids.next(),
        PUBLIC_THREAD,
        name,
        call.now,
        channel.guild,
        channel,
        owner=maker,
    )
    call.world.open_thread(thread)
    return thread


@route("GET", _MESSAGE, query="WebhookQuery", needs_bot=False)
def get_webhook_message(call: Call) -> Json:
    """A message of the webhook's own, or of the interaction's."""
    return _own(call).json()


@route("PATCH", _MESSAGE, query="WebhookQuery", body="EditMessage", needs_bot=False)
def edit_webhook_message(call: Call) -> Json:
    """Change such a message."""
    webhook = _by_token(call)
    if isinstance(webhook, Interaction) and call.params["message_id"] == "@original":
        return followups.edit_original(call, webhook)
    message = _own(call)
    call.world.edit(message, **changes_of(call.world, message, call.body, call.files))
    return message.json()


@route("DELETE", _MESSAGE, query="WebhookQuery", needs_bot=False)
def delete_webhook_message(call: Call) -> None:
    """Delete such a message."""
    message = _own(call)
    call.world.delete([message], message.author)


def _own(call: Call) -> Message:
    webhook = _by_token(call)
    if isinstance(webhook, Interaction):
        return followups.own_message(call, webhook)
    thread = call.world.channels.get(call.query.get("thread_id") or 0, webhook.channel)
    message = thread.messages.get(call.id("message_id"))
    if message is None or message.is_deleted or message.webhook is not webhook:
        raise unknown("Message")
    return message
