"""The page at `/` where no playground is: how the bot stands, to be read and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from bot.domain.ports import Figures

_STYLE = """
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --ink: #1b2330; --muted: #566172;
  --line: #d9dee6; --good: #2f7d50; --bad: #b3261e; --link: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --page: #11151b; --card: #1a2029; --ink: #e7ebf1;
  --muted: #a3afbf; --line: #313a47; --good: #74c695; --bad: #ff8a80; --link: #7cb7ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: clamp(1rem, 4vw, 2.5rem); max-width: 42rem; background: var(--page);
  color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { padding: clamp(1rem, 4vw, 1.75rem); border: 1px solid var(--line); border-radius: .8rem;
  border-top: 4px solid var(--good); background: var(--card); overflow-wrap: anywhere; }
main.stopped { border-top-color: var(--bad); }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; color: var(--good); }
.stopped h1 { color: var(--bad); }
ul { padding-left: 1.2rem; }
dl { display: grid; grid-template-columns: 1fr auto; margin: 1.25rem 0; }
dt, dd { margin: 0; padding: .35rem 0; border-bottom: 1px solid var(--line); }
dd { padding-left: 1rem; text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
p { margin: .75rem 0 0; color: var(--muted); font-size: .9rem; }
a { color: var(--link); }
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def status_page(problems: Sequence[str], figures: Figures, *, judges: bool) -> str:
    """The page as HTML. Pure; it holds no more of anybody than the problems do.

    judges: whether messages are judged in this process, whose figures are then worth a line.
    """
    state = "stopped" if problems else "working"
    headline = "Something keeps Aman from working" if problems else "Aman is at work"
    reasons = "".join(f"<li>{escape(each)}</li>" for each in problems)
    counts = "".join(
        f"<dt>{name}</dt><dd>{count:,}</dd>" for name, count in _shown(figures, judges).items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>{headline}</title>
<style>{_STYLE}</style>
</head>
<body>
<main class="{state}">
<h1>{headline}</h1>
{f"<ul>{reasons}</ul>" if reasons else ""}
<dl>{counts}</dl>
<p>{_WHOSE[judges]} What cannot be read now stands as it was read last.</p>
<p>For machines: <a href="/readyz">/readyz</a> says whether it works,
<a href="/metrics">/metrics</a> has all figures.</p>
</main>
</body>
</html>
"""


_WHOSE = {
    True: "Messages and verdicts are counted since this process started.",
    False: "Messages are judged, and counted, by another process.",
}


def _shown(figures: Figures, judges: bool) -> dict[str, int]:
    judged = {
        "Messages judged": figures.messages,
        "Verdict: hide": figures.hide,
        "Verdict: review": figures.review,
    }
    waiting = {
        "Open cases": figures.cases_open,
        "Messages waiting for a verdict": figures.intake_depth,
        "Effects waiting to be carried out": figures.effects_depth,
    }
    return {**judged, **waiting} if judges else waiting
