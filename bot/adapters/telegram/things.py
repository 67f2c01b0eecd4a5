"""Polls, contacts, places and dice: what comes with a message as data, not as a file. Pure.

They are attachments whose `ref` is "message:JSON", the JSON all that it takes to send them again.
Stories and paid media cannot be sent again; they are told of, so that they can be reported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from telegram import Contact, Dice, Location, Message, PaidMediaInfo, Poll, Story, Venue
from telegram.constants import ContactLimit, PollLimit

from bot.adapters.telegram.writing import cut
from bot.domain.messages import Attachment, readable

Json = dict[str, Any]

FEWEST_OPTIONS = 2
"""Telegram takes a single one since members may add to a poll; older servers refuse it."""

_CONTACT = ("phone_number", "first_name", "last_name", "vcard")
_LOCATION = ("latitude", "longitude", "horizontal_accuracy")
_VENUE = (
    "title",
    "address",
    "foursquare_id",
    "foursquare_type",
    "google_place_id",
    "google_place_type",
)


def things(message: Message) -> Iterator[Attachment]:
    """What comes with a message as data; of a poll that cannot be sent again, the text can."""
    for kind, tell in _KINDS.items():
        thing = getattr(message, kind)
        twice = kind == "location" and message.venue  # told again, for clients of old
        if thing is None or twice:
            continue
        if told := tell(thing):
            text = readable(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
            yield Attachment(kind, f"{message.message_id}:{text}", _name(kind, told))


def is_thing(attachment: Attachment) -> bool:
    """Whether an attachment is none of Telegram's files."""
    return attachment.kind in _KINDS


def comes_back(attachment: Attachment) -> bool:
    """Whether a bot can send such an attachment again."""
    return attachment.kind not in _LOST


def arguments(thing: Attachment) -> Json:
    """What the client's `send_…` for a thing of this kind has to be given."""
    told = _read(thing)
    match thing.kind:
        case "poll":
            return _votable(told)
        case "contact":
            return _contact_again(told)
        case "dice":
            return {"emoji": told["emoji"]}
    return told


def loss(thing: Attachment) -> tuple[str, Mapping[str, str]] | None:
    """What of a thing does not come back: the key of the sentence, and its fields."""
    if not comes_back(thing):
        return f"telegram.{thing.kind}_lost", {}
    told = _read(thing)
    match thing.kind:
        case "poll":
            as_poll = told.get("type") == Poll.QUIZ and not told.get("correct_option_ids")
            return ("telegram.quiz_again" if as_poll else "telegram.poll_again", {})
        case "dice":
            return "telegram.dice_again", {"value": str(told["value"])}
    return None


def _read(thing: Attachment) -> Json:
    told: Json = json.loads(thing.ref.partition(":")[2])
    return told


def _poll(poll: Poll) -> Json | None:
    options = [each.text for each in poll.options]
    if not FEWEST_OPTIONS <= len(options) <= PollLimit.MAX_OPTION_NUMBER or not poll.question:
        return None
    told: Json = {
        "question": poll.question,
        "options": options,
        "type": poll.type,
        "is_anonymous": poll.is_anonymous,
        "allows_multiple_answers": poll.allows_multiple_answers,
        "allows_revoting": poll.allows_revoting,
        "is_closed": poll.is_closed,
        "correct_option_ids": list(poll.correct_option_ids),
        "explanation": poll.explanation,
        "description": poll.description,
    }
    return _without_nothing(told)


def _votable(told: Json) -> Json:
    """A poll within the limits of the Bot API. Of a quiz whose right answer Telegram has not told
    (it tells bots that of their own alone) a poll is left, and its explanation to be read."""
    given = {
        **told,
        "question": cut(told["question"], PollLimit.MAX_QUESTION_LENGTH)[0],
        "options": [cut(each, PollLimit.MAX_OPTION_LENGTH)[0] for each in told["options"]],
    }
    explanation, description = given.pop("explanation", ""), given.pop("description", "")
    if given.get("type") == Poll.QUIZ and not given.get("correct_option_ids"):
        given["type"] = Poll.REGULAR
        description = description or explanation
    if given.get("type") != Poll.QUIZ:
        given.pop("correct_option_ids", None)
        explanation = ""
    given["explanation"] = _explained(explanation)
    given["description"] = cut(description, PollLimit.MAX_DESCRIPTION_CHARACTERS)[0]
    return _without_nothing(given)


def _explained(text: str) -> str:
    lines = cut(text, PollLimit.MAX_EXPLANATION_LENGTH)[0].split("\n")
    feeds = int(PollLimit.MAX_EXPLANATION_LINE_FEEDS)
    return "\n".join((*lines[:feeds], " ".join(lines[feeds:]))).strip()


def _contact(contact: Contact) -> Json:
    return _picked(contact, _CONTACT)


def _contact_again(told: Json) -> Json:
    """Without a name it is called by its number, since Telegram asks for one."""
    given = {"first_name": told["phone_number"], **told}
    if len(given.get("vcard", "").encode()) > ContactLimit.VCARD:
        del given["vcard"]
    return given


def _location(location: Location) -> Json:
    """Where somebody was; a live one does not go on."""
    return _picked(location, _LOCATION)


def _venue(venue: Venue) -> Json:
    return {**_picked(venue.location, _LOCATION[:2]), **_picked(venue, _VENUE)}


def _dice(dice: Dice) -> Json:
    return _picked(dice, ("emoji", "value"))


def _story(story: Story) -> Json:
    return {"chat": story.chat.id, "id": story.id}


def _paid_media(paid: PaidMediaInfo) -> Json:
    return {"stars": paid.star_count, "files": len(paid.paid_media)}


_LOST = ("story", "paid_media")
_KINDS: Mapping[str, Callable[[Any], Json | None]] = {
    "poll": _poll,
    "contact": _contact,
    "location": _location,
    "venue": _venue,
    "dice": _dice,
    "story": _story,
    "paid_media": _paid_media,
}


def _picked(thing: Any, names: tuple[str, ...]) -> Json:
    return _without_nothing({name: getattr(thing, name) for name in names})


def _without_nothing(told: Json) -> Json:
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _name(kind: str, told: Json) -> str:
    """What tells it from others, where its message's text does not say."""
    match kind:
        case "contact":
            return str(told.get("phone_number", ""))
        case "location":
            return f"{told['latitude']}, {told['longitude']}"
        case "dice":
            return f"{told['emoji']} {told['value']}"
    return ""
