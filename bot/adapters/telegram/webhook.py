"""Updates that Telegram brings by itself, to an address of ours."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from time import monotonic

import structlog
from aiohttp import web
from telegram import WebhookInfo

from bot.adapters.pausing import Pause
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import Refused
from bot.adapters.telegram.listening import ALLOWED
from bot.adapters.telegram.reception import ASKED_WITHIN_S, Reception
from bot.domain.errors import FlowUnavailable, PlatformError, StorageUnavailable
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
LOOK_EVERY_S = 60.0
AT_ONCE = 40

LASTS = timedelta(minutes=3)
"""How long an error counts: what was not taken is brought again within a minute (in Telegram's
server, WEBHOOK_MAX_RESEND_TIMEOUT), and one that did not come again is over."""


def secret_of(token: str) -> str:
    """The word by which Telegram shows that it is Telegram: the same at every start and in every
    process, and no way back to the token."""
    return hmac.new(token.encode(), b"aman webhook", hashlib.sha256).hexdigest()


class Webhook:
    """Answers 2xx once an update is taken in, never before: otherwise Telegram brings it again.

    Telegram brings a chat's updates one after another, so their order is kept.
    """

    def __init__(self, client: Client, token: str, public_url: str, now: Clockwork) -> None:
        self._client = client
        self._now = now
        self._secret = secret_of(token)
        self._url = f"{public_url}{PATH}"
        self._reception: Reception | None = None
        self.problem: str | None = None
        """Why no updates come now; None while they do."""

    @property
    def route(self) -> web.RouteDef:
        """What serves PATH."""
        return web.post(PATH, self._brought)

    async def run(self, reception: Reception) -> None:
        """Have updates brought until cancelled; the address stays set, so that none is lost
        while the bot is away."""
        self._reception = reception
        pause = Pause()
        try:
            while True:
                try:
                    await self._set()
                    await self._watch()
                except (PlatformError, Refused) as exc:
                    self.problem = str(exc)
                    log.error("webhook not set", why=self.problem)
                    await pause.wait()
        finally:
            self._reception = None

    async def _set(self) -> None:
        bot = self._client.bot
        await self._client.read(
            bot.set_webhook(
                self._url,
                max_connections=AT_ONCE,
                allowed_updates=ALLOWED,
                secret_token=self._secret,
            )
        )
        log.info("webhook set", path=PATH)

    async def _watch(self) -> None:
        """Until somebody else takes the address away."""
        while True:
            info = await self._client.read(self._client.bot.get_webhook_info())
            if info.url != self._url:
                log.warning("webhook was changed by another program, set again")
                return
            self.problem = _why_none_come(info, self._now())
            await asyncio.sleep(LOOK_EVERY_S)

    async def _brought(self, request: web.Request) -> web.Response:
        shown = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._secret.encode()):
            return web.Response(status=403)
        if self._reception is None:
            return web.Response(status=503)
        try:
            raw = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400)
        if not isinstance(raw, dict):
            return web.Response()  # brought again it would be understood no better
        try:
            await self._reception.take(raw, monotonic() + ASKED_WITHIN_S)
        except (FlowUnavailable, StorageUnavailable) as exc:
            log.warning("update waits", update=raw.get("update_id"), error=str(exc))
            return web.Response(status=503)
        except Exception:  # brought again it would break again, and nothing behind it would come
            log.exception("update set aside", update=raw.get("update_id"))
        return web.Response()


def _why_none_come(info: WebhookInfo, now: datetime) -> str | None:
    """Telegram's last error, while it lasts and something waits; Telegram tells it for ever."""
    failed_at = info.last_error_date
    if not info.pending_update_count or failed_at is None or now - failed_at > LASTS:
        return None
    return info.last_error_message
