"""The models that Aman knows by name.

Names, files and hashes of the published ones are Detoxify's own; each file's name ends in the
first eight hex digits of its SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import CannotStart

MINI = "mini"
MINI_FOLDER = Path(__file__).resolve().parents[2] / "models" / "mini"

_RELEASES = "https://github.com/unitaryai/detoxify/releases/download/"
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.ckpt$")


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that Detoxify's authors publish."""

    name: str
    url: str
    about: str

    @property
    def file_name(self) -> str:
        """The published file's name."""
        return self.url.rsplit("/", 1)[1]

    @property
    def hash_prefix(self) -> str:
        """The first hex digits of the file's SHA-256, as its name states them."""
        stated = _HASH_IN_NAME.search(self.url)
        if stated is None:
            raise CannotStart(f"{self.url}: its name states no hash, so it cannot be checked")
        return stated.group(1)


PUBLISHED: Mapping[str, Published] = {
    each.name: each
    for each in (
        Published(
            "original",
            _RELEASES + "v0.1-alpha/toxic_original-c1212f89.ckpt",
            "BERT, English, six labels, trained on Wikipedia comments",
        ),
        Published(
            "unbiased",
            _RELEASES + "v0.3-alpha/toxic_debiased-c7548aa0.ckpt",
            "RoBERTa, English, seven labels, trained against bias on named groups",
        ),
        Published(
            "multilingual",
            _RELEASES + "v0.4-alpha/multilingual_debiased-0b549669.ckpt",
            "XLM-RoBERTa, seven languages, seven labels",
        ),
        Published(
            "original-small",
            _RELEASES + "v0.1.2/original-albert-0e1d6498.ckpt",
            "ALBERT, English, six labels",
        ),
        Published(
            "unbiased-small",
            _RELEASES + "v0.1.2/unbiased-albert-c8519128.ckpt",
            "ALBERT, English, seven labels",
        ),
    )
}
