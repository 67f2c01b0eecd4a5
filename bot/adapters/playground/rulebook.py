"""A group's policy as the page shows and changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from bot.domain.policy import Mode, Policy, Thresholds
from bot.domain.scores import Label

CUSTOM = "custom"


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """One label's thresholds, as the page sends them; checked by `domain.policy`."""

    review: float
    hide: float


class PolicyForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends to change the policy. by: the id of the admin who does."""

    by: str
    mode: Mode
    thresholds: dict[Label, Limits]


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """What the page shows of a policy."""

    name: str
    version: int
    mode: Mode
    thresholds: Mapping[Label, Thresholds]


def shown(policy: Policy) -> ShownPolicy:
    """A policy without what the page cannot change."""
    return ShownPolicy(policy.name, policy.version, policy.mode, dict(policy.thresholds))


def changed(current: Policy, form: PolicyForm, presets: Sequence[Policy]) -> Policy:
    """The policy that the form asks for; lists, exemptions and times stay as they are.

    It bears the name of the preset whose mode and thresholds it has, or CUSTOM.
    Raises InvalidPolicy.
    """
    thresholds = {
        label: Thresholds(limits.review, limits.hide) for label, limits in form.thresholds.items()
    }
    name = next(
        (
            preset.name
            for preset in presets
            if preset.mode is form.mode and dict(preset.thresholds) == thresholds
        ),
        CUSTOM,
    )
    return replace(current, name=name, mode=form.mode, thresholds=thresholds)
