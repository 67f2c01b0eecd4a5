"""The figures of the bot, under the names that DESIGN section 4 promises."""

from __future__ import annotations

from collections import deque
from statistics import quantiles

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.domain.ports import Figures

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)
_RECENT = 1000
UNBOUND = "unbound"
EXEMPT = "exempt"


class Metrics:
    """One process's counters, on a registry of their own so that two bots fit one test."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "aman_messages",
            "Messages judged, by platform and verdict (also: exempt, unbound).",
            ["platform", "verdict"],
            registry=self.registry,
        )
        self._uncovered = Counter(
            "aman_uncovered",
            "Messages in a language that the model does not know, by language or script.",
            ["language"],
            registry=self.registry,
        )
        self._time_to_action = Histogram(
            "aman_time_to_action_seconds",
            "From a message's posting to its effect carried out.",
            ["platform", "verdict"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._decision = Histogram(
            "aman_decision_seconds",
            "From a message's receipt to its verdict.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._batch = Histogram(
            "aman_scoring_batch_size",
            "Texts scored in one batch.",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self.registry,
        )
        self._lookups = Counter(
            "aman_scoring_cache",
            "Texts asked to be scored, by whether they had been lately (hit) or not (miss).",
            ["outcome"],
            registry=self.registry,
        )
        self._scorer_works = Gauge(
            "aman_scorer_works",
            "Whether the model can score (1); at 0 messages go to rules and reviewers.",
            ["model"],  # a process without one tells nothing
            registry=self.registry,
        )
        self._depth = Gauge(
            "aman_queue_depth", "Entries waiting, by queue.", ["queue"], registry=self.registry
        )
        self._oldest = Gauge(
            "aman_queue_oldest_seconds",
            "Age of the oldest entry waiting, by queue.",
            ["queue"],
            registry=self.registry,
        )
        self._cases_open = Gauge(
            "aman_cases_open", "Cases waiting for a decision.", registry=self.registry
        )
        self._kept_files = Gauge(
            "aman_kept_files_bytes",
            "Files that are kept with cases, all together.",
            registry=self.registry,
        )
        self._breaches = Counter(
            "aman_clock_breaches", "Open cases that fell due.", registry=self.registry
        )
        self._effects = Counter(
            "aman_effects",
            "Effects tried, by platform, effect and outcome.",
            ["platform", "effect", "outcome"],
            registry=self.registry,
        )
        self._verdicts = dict.fromkeys(("allow", "review", "hide"), 0)
        self._open = 0
        self._depths: dict[str, int] = {}
        self._recent_decisions: deque[float] = deque(maxlen=_RECENT)
        self._recent_actions: deque[float] = deque(maxlen=_RECENT)

    def judged(self, platform: str, verdict: str, seconds: float) -> None:
        """Count a verdict (or `EXEMPT`, `UNBOUND`) and the time since the message's receipt."""
        self._messages.labels(platform, verdict).inc()
        if verdict in self._verdicts:
            self._verdicts[verdict] += 1
            self._decision.observe(seconds)
            self._recent_decisions.append(seconds)

    def uncovered(self, language: str) -> None:
        """Count a message whose scores say little: the model does not know its language."""
        self._uncovered.labels(language).inc()

    def acted(self, platform: str, verdict: str, seconds: float) -> None:
        """Note that a verdict's effect is done, `seconds` after the message was posted."""
        self._time_to_action.labels(platform, verdict).observe(seconds)
        self._recent_actions.append(seconds)

    def batch(self, size: int) -> None:
        """Note how many texts were scored at once."""
        self._batch.observe(size)

    def looked_up(self, known: int, asked: int) -> None:
        """Note how many of the texts to be scored had been scored lately."""
        self._lookups.labels("hit").inc(known)
        self._lookups.labels("miss").inc(asked - known)

    def effect(self, platform: str, effect: str, outcome: str) -> None:
        """Count how trying an effect ended."""
        self._effects.labels(platform, effect, outcome).inc()

    def scorer(self, model: str, *, works: bool) -> None:
        """Note whether the model can score."""
        self._scorer_works.labels(model).set(works)

    def queue(self, name: str, depth: int, oldest_s: float | None = None) -> None:
        """Note how much waits in a queue, and for how long."""
        self._depth.labels(name).set(depth)
        self._depths[name] = depth
        if oldest_s is not None:
            self._oldest.labels(name).set(oldest_s)

    def cases_open(self, count: int) -> None:
        """Note how many cases wait for a decision."""
        self._cases_open.set(count)
        self._open = count

    def kept_files(self, size: int) -> None:
        """Note how many bytes of files are kept with cases."""
        self._kept_files.set(size)

    def breached(self, count: int) -> None:
        """Count cases that fell due undecided."""
        self._breaches.inc(count)

    def exposition(self) -> bytes:
        """All figures in Prometheus's text format."""
        return generate_latest(self.registry)

    def figures(self, model: str, *, scorer_ok: bool) -> Figures:
        """The figures that a page shows, since this process started."""
        return Figures(
            messages=sum(self._verdicts.values()),
            allowed=self._verdicts["allow"],
            review=self._verdicts["review"],
            hide=self._verdicts["hide"],
            cases_open=self._open,
            intake_depth=self._depths.get("intake", 0),
            effects_depth=sum(
                depth for name, depth in self._depths.items() if name.startswith("effects")
            ),
            time_to_action=_middle_and_tail(self._recent_actions),
            decision=_middle_and_tail(self._recent_decisions),
            model=model,
            scorer_ok=scorer_ok,
        )


def _middle_and_tail(seconds: deque[float]) -> tuple[float, float] | None:
    """Median and 95th percentile."""
    if not seconds:
        return None
    if len(seconds) == 1:
        return seconds[0], seconds[0]
    cuts = quantiles(seconds, n=20, method="inclusive")
    return cuts[9], cuts[18]
