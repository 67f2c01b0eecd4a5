"""Telegram's updates, as the core's messages. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from telegram import (
    Chat,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    User,
)
from telegram.constants import ChatType

from bot.adapters.telegram.contents import attachments, is_spoken, parts, spoken
from bot.adapters.telegram.errors import PLATFORM
from bot.domain import messages as core
from bot.domain.messages import Author, Part, PartKind, Person, Place

ADMIN_ROLE = "admin"
FAKES = frozenset({1087968824, 777000, 136817688})
"""Accounts that stand for others: the anonymous admin, the service, the channel sender."""

_JOINED = "joined "

NO_MESSAGE = "0"
"""The id of what stands in no message: none has it."""


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """What has to be known of a group to judge its messages.

    admins: user ids. linked: id of the channel whose discussion group it is.
    members: how many there are; 1 where that is not known.
    """

    admins: frozenset[int] = field(default_factory=frozenset)
    linked: int | None = None
    members: int = 1


def person_of(user: User) -> Person:
    """A user, as one platform knows them."""
    return Person(PLATFORM, str(user.id), _name(user))


def place_of(message: Message) -> Place:
    """Where a message stands: its group and, in a forum, its topic."""
    topic = message.message_thread_id if message.is_topic_message else None
    return Place(PLATFORM, str(message.chat.id), str(topic) if topic else "")


def message_in(message: Message, facts: ChatFacts, received_at: datetime) -> core.Message | None:
    """The message that an update tells of; None where there is nothing to judge.

    An edited message bears revision 0 here: its number depends on what it said before.
    """
    found, files = tuple(parts(message)), attachments(message)
    if not found and not files:
        return None
    return core.Message(
        place=place_of(message),
        id=str(message.message_id),
        author=_author(message, facts),
        parts=found,
        posted_at=message.edit_date or message.date,
        received_at=received_at,
        reply_to=_reply_to(message),
        link=_link(message),
        attachments=files,
        album=message.media_group_id,
        reach=max(1, facts.members),
    )


def joined_in(message: Message, facts: ChatFacts, received_at: datetime) -> Iterator[core.Message]:
    """The names of those who joined, as messages of theirs.

    Several who join at once share one service message; its id with a number behind it keeps
    their cases apart.
    """
    for number, user in enumerate(message.new_chat_members or ()):
        if not user.is_bot:
            id_ = f"{message.message_id}.{number}" if number else str(message.message_id)
            named = _named(user, message.chat, message.date, facts, received_at)
            yield replace(named, place=place_of(message), id=id_, link=_link(message))


def joined_by(
    change: ChatMemberUpdated, facts: ChatFacts, received_at: datetime
) -> core.Message | None:
    """The name of one who joined, as a message of theirs that stands nowhere; None where nobody
    joined. Large groups get this update and no service message; others get both."""
    user = change.new_chat_member.user
    if user.is_bot or _present(change.old_chat_member) or not _present(change.new_chat_member):
        return None
    return _named(user, change.chat, change.date, facts, received_at)


def is_joining(message: core.Message) -> bool:
    """Whether a message is the name of one who joined, which they have posted nowhere."""
    return (message.album or "").startswith(_JOINED)


def _named(
    user: User, chat: Chat, at: datetime, facts: ChatFacts, received_at: datetime
) -> core.Message:
    """Like an album's parts, the two tellings of one joining are one message: they share
    `album`."""
    texts = [_name(user), *([f"@{user.username}"] if user.username else [])]
    return core.Message(
        place=Place(PLATFORM, str(chat.id)),
        id=f"{NO_MESSAGE}.{user.id}.{at.timestamp():.0f}",
        author=Author(person_of(user), joined_at=at),
        parts=tuple(Part(PartKind.NAME, text) for text in texts),
        posted_at=at,
        received_at=received_at,
        album=f"{_JOINED}{user.id}",
        reach=max(1, facts.members),
    )


def _name(user: User) -> str:
    """What somebody calls themselves; "" for a deleted account, of whose name the client makes
    None."""
    return " ".join(filter(None, (user.first_name, user.last_name)))


def _present(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


def album_of(album: list[core.Message]) -> core.Message:
    """An album's parts as the one message that people see; what two of them say alike is said
    once."""
    return replace(
        album[0],
        parts=tuple(dict.fromkeys(part for each in album for part in each.parts)),
        attachments=tuple(file for each in album for file in each.attachments),
        posted_at=max(each.posted_at for each in album),
        received_at=max(each.received_at for each in album),
        revision=max(each.revision for each in album),
    )


def replied_to(message: Message) -> Message | None:
    """The message that this one answers.

    In a forum everything without a target answers the topic's first message: that is none.
    """
    target = message.reply_to_message
    if target is None or target.forum_topic_created is not None:
        return None
    if message.is_topic_message and target.message_id == message.message_thread_id:
        return None
    return target


def own_command(message: Message, username: str, names: frozenset[str]) -> tuple[str, str] | None:
    """The command of ours that a message gives, with all that stands behind it."""
    text = message.text or ""
    begins = (each for each in message.entities if each.offset == 0)
    command = next((each for each in begins if each.type == MessageEntity.BOT_COMMAND), None)
    if command is None:
        return None
    word, argument = text[: command.length], text[command.length :]  # a command is ASCII
    name, _, to = word.removeprefix("/").partition("@")
    if name.lower() not in names or (to and to.lower() != username.lower()):
        return None
    return name.lower(), argument.strip()


def is_bare_command(message: Message, username: str) -> bool:
    """Whether a message is a command and nothing else: that says nothing to anybody.

    One with words behind it, or a quote beside it, is judged: a slash must not carry an insult
    through. So is one whose name holds several words, unless it is meant for another bot than the
    one of this name.
    """
    commands = [
        message.parse_entity(each)
        for each in message.entities or ()
        if each.type == MessageEntity.BOT_COMMAND and each.offset == 0
    ]
    if not commands or attachments(message):
        return False
    to = commands[0].partition("@")[2].lower()
    says_something = is_spoken(commands[0]) and to in ("", username.lower())
    return not says_something and [part.text for part in parts(message)] == [*map(spoken, commands)]


def is_group(chat: Chat) -> bool:
    """Whether people talk with each other there."""
    return chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)


def _author(message: Message, facts: ChatFacts) -> Author:
    sender = message.sender_chat
    if sender is not None:
        title = sender.effective_name or str(sender.id)
        person = Person(PLATFORM, str(sender.id), title)
        if sender.id == message.chat.id and is_group(message.chat):
            # Only an admin can write as the group itself.
            return Author(person, roles=frozenset({ADMIN_ROLE}), punishable=False)
        owner = message.is_automatic_forward or sender.id in (facts.linked, message.chat.id)
        return Author(person, punishable=not owner)
    user = message.from_user
    if user is None:
        return Author(Person(PLATFORM, str(message.chat.id)), punishable=False)
    roles = frozenset({ADMIN_ROLE}) if user.id in facts.admins else frozenset[str]()
    stands_for_others = user.id in FAKES
    return Author(
        person_of(user),
        roles=roles,
        is_bot=user.is_bot and not stands_for_others,
        punishable=not stands_for_others,
    )


def _reply_to(message: Message) -> str | None:
    target = replied_to(message)
    return str(target.message_id) if target else None


def _link(message: Message) -> str | None:
    chat = message.chat
    if chat.username:
        where = chat.username
    elif chat.type in (ChatType.SUPERGROUP, ChatType.CHANNEL):
        where = f"c/{str(chat.id).removeprefix('-100')}"
    else:
        return None  # messages of basic groups have no address
    thread = f"{message.message_thread_id}/" if message.is_topic_message else ""
    return f"https://t.me/{where}/{thread}{message.message_id}"
