"""What bots may ask of a chat, its members and its files."""

from __future__ import annotations

from dataclasses import replace

from ..chats import Chat
from ..errors import bad_request
from ..files import DOWNLOAD_LIMIT
from ..rights import PERMISSIONS
from .call import Call, Json, method


@method("getMe")
def get_me(call: Call) -> Json:
    """The bot itself."""
    return call.bot.me()


@method("getChat")
def get_chat(call: Call) -> Json:
    """A chat in full."""
    chat = call.chat(to_write=False)
    data: Json = {
        **chat.json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.is_group:
        data["permissions"] = {name: name in chat.permissions for name in PERMISSIONS}
    if chat.linked is not None:
        data["linked_chat_id"] = chat.linked.id
    if chat.username:
        data["active_usernames"] = [chat.username]
    standing = [i for i in chat.pinned if not chat.messages[i].is_deleted]
    if standing:
        data["pinned_message"] = chat.messages[standing[-1]].json(nested=True)
    return data


def _with_members(call: Call) -> Chat:
    chat = call.chat(to_write=False)
    if chat.upgraded_to is not None:
        return call.chat()
    return chat


@method("getChatMember")
def get_chat_member(call: Call) -> Json:
    """One account's standing; somebody never seen here is refused or has left."""
    chat = _with_members(call)
    if chat.type == "private":
        raise bad_request("member not found")
    account = call.account()
    if chat.type == "channel" and not call.me_in(chat).is_admin and account is not call.bot:
        raise bad_request("member list is inaccessible")
    return chat.member(account, call.now).json(chat.type)


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[Json]:
    """Owner and administrators; other bots only if asked for."""
    chat = _with_members(call)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member.json(chat.type)
        for member in chat.members.values()
        if member.is_admin
        and (not member.account.is_bot or member.account is call.bot or call.get("return_bots"))
    ]


@method("getChatMemberCount")
def get_chat_member_count(call: Call) -> int:
    """How many are in the chat."""
    chat = _with_members(call)
    if chat.type == "private":
        return 2
    for member in chat.members.values():
        member.settle(call.now)
    return sum(member.present for member in chat.members.values())


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    """Go."""
    chat = call.chat()
    if chat.type == "private":
        raise bad_request("chat can't be left")
    me = call.me_in(chat)
    call.world.set_standing(chat, me, call.bot, replace(me, status="left", rights=set()))
    return True


@method("createChatInviteLink")
def create_chat_invite_link(call: Call) -> Json:
    """A new link by which people join."""
    chat = call.chat()
    if not call.me_in(chat).has("can_invite_users"):
        raise bad_request("not enough rights to manage chat invite link")
    names = ("name", "expire_date", "member_limit")
    return {
        "invite_link": f"https://t.me/+invite{call.world.number():010d}",
        "creator": call.bot.json(),
        "creates_join_request": call.get("creates_join_request", False),
        "is_primary": False,
        "is_revoked": False,
        **{name: call.params[name] for name in names if name in call.params},
    }


def _pinner(call: Call) -> Chat:
    chat = call.chat()
    right = "can_edit_messages" if chat.type == "channel" else "can_pin_messages"
    if chat.type != "private" and not call.me_in(chat).has(right):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    """Pin a message; the chat is told."""
    chat = _pinner(call)
    message = call.message(chat, "message to pin")
    chat.pinned.append(message.id)
    pinned = {"pinned_message": message.json(nested=True)}
    call.world.service(chat, None if chat.type == "channel" else call.bot, pinned)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: Call) -> bool:
    """Unpin a message, or the newest pinned one."""
    chat = _pinner(call)
    wanted = call.get("message_id", chat.pinned[-1] if chat.pinned else None)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    return True


@method("getFile")
def get_file(call: Call) -> Json:
    """Where to download a file; bots may take up to 20 MB."""
    try:
        file = call.world.files.by_id(call.params["file_id"])
    except Exception:
        raise bad_request("wrong file_id or the file is temporarily unavailable") from None
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": call.params["file_id"],
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
