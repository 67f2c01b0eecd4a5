"""Policies as files: the presets that come with Aman, and those that admins write."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.errors import InvalidPolicy
from bot.domain.policy import Exemptions, Mode, Policy, Thresholds
from bot.domain.scores import Label
from bot.domain.terms import Term

PRESETS = ("observe", "lenient", "balanced", "strict")
DEFAULT = "observe"

_Hours = Annotated[float, Field(gt=0, le=24 * 365)]
_Days = Annotated[float, Field(gt=0, le=3660)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Thresholds(_Strict):
    review: float
    hide: float


class _Term(_Strict):
    text: str
    pattern: bool = False
    whole_word: bool = True
    hide: bool = False


class _Exemptions(_Strict):
    roles: list[str] = ["admin"]
    members: list[str] = []
    channels: list[str] = []
    tenure_days: _Days | None = None


class _PolicyFile(_Strict):
    name: str
    mode: Mode
    thresholds: dict[Label, _Thresholds]
    deny: list[_Term | str] = []
    allow: list[_Term | str] = []
    exemptions: _Exemptions = _Exemptions()
    mute_hours: _Hours = 24
    claim_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 5
    review_within_hours: _Hours = 24
    keep_evidence_days: _Days = 180


def preset(name: str) -> Policy:
    """A policy that comes with Aman. Raises InvalidPolicy for a name that there is not."""
    if name not in PRESETS:
        raise InvalidPolicy(f"no preset {name!r}: there are {', '.join(PRESETS)}")
    text = resources.files("config").joinpath("policies", f"{name}.toml").read_text("utf-8")
    return parse(text, name)


def load(name_or_file: str) -> Policy:
    """A preset by name, or a policy file by its path. Raises InvalidPolicy."""
    if name_or_file in PRESETS:
        return preset(name_or_file)
    path = Path(name_or_file)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        known = ", ".join(PRESETS)
        raise InvalidPolicy(f"{name_or_file}: neither a preset ({known}) nor a file") from exc
    return parse(text, path.name)


def parse(text: str, source: str) -> Policy:
    """The policy in a TOML text. Raises InvalidPolicy that names `source`, key and value."""
    try:
        written = _PolicyFile.model_validate(tomllib.loads(text))
        return _policy(written)
    except tomllib.TOMLDecodeError as exc:
        raise InvalidPolicy(f"{source}: not TOML: {exc}") from exc
    except ValidationError as exc:
        faults = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in exc.errors(include_url=False)
        ]
        raise InvalidPolicy(f"{source}: {'; '.join(faults)}") from exc
    except InvalidPolicy as exc:
        raise InvalidPolicy(f"{source}: {exc}") from exc


def dump(policy: Policy) -> str:
    """A policy as the TOML text that `parse` reads back."""
    exempt = policy.exemptions
    written: dict[str, Any] = {
        "name": policy.name,
        "mode": str(policy.mode),
        "mute_hours": policy.mute_for / timedelta(hours=1),
        "claim_minutes": policy.claim_for / timedelta(minutes=1),
        "review_within_hours": policy.review_within / timedelta(hours=1),
        "keep_evidence_days": policy.keep_evidence / timedelta(days=1),
        "thresholds": {
            str(label): {"review": limits.review, "hide": limits.hide}
            for label, limits in policy.thresholds.items()
        },
        "deny": [_written(term) for term in policy.deny],
        "allow": [_written(term) for term in policy.allow],
        "exemptions": {
            "roles": sorted(exempt.roles),
            "members": sorted(exempt.members),
            "channels": sorted(exempt.channels),
        },
    }
    if exempt.tenure:
        written["exemptions"]["tenure_days"] = exempt.tenure / timedelta(days=1)
    return tomli_w.dumps(written)


def _policy(written: _PolicyFile) -> Policy:
    thresholds = {}
    for label, limits in written.thresholds.items():
        try:
            thresholds[label] = Thresholds(limits.review, limits.hide)
        except InvalidPolicy as exc:
            raise InvalidPolicy(f"thresholds.{label}: {exc}") from exc
    exempt = written.exemptions
    return Policy(
        name=written.name,
        version=1,
        mode=written.mode,
        thresholds=thresholds,
        deny=tuple(_term(each) for each in written.deny),
        allow=tuple(_term(each) for each in written.allow),
        exemptions=Exemptions(
            roles=frozenset(exempt.roles),
            members=frozenset(exempt.members),
            channels=frozenset(exempt.channels),
            tenure=timedelta(days=exempt.tenure_days) if exempt.tenure_days else None,
        ),
        mute_for=timedelta(hours=written.mute_hours),
        claim_for=timedelta(minutes=written.claim_minutes),
        review_within=timedelta(hours=written.review_within_hours),
        keep_evidence=timedelta(days=written.keep_evidence_days),
    )


def _term(written: _Term | str) -> Term:
    if isinstance(written, str):
        return Term(written)
    return Term(**written.model_dump())


def _written(term: Term) -> dict[str, str | bool]:
    return {
        "text": term.text,
        "pattern": term.pattern,
        "whole_word": term.whole_word,
        "hide": term.hide,
    }
