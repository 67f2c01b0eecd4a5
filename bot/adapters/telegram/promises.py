"""What the bot does unasked and lets nobody wait for: done however often Telegram fails, and
outliving the bot's end."""

from __future__ import annotations

import json
from hashlib import blake2b

import msgspec
import structlog
from msgspec.structs import replace
from telegram import InlineKeyboardMarkup, LinkPreviewOptions

from bot.adapters.errands import Errands
from bot.adapters.pausing import Pause
from bot.adapters.spending import UNHURRIED_S
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import PLATFORM, InDoubt, Moved, Refused
from bot.domain.errors import FlowUnavailable, PlatformBusy, PlatformError
from bot.domain.memory import Unfinished

log = structlog.get_logger(__name__)

PROMISES = f"{PLATFORM}:promises"

MOST_IN_DOUBT = 2
"""So often a line is posted where it may have got through, that is, one time too many at most."""


class Removal(msgspec.Struct, frozen=True, tag="removal"):
    """A message that nobody is to see any longer."""

    chat: int
    message: int


class Line(msgspec.Struct, frozen=True, tag="line"):
    """A line to be posted. topic: "" for none. keyboard: as JSON, "" for none."""

    chat: int
    topic: str
    text: str
    keyboard: str = ""


Promise = Removal | Line


class Promises:
    """Keeps promises: each is noted before it is begun, and taken up at the next start where the
    bot's end came first. It may then be done twice."""

    def __init__(self, client: Client, unfinished: Unfinished, errands: Errands) -> None:
        self._client = client
        self._unfinished = unfinished
        self._errands = errands
        self._under_way: set[str] = set()

    async def make(self, promise: Promise) -> None:
        """Promise something. Raises FlowUnavailable: it is not promised then."""
        note = msgspec.json.encode(promise)
        id_ = blake2b(note, digest_size=16).hexdigest()  # told of twice, it is promised once
        await self._unfinished.keep(PROMISES, id_, note.decode())
        self._begin(id_, promise)

    async def resume(self) -> None:
        """Take up what a bot's end cut off. Raises FlowUnavailable."""
        for id_, note in (await self._unfinished.left(PROMISES)).items():
            try:
                promise: Promise = msgspec.json.decode(note, type=Promise)
            except msgspec.MsgspecError:  # a later release made it, and takes it up again
                log.warning("a promise is not understood", promise=id_)
            else:
                self._begin(id_, promise)

    def _begin(self, id_: str, promise: Promise) -> None:
        if id_ not in self._under_way:
            self._under_way.add(id_)
            keeping = self._errands.send("promise", self._keep(id_, promise))
            keeping.add_done_callback(lambda _: self._under_way.discard(id_))

    async def _keep(self, id_: str, promise: Promise) -> None:
        try:
            await self._persist(promise)
        except Refused as refused:
            log.info("a promise is not kept", chat=promise.chat, why=refused.why)
        # Where Redis is away it is done once more at the next start.
        await self._unfinished.drop(PROMISES, id_)

    async def _persist(self, promise: Promise) -> None:
        """Do it, however often Telegram fails or Redis is away. Raises Refused."""
        pause, in_doubt = Pause(), 0
        while True:
            try:
                await self._do(promise)
            except Moved as moved:
                if isinstance(promise, Removal):
                    return
                promise = replace(promise, chat=moved.to)
            except (PlatformError, FlowUnavailable) as exc:
                in_doubt += isinstance(promise, Line) and isinstance(exc, InDoubt)
                if in_doubt == MOST_IN_DOUBT:
                    return
                await pause.wait(exc.retry_after if isinstance(exc, PlatformBusy) else 0.0)
            else:
                return

    async def _do(self, promise: Promise) -> None:
        if isinstance(promise, Removal):
            await self._remove(promise.chat, promise.message)
        else:
            await self._post(promise)

    async def _remove(self, chat: int, message: int) -> None:
        bot = self._client.bot
        await self._client.act(chat, Spend.DEED, lambda: bot.delete_message(chat, message))

    async def _post(self, line: Line) -> None:
        bot = self._client.bot
        keyboard = json.loads(line.keyboard) if line.keyboard else None
        await self._client.act(
            line.chat,
            Spend.MESSAGE,
            lambda: bot.send_message(
                line.chat,
                line.text,
                message_thread_id=int(line.topic) if line.topic else None,
                reply_markup=InlineKeyboardMarkup.de_json(keyboard, bot) if keyboard else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            patience_s=UNHURRIED_S,
        )
