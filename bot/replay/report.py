"""The report of a replay: one HTML file that needs nothing beside it and nothing from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.domain.policy import Action
from bot.domain.scores import Label
from bot.replay.summary import STEPS, Bar, LabelSummary, Span, Summary

TEXT_SHOWN = 2000
_TIMES = {
    Span.HOUR: "%d %b %H:%M",
    Span.DAY: "%d %b %Y",
    Span.WEEK: "week of %d %b %Y",
    Span.MONTH: "%b %Y",
    Span.YEAR: "%Y",
}


def render(summary: Summary) -> str:
    """The report as HTML. It holds the texts of the most severe messages, and no others.

    Whatever people wrote is escaped, and the page's own policy lets no script run but the two
    that are in it, by their hashes, and nothing be fetched.
    """
    style, chart, script = _ours("report.css"), _chart_js(), _ours("report.js")
    return _pages.get_template("report.html.j2").render(
        summary=summary,
        data=_drawn(summary),
        style=Markup(style),  # noqa: S704 - ours, as is the next
        scripts=[Markup(each) for each in (chart, script)],  # noqa: S704
        style_hash=_hash(style),
        script_hashes=[_hash(chart), _hash(script)],
        text_shown=TEXT_SHOWN,
        hidden=Action.HIDE,
    )


def _ours(name: str) -> str:
    return (files("bot.replay") / "templates" / name).read_text("utf-8")


def _chart_js() -> str:
    # The package is made for Django and Flask, and brings Chart.js as a file: all we take.
    return (files("chartkick") / "django/static/chartkick/Chart.bundle.js").read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    return f"{share:.1f} %" if share >= 0.1 or part == 0 else "under 0.1 %"


def _grouped(number: float) -> str:
    return f"{number:,.0f}"


def _spoken(label: Label) -> str:
    return label.replace("_", " ")


_pages = Environment(
    loader=PackageLoader("bot.replay"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"percent": _percent, "grouped": _grouped, "spoken": _spoken}


def _drawn(summary: Summary) -> Mapping[str, Any]:
    """What the charts are drawn from: numbers only, nothing that anybody wrote."""
    return {
        "steps": STEPS,
        "review": summary.review,
        "hidden": summary.hidden,
        "scored": summary.scored,
        "span": summary.span,
        "timeline": [_bar(bar, summary.span) for bar in summary.timeline],
        "labels": {label: _label(summary, label, one) for label, one in summary.labels.items()},
    }


def _bar(bar: Bar, span: Span) -> list[Any]:
    return [bar.start.strftime(_TIMES[span]), bar.messages, bar.review, bar.hidden]


def _label(summary: Summary, label: Label, one: LabelSummary) -> Mapping[str, Any]:
    limits = summary.policy.thresholds.get(label)
    return {
        "name": _spoken(label),
        "histogram": one.histogram,
        "rest": one.rest,
        "review": limits.review if limits else None,
        "hide": limits.hide if limits else None,
        # messages that the model gave no score of this label, which its thresholds cannot move
        "review_elsewhere": summary.review - one.review,
        "hidden_elsewhere": summary.hidden - one.hidden,
    }
