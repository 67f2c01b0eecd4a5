"""How often bots may ask: a bucket for each route and place, 50 requests a second in all.

https://discord.com/developers/docs/topics/rate-limits. The numbers of buckets are not published;
the defaults here are those that clients report to have seen.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field

from .errors import ApiError, rate_limited, up_to_ms
from .journal import Request
from .patience import Told
from .snowflakes import made_at

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_YOUNG, _OLD = 10.0, 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


DEFAULTS = {
    "POST /channels/{channel_id}/messages": Limit(5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": Limit(5, 5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": Limit(5, 1.0),
    "DELETE /channels/{channel_id}/messages/{message_id} (old)": Limit(30, 120.0),
    "POST /channels/{channel_id}/messages/bulk-delete": Limit(1, 1.0),
    "GET /channels/{channel_id}/messages": Limit(5, 1.0),
    "PATCH /guilds/{guild_id}/members/{user_id}": Limit(10, 10.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": Limit(5, 2.0),
}


@dataclass(frozen=True)
class Limits:
    """All limits. `invalid` is how many invalid requests within 10 minutes shut a bot out."""

    overall: Limit = Limit(50, 1.0)
    routes: dict[str, Limit] = field(default_factory=lambda: dict(DEFAULTS))
    otherwise: Limit = Limit(50, 1.0)
    invalid: Limit = Limit(10_000, 600.0)


@dataclass
class _Window:
    """What is left of one bucket until it is full again; `told` once an answer said "nothing"."""

    limit: Limit
    ends_at: float = 0.0
    left: int = 0
    told: Told | None = None

    def take(self, now: float) -> bool:
        """Use one request up, if there is one."""
        if now >= self.ends_at:
            self.ends_at, self.left, self.told = now + self.limit.seconds, self.limit.requests, None
        if self.left == 0:
            return False
        self.left -= 1
        return True

    def tell(self, now: float) -> None:
        """Note that an answer has said so."""
        self.told = self.told or Told(now, self.ends_at)

    def is_ignored(self, now: float) -> bool:
        """Whether a request that comes now was told to wait."""
        return self.told is not None and self.told.ignored_by(now)


@dataclass
class Limiter:
    """Counts requests by bot and bucket. Without `limits` it lets all pass and says nothing."""

    limits: Limits | None = None
    _buckets: dict[str, _Window] = field(default_factory=dict)
    _overall: dict[str, _Window] = field(default_factory=dict)
    _invalid: deque[float] = field(default_factory=deque)

    def refusal(self, request: Request, *, counts_overall: bool) -> ApiError | None:
        """A 429 if this request is one too many; otherwise it is counted.

        First answers to interactions are not limited at all.
        """
        if self.limits is None or not counts_overall:
            return None
        if request.bot:
            overall = self._overall.setdefault(request.bot, _Window(self.limits.overall))
            request.impatient = overall.is_ignored(request.at)
            if not overall.take(request.at):
                overall.tell(request.at)
                request.scope = "global"
                return rate_limited(overall.ends_at - request.at, is_global=True)
        bucket = self._bucket(request)
        request.impatient |= bucket.is_ignored(request.at)
        if not bucket.take(request.at):
            bucket.tell(request.at)
            request.scope = "user"
            return rate_limited(bucket.ends_at - request.at)
        return None

    def note(self, request: Request) -> None:
        """Count a request that turned out invalid."""
        if request.is_invalid:
            self._invalid.append(request.at)

    def shuts_out(self, request: Request) -> bool:
        """Whether so many invalid requests came that nothing is answered any more."""
        if self.limits is None:
            return False
        allowed = self.limits.invalid
        while self._invalid and self._invalid[0] <= request.at - allowed.seconds:
            self._invalid.popleft()
        return len(self._invalid) >= allowed.requests

    def headers(self, request: Request, now: float) -> dict[str, str]:
        """What an answer tells about its bucket; from now on the bot knows whether it is empty."""
        if self.limits is None or request.route.startswith("/interactions/"):
            return {}
        if request.scope == "global":
            return {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
        bucket = self._bucket(request)
        if bucket.left == 0:
            bucket.tell(now)
        told = {
            "X-RateLimit-Limit": str(bucket.limit.requests),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{bucket.ends_at:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, up_to_ms(bucket.ends_at - now)):.3f}",
            "X-RateLimit-Bucket": hashlib.md5(_name(request).encode()).hexdigest(),
        }
        return told | ({"X-RateLimit-Scope": request.scope} if request.scope else {})

    def _bucket(self, request: Request) -> _Window:
        assert self.limits is not None
        name = _name(request)
        place = "+".join(str(request.params.get(major, "")) for major in _MAJOR)
        bare = name.removesuffix(" (young)")
        limit = self.limits.routes.get(bare, self.limits.otherwise)
        return self._buckets.setdefault(f"{request.bot} {name} {place}", _Window(limit))


def _name(request: Request) -> str:
    """The bucket of a request: a route, of which deleting has three, by the message's age."""
    name = f"{request.method} {request.route}"
    message = request.params.get("message_id")
    if request.method != "DELETE" or request.route != _MESSAGE or not isinstance(message, int):
        return name
    age = request.at - made_at(message)
    if age < _YOUNG:
        return f"{name} (young)"
    return f"{name} (old)" if age > _OLD else name
