"""Emoji as words of their own, in the places that BERT's vocabulary keeps free.

MiniLM's vocabulary knows hardly any emoji: each one, with the word it is typed against, becomes
[UNK], so that a lone smiley and a lone insult in emoji look alike. Its 994 unused entries cost
their memory anyway; we name them after emoji and start each from the words of its Unicode name.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .data import LABELS, Row

PATTERN = "[\u2190-\u2bff\U0001f000-\U0001faff]"
COMMON = (
    *range(0x1F600, 0x1F650),
    *range(0x1F910, 0x1F930),
    *range(0x1F970, 0x1F97B),
    *range(0x1F493, 0x1F4A0),
    *range(0x1F440, 0x1F451),
    *range(0x1F380, 0x1F394),
    *range(0x1F90D, 0x1F90F),
    *(0x2764, 0x1F525, 0x1F680, 0x1F6A8, 0x1F921, 0x1F9E1, 0x1FAE1, 0x1FAE0, 0x2705, 0x274C),
)
"""Faces, hearts and hands that a chat surely uses, whether or not the training rows show them."""
OTHERS = (*range(0x1F300, 0x1F700), *range(0x1F900, 0x1FA00))
"""What fills the remaining places: never trained, but begun from their names."""
UNREAD = (*range(0x1200, 0x1230), *range(0x1780, 0x17A0), *range(0x10D0, 0x10F0))
"""Letters of scripts that the vocabulary lacks: they must not alarm just for being unknown."""
TELLING = frozenset("🖕🍆🍑💩🔪🔫💣🐒🐵🐷🐖🐍🐀🤡💀☠👊😡😠🤬👿😈🤮🤢💦🍌🥜🤏🖤🙈🙉🙊👎⚰🗡🧨🪓💢")
"""Emoji that can insult or threaten by themselves; never drawn as a sign of clean chat."""
HANDS = "👍👏🙏🙌👋💪👌🤝✌🤞🫶👧👦👩👨👶🧑🤷🤦🙋💁🏃"
"""Emoji that take a colour of skin and insult nobody."""
SKIN_TONES = "🏻🏼🏽🏾🏿"
PICTURE = "\ufe0f"
_DULL = frozenset({"face", "with", "sign", "symbol", "and", "of", "black", "white", "heavy"})
_SPARE = 4


def chosen_emoji(rows: Iterable[Row], known: Iterable[str], places: int) -> list[str]:
    """Give the emoji to learn: the training rows' own, oftenest first, then the common ones."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(sorted({c for c in row.text if is_emoji(c)}))
    frequent = [c for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n > 1]
    others = [chr(c) for c in OTHERS if is_emoji(chr(c))]
    unique = dict.fromkeys([*frequent, *map(chr, COMMON), *others])
    taken = set(known)
    return [c for c in unique if c not in taken][:places]


def is_emoji(character: str) -> bool:
    """Tell whether a character is a picture or the modifier of one."""
    return ord(character) > 0x2190 and unicodedata.category(character) in {"So", "Sk"}


def extend_tokenizer(path: Path, rows: Iterable[Row]) -> None:
    """Rewrite tokenizer.json: emoji in unused entries, split off from what they are typed to."""
    content = json.loads(path.read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = content["model"]["vocab"]
    unused = sorted((i, t) for t, i in vocabulary.items() if t.startswith("[unused"))[_SPARE:]
    names = chosen_emoji(rows, vocabulary, len(unused))
    renamed = {old: new for (_, old), new in zip(unused, names, strict=False)}
    content["model"]["vocab"] = {renamed.get(t, t): i for t, i in vocabulary.items()}
    apart = {
        "type": "Split",
        "pattern": {"Regex": PATTERN},
        "behavior": "Isolated",
        "invert": False,
    }
    content["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [apart, {"type": "BertPreTokenizer"}],
    }
    content["truncation"] = content["padding"] = None
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def start_embeddings(embeddings: torch.Tensor, plain: Tokenizer, extended: Tokenizer) -> int:
    """Set each new entry to the mean of its Unicode name's words. Returns how many were set."""
    old = plain.get_vocab()
    new = sorted((i, t) for t, i in extended.get_vocab().items() if t not in old)
    with torch.no_grad():
        for place, emoji in new:
            words = [w for w in unicodedata.name(emoji).lower().split() if w not in _DULL]
            ids = plain.encode(" ".join(words), add_special_tokens=False).ids
            if ids:
                embeddings[place] = embeddings[ids].mean(dim=0)
    return len(new)


def clean_emoji_rows(rows: Sequence[Row], emoji: Sequence[str], count: int, seed: int) -> list[Row]:
    """Make clean chat: IRC lines that end in emoji, emoji alone, words of scripts never learnt."""
    rng = random.Random(f"emoji {seed}")
    harmless = [e for e in emoji if e not in TELLING]
    common = [c for c in map(chr, COMMON) if c in set(harmless)]
    none = (0.0,) * len(LABELS)
    made = []
    for row in rng.sample(list(rows), min(count, len(rows))):
        shown = _shown(rng.choice(common if rng.random() < 0.8 else harmless), rng)
        text = shown if rng.random() < 0.3 else f"{row.text} {shown}"
        if rng.random() < 0.1:
            text = _unread_words(rng)
        made.append(Row(text, none, "irc emoji", row.group))
    return made


def _shown(emoji: str, rng: random.Random) -> str:
    """An emoji as people type it: repeated, in a row, in a colour of skin, as a picture."""
    if rng.random() < 0.3:
        emoji = rng.choice(HANDS) + rng.choice(SKIN_TONES)
    if rng.random() < 0.2:
        emoji += PICTURE
    return emoji * rng.choice((1, 1, 1, 2, 3))


def _unread_words(rng: random.Random) -> str:
    def word() -> str:
        return "".join(chr(rng.choice(UNREAD)) for _ in range(rng.randint(2, 7)))

    return " ".join(word() for _ in range(rng.randint(1, 5)))
