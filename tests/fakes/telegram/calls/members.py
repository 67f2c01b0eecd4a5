"""Restrictions, bans and promotions."""

from __future__ import annotations

from dataclasses import replace

from ..accounts import Account
from ..chats import Chat
from ..errors import bad_request
from ..rights import PERMISSIONS, Member, permitted, until
from .call import Call, Json, method

_NO_RIGHT = "not enough rights to restrict/unrestrict chat member"


def _target(call: Call, chat: Chat) -> Member:
    """The member to act on, if the bot holds the right and the member is nobody special."""
    account = call.account()
    if not call.me_in(chat).has("can_restrict_members"):
        raise bad_request(_NO_RIGHT)
    if account is call.bot:
        raise bad_request("can't restrict self")
    member = chat.member(account, call.now)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member.status == "administrator":
        raise bad_request("user is an administrator of the chat")
    return member


def _not_private(call: Call) -> Chat:
    chat = call.chat()
    if chat.type == "private":
        raise bad_request("can't ban members in private chats")
    return chat


@method("restrictChatMember")
def restrict_chat_member(call: Call) -> bool:
    """Take permissions from a member, or give all back."""
    chat = call.chat()
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    member = _target(call, chat)
    independent = call.get("use_independent_chat_permissions", False)
    granted = permitted(call.params["permissions"], independent=independent)
    present = member.present
    change = replace(
        member,
        status="restricted",
        permissions=granted,
        is_member=present,
        until_date=until(call.get("until_date"), call.now),
    )
    if granted >= chat.permissions:  # nothing is taken that others have
        change = replace(member, status="member" if present else "left", until_date=0)
        change.permissions = set(PERMISSIONS)
    call.world.set_standing(chat, member, call.bot, change)
    return True


@method("banChatMember")
def ban_chat_member(call: Call) -> bool:
    """Remove a person; in a supergroup their messages go too."""
    chat = _not_private(call)
    member = _target(call, chat)
    if chat.type == "group" and not member.present:
        raise bad_request("USER_NOT_PARTICIPANT")
    was_present = member.present
    change = replace(
        member,
        status="kicked",
        until_date=until(call.get("until_date"), call.now),
        is_member=False,
    )
    call.world.set_standing(chat, member, call.bot, change)
    if chat.type != "group" or call.get("revoke_messages"):
        for message in chat.living():
            if message.sender is member.account and message.sender_chat is None:
                call.world.delete(message)
    if was_present and chat.type == "group":
        call.world.service(chat, call.bot, {"left_chat_member": member.account.json()})
    return True


@method("unbanChatMember")
def unban_chat_member(call: Call) -> bool:
    """Let a person return. Without `only_if_banned` a present member is removed."""
    chat = call.chat()
    if chat.type not in {"supergroup", "channel"}:
        raise bad_request("method is available for supergroup and channel chats only")
    account: Account = call.account()
    member = chat.member(account, call.now)
    if call.get("only_if_banned") and member.status != "kicked":
        return True
    member = _target(call, chat)
    if member.status != "left":
        call.world.set_standing(chat, member, call.bot, Member(account, "left", is_member=False))
    return True


def _sender_chat(call: Call) -> tuple[Chat, Chat]:
    chat = call.chat()
    if chat.type not in {"supergroup", "channel"}:
        raise bad_request("method is available for supergroup and channel chats only")
    if not call.me_in(chat).has("can_restrict_members"):
        raise bad_request(_NO_RIGHT)
    sender = call.world.chats.get(call.params["sender_chat_id"])
    if sender is None or sender.type not in {"channel", "supergroup"}:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if sender is chat or sender is chat.linked:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return chat, sender


@method("banChatSenderChat")
def ban_chat_sender_chat(call: Call) -> bool:
    """Stop a channel, and its owner's other channels, from writing in the chat."""
    chat, sender = _sender_chat(call)
    chat.banned_senders.add(sender.id)
    return True


@method("unbanChatSenderChat")
def unban_chat_sender_chat(call: Call) -> bool:
    """Let a channel write again."""
    chat, sender = _sender_chat(call)
    chat.banned_senders.discard(sender.id)
    return True


@method("promoteChatMember")
def promote_chat_member(call: Call) -> bool:
    """Make an administrator, with rights the bot itself holds, or, with none, unmake one."""
    chat = call.chat()
    me = call.me_in(chat)
    account = call.account()
    if not me.has("can_promote_members"):
        raise bad_request("not enough rights")
    if account is call.bot:
        raise bad_request("can't promote self")
    member = chat.member(account, call.now)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    wanted = _rights_of(call.params)
    if any(not me.has(name) for name in wanted - {"is_anonymous"}):
        raise bad_request("RIGHT_FORBIDDEN")
    status = "administrator" if wanted else "member"
    call.world.set_standing(chat, member, call.bot, Member(account, status, rights=wanted))
    return True


def _rights_of(given: Json) -> set[str]:
    return {name for name, value in given.items() if value is True}


@method("setChatPermissions")
def set_chat_permissions(call: Call) -> bool:
    """What members may do unless restricted further."""
    chat = call.chat()
    if not chat.is_group:
        raise bad_request("can't change private chat permissions")
    if not call.me_in(chat).has("can_restrict_members"):
        raise bad_request("not enough rights to change chat permissions")
    independent = call.get("use_independent_chat_permissions", False)
    chat.permissions = permitted(call.params["permissions"], independent=independent)
    return True
