"""Commands, menus and presses: what people ask of the bot, and what it answers."""

from __future__ import annotations

import structlog
from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatType

from bot.adapters.errands import Errands
from bot.adapters.spending import UNHURRIED_S
from bot.adapters.telegram.asking import OnItsWay
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused
from bot.adapters.telegram.notices import Notices
from bot.adapters.telegram.pressed import PressedCards
from bot.adapters.telegram.promises import Line, Promises
from bot.adapters.telegram.translate import person_of, place_of
from bot.adapters.telegram.writing import MOST_TEXT, cut, without_mentions
from bot.domain.desk import Answer, Choice, Command, CommandName, Sentence, Telling
from bot.domain.errors import (
    FlowUnavailable,
    NotAReviewer,
    PlatformError,
    PressRefused,
    StorageUnavailable,
)
from bot.domain.messages import Person, readable
from bot.domain.ports import Desk, Phrases, PressReply

log = structlog.get_logger(__name__)

ASKED_RIGHTS = "delete_messages+restrict_members"
MOST_ANSWER = 200
"""Longest text that a press can be answered with."""

_NOBODY = (1087968824,)
_NO_SAY = (NotAReviewer.reply, PressRefused.reply)
"""The answers to those who may not review, or of whom that is not known."""


class Talk:
    """Passes commands and presses to the desk, and its answers back."""

    def __init__(
        self,
        client: Client,
        notices: Notices,
        pressed: PressedCards,
        promises: Promises,
        errands: Errands,
        phrases: Phrases,
    ) -> None:
        self._client = client
        self._notices = notices
        self._pressed = pressed
        self._promises = promises
        self._errands = errands
        self._phrases = phrases

    # ------------------------------------------------------------ commands

    async def command(self, message: Message, name: str, argument: str, desk: Desk) -> OnItsWay:
        """Do a typed command; its answer is on its way then. What cannot be done now is said, as
        of a press."""
        user = message.from_user
        if user is None:
            return None
        if user.id in _NOBODY or message.sender_chat is not None:
            return self._errands.send("answer", self.nameless(message))
        command = _command(CommandName(name), argument, person_of(user), message)
        try:
            answer = await desk.command(command)
        except (StorageUnavailable, FlowUnavailable) as exc:
            log.warning("command not taken", command=name, error=str(exc))
            answer = Answer((Sentence("press.unavailable"),), accepted=False)
        return self._errands.send("answer", self._answer(message, command, answer))

    async def nameless(self, message: Message) -> None:
        """Tell somebody who writes as a group or channel that this needs their own name. Raises
        PlatformBusy, PlatformError, Refused."""
        said = self.said(Sentence("command.nameless"))
        await self._notices.tell_group(place_of(message), said)

    async def _answer(self, message: Message, command: Command, answer: Answer) -> None:
        text = self.text(answer)
        if command.private:
            await self._reply(message, text, self.keyboard(answer))
        elif not answer.accepted or command.name is CommandName.HELP:
            # Only the person need know, and nobody is to fill a group by asking what anybody may.
            await self._notices.tell_here(command.person, command.place, text)
        elif answer.secret and await self._alone(command.person, text, answer):
            said = self.said(Sentence("command.in_private"))
            await self._notices.tell_here(command.person, command.place, said)
        else:
            await self._reply(message, text, self.keyboard(answer))

    async def _alone(self, person: Person, text: str, answer: Answer) -> bool:
        try:
            await self._post(int(person.id), "", text, self.keyboard(answer))
        except (Refused, PlatformError):
            return False
        return True

    async def tell(self, telling: Telling) -> None:
        """Tell somebody, or a place, of a change, sooner or later. Raises FlowUnavailable."""
        text, keyboard = self.text(telling.answer), self.keyboard(telling.answer)
        if isinstance(telling.to, Person):
            chat, topic = int(telling.to.id), ""
        else:
            chat, topic = int(telling.to.group), telling.to.channel
        buttons = keyboard.to_json() if keyboard is not None else ""
        await self._promises.make(Line(chat, topic, readable(text), buttons))

    # ------------------------------------------------------------ presses

    async def press(self, query: CallbackQuery, desk: Desk) -> OnItsWay:
        """Press a button; the answer is on its way then, and a menu is redrawn with it. What cannot
        be taken now is said to the presser, who presses again: a press is not worth holding up a
        group's messages."""
        data, message = query.data or "", query.message
        if message is None:
            return self._answered(query, "press.stale")
        try:
            if data.startswith("/"):
                return await self._menu_press(query, data, desk)
            place = await self._pressed.place(data, message)
            reply = await desk.press(data, person_of(query.from_user), place)
            if reply.text not in _NO_SAY and _bears(message, data):
                one = self._pressed.keep_one(data, place, message.message_id)
                self._errands.send("one card", one)
        except (StorageUnavailable, FlowUnavailable, PlatformError) as exc:
            log.warning("press not taken", presser=query.from_user.id, error=str(exc))
            return self._answered(query, "press.unavailable", alert=True)
        return self._end(query, self.reply(reply), alert=not reply.accepted)

    async def _menu_press(self, query: CallbackQuery, data: str, desk: Desk) -> OnItsWay:
        word, _, argument = data.removeprefix("/").partition(" ")
        message = query.message
        if (
            word not in set(CommandName)
            or not isinstance(message, Message)
            or not _bears(message, data)
        ):
            return self._answered(query, "press.stale")
        command = _command(CommandName(word), argument, person_of(query.from_user), message)
        answer = await desk.command(command)
        if not answer.accepted:
            return self._end(query, self.text(answer), alert=True)
        return self._errands.send("menu", self._show(query, command, message, answer))

    async def _show(
        self, query: CallbackQuery, command: Command, message: Message, answer: Answer
    ) -> None:
        if answer.secret and await self._alone(command.person, self.text(answer), answer):
            self._answered(query, "command.in_private")
            return
        self._end(query, "")
        await self._redraw(message, answer)

    async def _redraw(self, message: Message, answer: Answer) -> None:
        bot, chat = self._client.bot, message.chat.id
        text, keyboard = self.text(answer), self.keyboard(answer)
        await self._client.act(
            chat,
            Spend.EDIT,
            lambda: bot.edit_message_text(
                text,
                chat,
                message.message_id,
                reply_markup=keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            patience_s=UNHURRIED_S,
        )

    def _answered(self, query: CallbackQuery, key: str, *, alert: bool = False) -> OnItsWay:
        return self._end(query, self._phrases.say(key), alert=alert)

    def _end(self, query: CallbackQuery, text: str, *, alert: bool = False) -> OnItsWay:
        return self._errands.send("answer to a press", self._ended(query, text, alert=alert))

    async def _ended(self, query: CallbackQuery, text: str, *, alert: bool) -> None:
        short = cut(text, MOST_ANSWER)[0]
        bot = self._client.bot
        await self._client.read(
            bot.answer_callback_query(query.id, short or None, show_alert=alert)
        )

    # ------------------------------------------------------------ words and buttons

    def reply(self, reply: PressReply) -> str:
        """A press's reply in words."""
        fields = dict(reply.fields)
        if "decision" in fields:
            fields["decision"] = self._phrases.say(f"decision.{fields['decision']}")
        return self._phrases.say(reply.text, **fields)

    def said(self, sentence: Sentence) -> str:
        """A sentence in words."""
        return self._phrases.say(sentence.key, **dict(sentence.fields))

    def text(self, answer: Answer) -> str:
        """An answer in words, within one message; nobody is pinged."""
        whole = "\n".join(self.said(each) for each in answer.sentences)
        return cut(without_mentions(whole), MOST_TEXT)[0]

    def keyboard(self, answer: Answer) -> InlineKeyboardMarkup | None:
        """An answer's choices as buttons."""
        if not answer.choices:
            return None
        return InlineKeyboardMarkup(
            [[self._button(each) for each in row] for row in answer.choices]
        )

    def _button(self, choice: Choice) -> InlineKeyboardButton:
        label = self.said(choice.label)
        if choice.chosen:
            label = f"✓ {label}"
        if choice.elsewhere:
            link = f"https://t.me/{self._client.me.username}?startgroup={choice.argument}"
            return InlineKeyboardButton(label, url=f"{link}&admin={ASKED_RIGHTS}")
        return InlineKeyboardButton(
            label, callback_data=f"/{choice.name} {choice.argument}".strip()
        )

    # ------------------------------------------------------------ sending

    async def _reply(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        place = place_of(message)
        await self._post(message.chat.id, place.channel, text, keyboard, message.message_id)

    async def _post(
        self,
        chat: int,
        topic: str,
        text: str,
        keyboard: InlineKeyboardMarkup | None,
        reply_to: int | None = None,
    ) -> None:
        bot = self._client.bot
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        await self._client.act(
            chat,
            Spend.MESSAGE,
            lambda: bot.send_message(
                chat,
                text,
                message_thread_id=int(topic) if topic else None,
                reply_markup=keyboard,
                reply_parameters=reply,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            patience_s=UNHURRIED_S,
        )


def _bears(message: MaybeInaccessibleMessage, data: str) -> bool:
    """Whether a message has the button that is said to be pressed on it. A client can send any
    data from any message of the bot's, a card or what was brought back; what the message bears
    is Telegram's word, and only such a message is redrawn or removed."""
    keyboard = message.reply_markup if isinstance(message, Message) else None
    rows = keyboard.inline_keyboard if keyboard is not None else ()
    return any(button.callback_data == data for row in rows for button in row)


def _command(name: CommandName, argument: str, person: Person, message: Message) -> Command:
    chat = message.chat
    return Command(
        name,
        argument,
        person,
        place_of(message),
        title=chat.title or "",
        private=chat.type == ChatType.PRIVATE,
        public=bool(chat.username),
    )
