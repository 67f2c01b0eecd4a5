"""Messages in a group that one member alone sees."""

from __future__ import annotations

from ..chats import Chat
from ..errors import bad_request
from ..messages import Message
from .call import Call, Json, method


def receiver_of(call: Call) -> int | None:
    """Whom alone a message is for, by either version's name; None where it is for all."""
    given = call.get("ephemeral_message_parameters", {})
    receiver = given.get("receiver_user_id", call.get("receiver_user_id"))
    return int(receiver) if receiver is not None else None


def whisper(call: Call, chat: Chat, receiver: int, body: Json) -> Message:
    """Show one member a message that is in no history. An administrator may at any time."""
    if not call.me_in(chat).is_admin:
        raise bad_request("not enough rights to send ephemeral messages to the chat")
    member = chat.members.get(receiver)
    if member is None or not member.present:
        raise bad_request("PARTICIPANT_ID_INVALID")
    number = call.world.number()
    message = Message(chat, 0, call.world.clock.now(), body, sender=call.bot)
    message.header["ephemeral_message_id"] = number
    message.header["receiver_user"] = member.account.json()
    chat.ephemeral[number] = (receiver, message)
    return message


@method("deleteEphemeralMessage")
def delete_ephemeral_message(call: Call) -> bool:
    """Take one back."""
    chat = call.chat()
    receiver, message = chat.ephemeral.get(call.params["ephemeral_message_id"], (0, None))
    if message is None or receiver != call.params["receiver_user_id"]:
        raise bad_request("message to delete not found")
    call.world.delete(message)
    return True
