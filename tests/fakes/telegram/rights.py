"""What administrators may do, what members may do, and how long a restriction lasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .accounts import Account

Json = dict[str, Any]

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_MEDIA = PERMISSIONS[1:7]
_SHORTEST, _LONGEST = 30, 366 * 86_400


def checked_rights(rights: Iterable[str]) -> set[str]:
    """Refuse a right that Telegram does not have; `can_manage_chat` comes with any other."""
    wanted = set(rights)
    unknown = wanted - {*ADMIN_RIGHTS, *GROUP_RIGHTS, *CHANNEL_RIGHTS, "is_anonymous"}
    if unknown:
        raise ValueError(f"no such administrator right: {', '.join(sorted(unknown))}")
    return wanted | {"can_manage_chat"}


def until(date: int | None, now: int) -> int:
    """When a restriction ends; 0 is never. Less than 30 s or more than 366 days is for ever."""
    if not date or not _SHORTEST <= date - now <= _LONGEST:
        return 0
    return date


def permitted(given: Json, *, independent: bool) -> set[str]:
    """The permissions that a ChatPermissions grants, with what each implies unless independent."""
    granted = {name for name, value in given.items() if value}
    if independent:
        return granted
    if granted & {"can_send_other_messages", "can_add_web_page_previews"}:
        granted |= {*_MEDIA, "can_send_messages"}
    if granted & {*_MEDIA, "can_send_polls"}:
        granted.add("can_send_messages")
    return granted


@dataclass
class Member:
    """One account in one chat. `status` is one of Telegram's six."""

    account: Account
    status: str = "member"
    rights: set[str] = field(default_factory=set)
    title: str | None = None
    permissions: set[str] = field(default_factory=lambda: set(PERMISSIONS))
    until_date: int = 0
    is_member: bool = True
    privacy_when_added: bool = False

    def settle(self, now: int) -> None:
        """Let a restriction or a ban that has run out end."""
        if self.status in {"restricted", "kicked"} and 0 < self.until_date <= now:
            present = self.status == "restricted" and self.is_member
            self.status = "member" if present else "left"
            self.permissions, self.until_date = set(PERMISSIONS), 0

    @property
    def present(self) -> bool:
        """Whether the account is in the chat."""
        gone = self.status in {"left", "kicked"}
        return not gone and (self.status != "restricted" or self.is_member)

    @property
    def is_admin(self) -> bool:
        """Owner or administrator."""
        return self.status in {"creator", "administrator"}

    def has(self, right: str) -> bool:
        """Whether an owner or an administrator holds a right."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def json(self, chat_type: str) -> Json:
        """A `ChatMember` as the Bot API writes it for a chat of that type."""
        data: Json = {"user": self.account.json(), "status": self.status}
        if self.status == "creator":
            data["is_anonymous"] = "is_anonymous" in self.rights
        elif self.status == "administrator":
            extra = CHANNEL_RIGHTS if chat_type == "channel" else GROUP_RIGHTS
            data["can_be_edited"] = False
            data["is_anonymous"] = "is_anonymous" in self.rights
            data.update({name: name in self.rights for name in (*ADMIN_RIGHTS, *extra)})
        elif self.status == "restricted":
            data["is_member"] = self.is_member
            data.update({name: name in self.permissions for name in PERMISSIONS})
            data["until_date"] = self.until_date
        elif self.status == "kicked":
            data["until_date"] = self.until_date
        if self.title and self.is_admin:
            data["custom_title"] = self.title
        return data
