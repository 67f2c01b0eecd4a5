"""deleteMessage and deleteMessages."""

from __future__ import annotations

from .call import Call, method
from .copying import checked_ids


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    """Delete one message."""
    message = call.message(call.chat(), "message to delete")
    refusal = call.world.can_delete(call.bot, message)
    if refusal is not None:
        raise refusal
    call.world.delete(message)
    return True


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Delete up to 100. Missing ones are passed over; one that must stay refuses the whole call."""
    ids = checked_ids(call)
    chat = call.chat()
    found = [chat.messages[i] for i in ids if i in chat.messages]
    living = [message for message in found if not message.is_deleted]
    for message in living:
        refusal = call.world.can_delete(call.bot, message)
        if refusal is not None:
            raise refusal
    for message in living:
        call.world.delete(message)
    return True
