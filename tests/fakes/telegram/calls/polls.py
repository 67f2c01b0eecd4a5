"""Polls."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..polls import poll_of
from .call import Call, method
from .sending import destination, post

Json = dict[str, Any]


@method("sendPoll")
def send_poll(call: Call) -> Json:
    """Post a poll with 2 to 12 options."""
    chat = destination(call, "can_send_polls")
    options = [option["text"] for option in call.params["options"]]
    if not 2 <= len(options) <= 12:
        raise bad_request("poll must have 2 to 12 options")
    if call.get("type", "regular") not in {"regular", "quiz"}:
        raise bad_request("unsupported poll type specified")
    names = ("is_anonymous", "type", "allows_multiple_answers", "allows_revoting", "is_closed")
    settings = {name: call.params[name] for name in (*names, "description") if name in call.params}
    if call.get("type") == "quiz":
        settings |= _quiz(call, len(options))
    poll_id = str(call.world.number() + 5_000_000_000_000_000_000)
    poll = poll_of(poll_id, call.params["question"], options, **settings)
    message = post(call, chat, {"poll": poll})
    call.world.polls[poll_id] = message
    return message.json()


def _quiz(call: Call, options: int) -> Json:
    """What a quiz has beside a poll: right answers, and why they are."""
    right = call.get("correct_option_ids", [])
    if not right:
        raise bad_request("there must be at least one correct option specified")
    if right != sorted(set(right)) or not 0 <= right[0] <= right[-1] < options:
        raise bad_request("invalid correct option identifier specified")
    told: Json = {"correct_option_ids": right}
    if call.get("explanation"):
        told["explanation"] = call.params["explanation"]
        if told["explanation"].count("\n") > 2:
            raise bad_request("poll explanation has too many line feeds")
    return told


@method("stopPoll")
def stop_poll(call: Call) -> Json:
    """Close the bot's own poll."""
    message = call.message(call.chat(), "message with poll to stop")
    poll = message.body.get("poll")
    if poll is None or message.sender is not call.bot:
        raise bad_request("poll can't be stopped")
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    message.body = {**message.body, "poll": {**poll, "is_closed": True}}
    result: Json = message.body["poll"]
    return result
