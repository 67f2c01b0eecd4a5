"""Answers to presses, and reactions."""

from __future__ import annotations

from ..errors import bad_request
from ..text import utf16_length
from .call import Call, method

_TEXT_LIMIT = 200
_ONE_REACTION = 1


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    """End the wait of the person who pressed; once, and while the press is fresh."""
    text = call.get("text", "")
    if utf16_length(text) > _TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query = call.world.queries.get(call.params["callback_query_id"])
    too_late = query is not None and (
        query.answer is not None
        or query.bot is not call.bot
        or call.world.clock.now() - query.asked_at > call.world.answer_window
    )
    if query is None or too_late:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.answer = {
        "text": text,
        "show_alert": call.get("show_alert", False),
        "url": call.get("url"),
    }
    return True


@method("setMessageReaction")
def set_message_reaction(call: Call) -> bool:
    """React to a message with at most one emoji."""
    reactions = call.get("reaction", [])
    if len(reactions) > _ONE_REACTION:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction["type"] == "paid" for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message = call.message(call.chat(), "message to react")
    message.reactions[call.bot.id] = reactions
    return True
