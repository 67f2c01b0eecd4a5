"""Discord's errors, as ours.

RateLimited                    PlatformBusy   the bucket is spent for longer than is worth waiting
401                            PlatformError  nothing works until the token is mended
403, 404, 400                  Refused        trying again will not help
404 without a code             Unknown        a server that lacks the route
5xx                            PlatformError  tried again
a connection that cannot be    PlatformError  tried again
a connection that broke        InDoubt        it may have been done, or not
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.domain.errors import AmanError, PlatformBusy, PlatformError

PLATFORM = "discord"

NOT_ACCEPTED = (
    "Discord does not accept the token: take the bot's current one from the Developer Portal "
    "(your application → Bot → Reset Token) and set DISCORD_BOT_TOKEN"
)

INTENTS = (
    "Discord does not let the bot read what people write or who they are: in the Developer Portal, "
    "your application → Bot → Privileged Gateway Intents, switch on Message Content Intent and "
    "Server Members Intent"
)

# Codes of Discord's JSON errors, as its documentation lists them ("Opcodes and Status Codes").
UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MEMBER = 10007
UNKNOWN_MESSAGE = 10008
UNKNOWN_USER = 10013
UNKNOWN_WEBHOOK = 10015
UNKNOWN_BAN = 10026
MISSING_ACCESS = 50001
NO_DIRECT_MESSAGES = 50007
MISSING_PERMISSIONS = 50013
THREAD_IS_ARCHIVED = 50083
NEEDS_TWO_FACTORS = 60003


class Refused(AmanError):
    """Discord does not do this, and will not when asked again.

    code: of its JSON errors; 0 where it gave none. why: in its own words.
    """

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{why} ({code})")
        self.code = code
        self.why = why


class Unknown(Refused):
    """The server lacks the route, or gives it another meaning: it only resembles Discord."""


class InDoubt(PlatformError):
    """The connection broke while an answer was due: it may have been done, or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(PLATFORM, reason)


@contextmanager
def discord_errors() -> Iterator[None]:
    """Translates whatever the client raises; no secret is in any of the sentences."""
    try:
        yield
    except discord.RateLimited as exc:
        reason = f"asks to wait {exc.retry_after:.0f} s"
        raise PlatformBusy(PLATFORM, reason, exc.retry_after) from None
    except discord.LoginFailure:
        raise PlatformError(PLATFORM, NOT_ACCEPTED) from None
    except discord.HTTPException as exc:
        raise _answered(exc) from None
    except aiohttp.ClientConnectorError as exc:
        raise PlatformError(PLATFORM, _unreachable(exc)) from None
    except (aiohttp.ClientError, OSError) as exc:
        raise InDoubt(_unreachable(exc)) from None
    except (AttributeError, LookupError, TypeError, ValueError) as exc:
        # What the client trips over in an answer. Asked again, it would be answered no better.
        raise Unknown(0, f"an answer that cannot be read ({exc!r})") from exc


def _answered(error: discord.HTTPException) -> AmanError:
    if error.status == 401:
        return PlatformError(PLATFORM, NOT_ACCEPTED)
    if error.status == 429:
        return PlatformBusy(PLATFORM, "asks to wait", 30.0)
    if error.status >= 500:
        return PlatformError(PLATFORM, f"Discord fails ({error.status})")
    kind = Unknown if error.status in (404, 405) and not error.code else Refused
    return kind(error.code, error.text)


def _unreachable(error: Exception) -> str:
    # By its name alone: its words may hold an address, and a webhook's address holds its token.
    check = "check the network and DISCORD_API_BASE_URL"
    return f"Discord cannot be reached ({type(error).__name__}): {check}"
