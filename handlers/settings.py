"""An admin looks at a community's policy, and changes it by a menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.communities import Community
from bot.domain.desk import Answer, Choice, CommandName, Sentence, refusal, sentence
from bot.domain.errors import InvalidPolicy, UnreadablePayload
from bot.domain.messages import Person
from bot.domain.policy import Mode, Policy, Thresholds
from bot.domain.ports import Clockwork
from bot.domain.repositories import Store
from bot.domain.scores import Label
from handlers.evidence import RECENT, tried
from handlers.rules import change_policy

STEP = 0.05
_PolicyChange = Callable[[Policy], Policy]
_LABELS_A_ROW = 2
_MOST = 200
"""Of the newest cases: an admin who tries what is best presses many times."""


class SettingsMenu:
    """The policy as a menu: preset, mode, and two thresholds a label.

    presets: the policies to choose from, by name, in the order to show them.
    """

    def __init__(self, *, store: Store, presets: Mapping[str, Policy], now: Clockwork) -> None:
        self._store = store
        self._presets = presets
        self._now = now

    async def answer(self, community: Community, words: list[str], by: Person) -> Answer:
        """Do what the words ask for, and show the menu as it is then."""
        try:
            change, label = self._asked(words)
        except (ValueError, KeyError):
            return refusal("settings.not_understood")
        try:
            policy = await self._changed(community, change, by)
        except (InvalidPolicy, UnreadablePayload) as exc:
            return refusal("settings.impossible", why=str(exc))
        tried = await self._tried(community, policy)
        if label is not None:
            return _label_menu(policy, label, tried)
        return self._menu(community, policy, tried)

    def _asked(self, words: list[str]) -> tuple[_PolicyChange | None, Label | None]:
        """The change that the words ask for, and the label to show then. Raises ValueError,
        KeyError where they are none of the settings."""
        match words:
            case []:
                return None, None
            case ["label", label]:
                return None, Label(label)
            case ["preset", name]:
                return _like(self._presets[name]), None
            case ["mode", mode]:
                wanted = Mode(mode)
                return lambda policy: replace(policy, mode=wanted), None
            case ["review" | "hide" as which, label, value]:
                return _threshold(which, Label(label), float(value)), Label(label)
        raise ValueError(words[0])

    async def _changed(
        self, community: Community, change: _PolicyChange | None, by: Person
    ) -> Policy:
        if change is None:
            async with self._store.reading() as tx:
                return await tx.policies.current(community.id)
        async with self._store.transaction() as tx:
            policy = await tx.policies.current(community.id)
            wanted = change(policy)
            if wanted == policy:
                return policy
            return await change_policy(tx, community, wanted, str(by), self._now)

    async def _tried(self, community: Community, policy: Policy) -> tuple[Sentence, ...]:
        """What these rules would make of recent cases; nothing where there are none."""
        async with self._store.reading() as tx:
            seen = await tried(tx, community.id, policy, self._now(), _MOST)
        if not seen.cases:
            return ()
        return (
            sentence(
                "settings.tried",
                cases=str(seen.cases),
                days=str(RECENT.days),
                hidden=str(seen.would_be.hidden),
                restored=str(seen.would_be.restored),
                review=str(seen.would_be.review),
            ),
        )

    def _menu(self, community: Community, policy: Policy, tried: tuple[Sentence, ...]) -> Answer:
        presets = tuple(
            _choice(f"preset.{name}", f"preset {name}", on=policy.name == name)
            for name in self._presets
        )
        modes = tuple(
            _choice(f"settings.mode_{mode}", f"mode {mode}", on=policy.mode is mode)
            for mode in Mode
        )
        labels = [_choice(f"label.{label}", f"label {label}") for label in policy.thresholds]
        rows = [labels[n : n + _LABELS_A_ROW] for n in range(0, len(labels), _LABELS_A_ROW)]
        said = sentence(
            "settings.now",
            community=community.name,
            policy=policy.name,
            version=str(policy.version),
        )
        choices = (presets[:2], presets[2:], modes, *(tuple(row) for row in rows))
        mode = sentence(f"mode.{policy.mode}")
        return Answer((said, mode, *tried), tuple(filter(None, choices)))


def _like(preset: Policy) -> _PolicyChange:
    # Lists and exemptions are the community's own; a preset is about severity.
    return lambda policy: replace(
        policy, name=preset.name, mode=preset.mode, thresholds=preset.thresholds
    )


def _threshold(which: str, label: Label, value: float) -> _PolicyChange:
    def change(policy: Policy) -> Policy:
        limits = policy.thresholds.get(label, Thresholds(1.0, 1.0))
        changed = replace(limits, **{which: round(value, 2)})
        return replace(policy, thresholds={**policy.thresholds, label: changed})

    return change


def _label_menu(policy: Policy, label: Label, tried: tuple[Sentence, ...]) -> Answer:
    limits = policy.thresholds.get(label, Thresholds(1.0, 1.0))
    said = sentence(
        "settings.label",
        review=f"{limits.review:.2f}",
        hide=f"{limits.hide:.2f}",
    )
    rows = [
        (
            _step("settings.lower", which, label, value - STEP),
            _step("settings.raise", which, label, value + STEP),
        )
        for which, value in (("review", limits.review), ("hide", limits.hide))
    ]
    back = (_choice("settings.back", ""),)
    return Answer((sentence(f"label.{label}"), said, *tried), (*rows, back))


def _step(key: str, which: str, label: Label, value: float) -> Choice:
    bounded = min(1.0, max(STEP, value))
    name = Sentence(f"{key}_{which}", (("value", f"{bounded:.2f}"),))
    return Choice(name, CommandName.SETTINGS, f"{which} {label} {bounded:.2f}")


def _choice(key: str, argument: str, *, on: bool = False) -> Choice:
    return Choice(sentence(key), CommandName.SETTINGS, argument, chosen=on)
