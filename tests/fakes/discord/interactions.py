"""What people ask of a bot by button, command, menu or form, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .accounts import Application, User

if TYPE_CHECKING:
    from .channels import Channel
    from .guilds import Guild
    from .messages import Message

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER_WITHIN, TOKEN_LASTS = 3.0, 15 * 60.0
"""Seconds for the first answer, and for those after it."""
_KINDS = {
    4: "message",
    5: "deferred",
    6: "deferred update",
    7: "update",
    8: "choices",
    9: "modal",
}


@dataclass(eq=False)
class Interaction:
    """One request of a person's to a bot. `source` is the message under which it was made."""

    id: int
    type: int
    token: str
    bot: Application
    user: User
    channel: Channel
    made_at: float
    data: Json
    guild: Guild | None = None
    source: Message | None = None
    metadata: Json = field(default_factory=dict)
    answered_with: int | None = None
    ephemeral: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)

    def may_answer_first(self, now: float) -> bool:
        """Whether it is not too late for the first answer."""
        return now - self.made_at <= ANSWER_WITHIN

    def is_alive(self, now: float) -> bool:
        """Whether its token still works."""
        return now - self.made_at <= TOKEN_LASTS

    @property
    def is_settled(self) -> bool:
        """Whether the person has seen something: a promise to answer is not yet an answer."""
        if self.answered_with == 5:
            shown = self.original is not None and not self.original.flags & 128
            return shown or bool(self.followups)
        if self.answered_with == 6:
            return bool(self.followups) or self._source_changed
        return self.answered_with is not None

    @property
    def _source_changed(self) -> bool:
        """Whether the message under which it was made has been edited or deleted since."""
        source = self.source
        if source is None:
            return False
        return source.is_deleted or (source.edited_at or 0.0) >= self.made_at


class Answer:
    """What a person saw after an interaction. It goes on changing as the bot goes on answering.

    `kind` is message, deferred, deferred update, update, choices or modal.
    """

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    @property
    def kind(self) -> str:
        """How the bot answered first."""
        return _KINDS[self.interaction.answered_with or 0]

    @property
    def messages(self) -> list[Message]:
        """The bot's messages in answer, oldest first, those deleted since left out."""
        found = [self.interaction.original, *self.interaction.followups]
        living = [message for message in found if message is not None and not message.is_deleted]
        return [message for message in living if message is not self.interaction.source]

    @property
    def message(self) -> Message:
        """The newest of them."""
        return self.messages[-1]

    @property
    def text(self) -> str:
        """The newest words; empty where there are none."""
        return self.message.shown if self.messages else ""

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the person sees the newest answer."""
        return self.message.is_ephemeral

    @property
    def modal(self) -> Json:
        """The form that opened."""
        assert self.interaction.modal is not None
        return self.interaction.modal

    @property
    def choices(self) -> list[str]:
        """What autocompletion offered."""
        return [choice["name"] for choice in self.interaction.choices]
