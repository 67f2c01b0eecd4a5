"""The two ways by which a bot gets its updates; one excludes the other."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from ..errors import ApiError, bad_request, conflict
from ..webhooks import Webhook
from .call import Call, Json, method

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}$")
_PORTS = {443, 80, 88, 8443}
LONGEST_POLL = 50


@method("getUpdates")
async def get_updates(call: Call) -> list[Json]:
    """Unconfirmed updates, waiting up to `timeout` seconds for the first."""
    world, bot = call.world, call.bot
    if bot.id in world.webhooks:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    earlier = world.pollers.pop(bot.id, None)
    if earlier is not None and not earlier.done():
        earlier.set_exception(_terminated())
    queue = world.queues[bot.id]
    queue.allow(call.get("allowed_updates"), strict=world.strict)
    queue.confirm(call.get("offset", 0))
    limit = call.get("limit", 100)
    timeout = min(call.get("timeout", 0), LONGEST_POLL)
    if not queue.waiting(1) and timeout:
        await _something(call, timeout)
    return [update.json() for update in queue.waiting(limit)]


def _terminated() -> ApiError:
    return conflict(
        "terminated by other getUpdates request; make sure that only one bot instance is running"
    )


async def _something(call: Call, seconds: float) -> None:
    """Wait until an update comes, the time is over, or another reader takes this one's place."""
    displaced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    call.world.pollers[call.bot.id] = displaced
    arrival: asyncio.Future[Any] = asyncio.ensure_future(
        call.world.queues[call.bot.id].arrived.wait()
    )
    try:
        await asyncio.wait(
            [displaced, arrival], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if displaced.done():
            displaced.result()
    finally:
        arrival.cancel()
        displaced.cancel()
        if call.world.pollers.get(call.bot.id) is displaced:
            del call.world.pollers[call.bot.id]


def _check_url(url: str, *, local: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if local:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


@method("setWebhook")
async def set_webhook(call: Call) -> bool:
    """Have updates delivered to a URL; an empty one ends that."""
    world, bot = call.world, call.bot
    url = call.params["url"]
    secret = call.get("secret_token", "")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not _SECRET.match(secret):
        raise bad_request("secret token contains unallowed characters")
    if url:
        _check_url(url, local=world.local_mode)
    queue = world.queues[bot.id]
    queue.allow(call.get("allowed_updates"), strict=world.strict)
    await _end_webhook(call)
    if not url:
        return True
    poller = world.pollers.pop(bot.id, None)
    if poller is not None and not poller.done():
        poller.set_exception(conflict("terminated by setWebhook request"))
    webhook = Webhook(url, secret, call.get("max_connections", 40), queue, world.clock)
    world.webhooks[bot.id] = webhook
    webhook.start(world.webhook_retry)
    return True


@method("deleteWebhook")
async def delete_webhook(call: Call) -> bool:
    """Back to getUpdates."""
    await _end_webhook(call)
    return True


async def _end_webhook(call: Call) -> None:
    webhook = call.world.webhooks.pop(call.bot.id, None)
    if webhook is not None:
        await webhook.stop()
    if call.get("drop_pending_updates"):
        call.world.queues[call.bot.id].clear()


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> Json:
    """Where updates go, and how that has been."""
    queue = call.world.queues[call.bot.id]
    webhook = call.world.webhooks.get(call.bot.id)
    data: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(queue),
    }
    if webhook is not None:
        data["max_connections"] = webhook.max_connections
        data["ip_address"] = "127.0.0.1"
        if webhook.last_error is not None:
            data["last_error_date"] = webhook.last_error_date
            data["last_error_message"] = webhook.last_error
    if queue.named:
        data["allowed_updates"] = queue.named
    return data
