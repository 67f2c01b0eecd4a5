"""Everything that Aman itself can refuse or fail at.

    AmanError
    ├── InvalidValue            a value that cannot be: a policy, a score, a setting
    │   ├── InvalidPolicy
    │   └── MalformedExport
    ├── NotFound                what was named does not exist
    ├── PressRefused            a reviewer's press that must not take effect
    │   ├── NotAReviewer
    │   ├── StalePress
    │   ├── HeldByAnother
    │   ├── AlreadyDecided
    │   └── NothingToUndo
    ├── ScorerUnavailable       no judgement from the model: a human must be asked
    ├── FlowUnavailable         Redis cannot take or give work now
    ├── StorageUnavailable      the database cannot take or give records now
    ├── UnreadablePayload       an entry written by a release this one cannot read
    ├── PlatformError           a platform refused or failed
    │   └── PlatformBusy        … and says when to try again
    └── CannotStart             a fault of the set-up, with what to mend

Errors of libraries are translated into these where they enter.
"""

from __future__ import annotations


class AmanError(Exception):
    """Something that Aman refuses or fails at."""


class InvalidValue(AmanError, ValueError):
    """A value that cannot be."""


class InvalidPolicy(InvalidValue):
    """A policy that cannot be; the text names the key and the bad value."""


class MalformedExport(InvalidValue):
    """An exported history that cannot be read; the text names the file and the place in it."""


class NotFound(AmanError, LookupError):
    """What was named does not exist."""


class PressRefused(AmanError):
    """A press that must not take effect. `reply` is the key of the sentence for the presser."""

    reply = "press.refused"

    def __init__(self, message: str, **fields: str) -> None:
        super().__init__(message)
        self.fields = fields


class NotAReviewer(PressRefused):
    """The presser may not review this community's cases now."""

    reply = "press.not_a_reviewer"


class RightsUnknown(PressRefused):
    """The platform does not say now whether the presser may review."""

    reply = "press.unchecked"


class StalePress(PressRefused):
    """The button belongs to an earlier state of its case."""

    reply = "press.stale"


class HeldByAnother(PressRefused):
    """Another reviewer holds the case."""

    reply = "press.held"


class AlreadyDecided(PressRefused):
    """The case has its decision."""

    reply = "press.decided"


class NothingToUndo(PressRefused):
    """The case has no decision to take back."""

    reply = "press.nothing_to_undo"


class ScorerUnavailable(AmanError):
    """The model gave no judgement. Never read this as "clean"."""


class FlowUnavailable(AmanError):
    """Redis cannot take or give work now; what was not acknowledged will come again."""


class StorageUnavailable(AmanError):
    """The database cannot take or give records now; nothing was written."""


class UnreadablePayload(AmanError):
    """An entry that this release cannot read; it is kept aside, never dropped."""


class PlatformError(AmanError):
    """A platform refused or failed."""

    def __init__(self, platform: str, reason: str) -> None:
        super().__init__(f"{platform}: {reason}")
        self.platform = platform
        self.reason = reason


class PlatformBusy(PlatformError):
    """The platform asks to wait; `retry_after` is in seconds."""

    def __init__(self, platform: str, reason: str, retry_after: float) -> None:
        super().__init__(platform, reason)
        self.retry_after = retry_after


class CannotStart(AmanError):
    """The set-up has a fault; the text says what to mend."""
