"""How a message comes out of what a bot sent: text, embeds, components, files, poll."""

from __future__ import annotations

from typing import Any

from .attachments import Attachment, File
from .channels import Channel
from .components import check_message, without_nulls
from .errors import ApiError, wrong
from .mentions import pings
from .messages import COMPONENTS_V2, EPHEMERAL, SUPPRESS_EMBEDS, Message
from .polls import poll_of
from .world import World

Json = dict[str, Any]
_UPLOAD_LIMIT = 10 * 1024 * 1024  # of bots, a file
_MOST_EMBEDS, _EMBED_TEXT, _MOST_FIELDS, _MOST_FILES = 10, 6000, 25, 10
_SILENT, _VOICE = 1 << 12, 1 << 13
_SETTABLE_FLAGS = SUPPRESS_EMBEDS | EPHEMERAL | _SILENT | _VOICE | COMPONENTS_V2
_PARSEABLE = {"users", "roles", "everyone"}


def fields_of(world: World, channel: Channel, body: Json, files: dict[int, File]) -> Json:
    """Check a message's body and give the fields of the `Message` that it makes."""
    flags = body.get("flags") or 0
    if flags & ~_SETTABLE_FLAGS:
        raise wrong("flags", "BASE_TYPE_CHOICES", "These flags cannot be set")
    content, embeds = body.get("content") or "", body.get("embeds") or []
    components = body.get("components") or []
    _check_embeds(embeds)
    check_allowed_mentions(body.get("allowed_mentions"))
    check_message(components, version_2=bool(flags & COMPONENTS_V2))
    if flags & COMPONENTS_V2 and (content or embeds or body.get("poll")):
        sentence = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", sentence)
    attachments = attached(world, channel, body.get("attachments"), files, [])
    has_poll = body.get("poll") is not None
    if not (content.strip() or embeds or components or attachments or has_poll):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return {
        "content": content,
        "embeds": [{"type": "rich", **_given(embed)} for embed in embeds],
        "components": without_nulls(components),
        "attachments": attachments,
        "poll": poll_of(body["poll"], world.now()) if has_poll else None,
        "flags": flags,
    }


def changes_of(world: World, message: Message, body: Json, files: dict[int, File]) -> Json:
    """Check an edit's body and give the fields that it changes; what it leaves out stays."""
    check_allowed_mentions(body.get("allowed_mentions"))
    changes: Json = {}
    flags = message.flags
    if body.get("flags") is not None:
        kept = message.flags & ~SUPPRESS_EMBEDS
        changes["flags"] = flags = kept | body["flags"] & (SUPPRESS_EMBEDS | COMPONENTS_V2)
    if "content" in body:
        changes["content"] = body["content"] or ""
        changes["allowed_mentions"] = body.get("allowed_mentions")
    if "embeds" in body:
        _check_embeds(body["embeds"] or [])
        changes["embeds"] = [{"type": "rich", **_given(embed)} for embed in body["embeds"] or []]
    if "components" in body:
        check_message(body["components"] or [], version_2=bool(flags & COMPONENTS_V2))
        changes["components"] = without_nulls(body["components"] or [])
    if body.get("attachments") is not None or files:
        changes["attachments"] = attached(
            world, message.channel, body.get("attachments"), files, message.attachments
        )
    names = ("content", "embeds", "components", "attachments", "poll")
    if not any(changes.get(name, getattr(message, name)) for name in names):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return changes


def mentioned(message: Message, allowed: Json | None) -> Message:
    """Note whom a new message notifies."""
    replied = message.reply_to.author if message.reply_to else None
    message.pings = pings(message.content, allowed, replied)
    return message


def check_allowed_mentions(allowed: Json | None) -> None:
    """Refuse what contradicts itself: all users, and these users."""
    if allowed is None:
        return
    parse = allowed.get("parse") or []
    if set(parse) - _PARSEABLE:
        sentence = "Value must be one of {'everyone', 'roles', 'users'}."
        raise wrong("allowed_mentions.parse", "BASE_TYPE_CHOICES", sentence)
    for name in ("users", "roles"):
        named = allowed.get(name) or []
        if name in parse and named:
            sentence = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            raise wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", sentence)
        if len(named) > 100:
            sentence = "Must be 100 or fewer in length."
            raise wrong(f"allowed_mentions.{name}", "BASE_TYPE_MAX_LENGTH", sentence)


def attached(
    world: World,
    channel: Channel,
    given: list[Json] | None,
    files: dict[int, File],
    kept: list[Attachment],
) -> list[Attachment]:
    """The files of a message; an edit names those which stay, and those that go are gone."""
    told = {entry["id"]: entry for entry in given or []}
    strangers = told.keys() - files.keys() - {attachment.id for attachment in kept}
    if strangers:
        number = next(n for n, entry in enumerate(given or []) if entry["id"] in strangers)
        sentence = "Attachment not found in the request"
        raise wrong(f"attachments.{number}", "ATTACHMENT_NOT_FOUND", sentence)
    staying = [each for each in kept if given is None or each.id in told]
    for attachment in kept:
        attachment.is_gone = attachment not in staying
    new = []
    for number, file in files.items():
        if len(file.content) > _UPLOAD_LIMIT:
            raise ApiError(413, 40005, "Request entity too large")
        entry = told.get(number, {})
        named = File(entry.get("filename") or file.name, file.content, entry.get("description"))
        new.append(world.files.keep(world.ids.next(), channel.id, named))
    if len(staying) + len(new) > _MOST_FILES:
        raise ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")
    return staying + new


def _check_embeds(embeds: list[Json]) -> None:
    if len(embeds) > _MOST_EMBEDS:
        raise wrong("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for number, embed in enumerate(embeds):
        fields = embed.get("fields") or []
        if len(fields) > _MOST_FIELDS:
            at = f"embeds.{number}.fields"
            raise wrong(at, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        parts = [embed.get("title"), embed.get("description")]
        parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
        parts += [part for each in fields for part in (each["name"], each["value"])]
        total += sum(len(part) for part in parts if part)
    if total > _EMBED_TEXT:
        sentence = "Embed size exceeds maximum size of 6000"
        raise wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", sentence)


def _given(embed: Json) -> Json:
    return {name: value for name, value in embed.items() if value is not None}
