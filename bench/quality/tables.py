"""The figures as tables, for the screen and for a model's card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.quality.chats import Stopped
from bench.quality.figures import ALL, Bias, Quality


def markdown(
    suites: Sequence[Quality],
    baseline: Sequence[Quality],
    bias: Sequence[Bias],
    chats: Sequence[Stopped],
) -> str:
    """All tables, each under its sentence."""
    parts = [
        _table(
            ("suite", "label", "positives / negatives", "ROC-AUC", "n-grams", "average precision",
             "ECE", "Brier"),
            _quality_rows(suites, baseline),
        ),
        _table(
            ("both forms of the same comments", "texts", "ROC-AUC", "false alarms at 0.5",
             "missed at 0.5"),
            ((each.variant, f"{each.count:,}", f"{each.roc_auc:.3f}", f"{each.false_alarms:.1%}",
              f"{each.missed:.1%}") for each in bias),
        ),
        _table(
            ("chat", "different messages", "preset", "reviewed or hidden", "hidden"),
            ((each.chat, f"{each.count:,}", each.preset, f"{each.reviewed:.2%}",
              f"{each.hidden:.2%}") for each in chats),
        ),
    ]  # fmt: skip
    return "\n".join(parts)


def _quality_rows(
    suites: Sequence[Quality], baseline: Sequence[Quality]
) -> Iterable[tuple[str, ...]]:
    others = {(each.suite, each.language, each.label): each for each in baseline}
    for each in suites:
        other = others.get((each.suite, each.language, each.label))
        name = each.suite if each.language == ALL else f"{each.suite}, `{each.language}`"
        yield (
            name,
            each.label,
            f"{each.positives:,} / {each.negatives:,}",
            f"**{each.roc_auc:.3f}**",
            f"{other.roc_auc:.3f}" if other else "–",
            f"{each.average_precision:.3f}",
            f"{each.ece:.3f}",
            f"{each.brier:.3f}",
        )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
