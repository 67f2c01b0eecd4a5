"""A case's card as a Discord embed: what was said under a spoiler. Pure."""

from __future__ import annotations

from discord import Color, Embed

from bot.adapters import card_words
from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import MOST_EMBED, covered, is_unseen, plain, plain_within
from bot.domain.cards import Card
from bot.domain.cases import Case
from bot.domain.messages import Person

MOST_QUOTED = 2_000
MOST_WORDS = 240
MOST_WHYS = 3
MOST_HISTORY, MOST_LINE = 1_400, 300
_DECIDED, _OPEN, _HIDDEN = Color.dark_grey(), Color.orange(), Color.red()


def drawn(card: Card, words: Words) -> Embed:
    """The card; whatever the message, it fits into one embed. In embeds mentions ping nobody."""
    case = card.case
    title = words.say("discord.card_title", number=str(case.number))
    head, tail = _head(card, words), "\n".join(_tail(card, words))
    room = min(MOST_QUOTED, MOST_EMBED - 200 - len(head) - len(tail))
    return Embed(
        title=f"{title} · {card_words.headline(card, words.say)}",
        description="\n".join((head, "", *_quoted(card, words, room), "", tail)),
        color=_color(case),
    )


def _head(card: Card, words: Words) -> str:
    case = card.case
    pieces = [f"**{_name(case.author)}**"]
    if card.message is not None and card.message.link:
        pieces.append(f"[{words.say('discord.card_link')}](<{card.message.link}>)")
    pieces.append(words.say("discord.card_due", due=f"<t:{int(case.due_at.timestamp())}:R>"))
    return " · ".join(pieces)


def _quoted(card: Card, words: Words, room: int) -> list[str]:
    if card.message is None:
        return [f"*{words.say('discord.erased')}*"]
    said = card.message.text
    if not said:
        return [f"*{words.say('discord.no_text')}*"]
    if is_unseen(said):
        count = sum(len(part.text) for part in card.message.parts)
        return [f"*{words.say('discord.unseen', count=f'{count:,}')}*"]
    text, left_out = plain_within(said, room)
    lines = [covered(text)]
    if left_out:
        lines.append(f"*{words.say('card.left_out', count=f'{left_out:,}')}*")
    return lines


def _tail(card: Card, words: Words) -> list[str]:
    case = card.case
    lines = [plain(case.verdict.reason[:300])]
    if unseen := card_words.unseen_files(card, PLATFORM):
        told = plain_within(unseen, MOST_WORDS)[0]
        lines.insert(0, f"{words.say('card.not_shown')} {covered(told)}")
    if card.scores and card.scores.by_label:
        ordered = sorted(card.scores.by_label.items(), key=lambda each: -each[1])
        lines.append(" · ".join(f"{label.replace('_', ' ')} {n:.2f}" for label, n in ordered))
    if card.words:
        told = plain_within(
            " · ".join(card_words.word(each, words.say) for each in card.words), MOST_WORDS
        )[0]
        lines.append(f"{words.say('card.words')} {covered(told)}")
    lines += [
        words.say("discord.card_why", why=covered(plain_within(why, 200)[0]))
        for why in card.whys[:MOST_WHYS]
    ]
    lines.append(card_words.record(card.record, _name(case.author), words.say))
    lines += _history(card, words)
    if state := card_words.state(card, _name, words.say):
        lines.append(f"**{state}**")
    return lines


def _history(card: Card, words: Words) -> list[str]:
    """What was done, a line each: the newest, as many as there is room for."""
    lines: list[str] = []
    room = MOST_HISTORY
    for done in reversed(card.done):
        mark = "⚠️" if card_words.went_wrong(done) else "·"
        line = f"{mark} {plain(card_words.done(done, words.say)[:MOST_LINE])}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.insert(0, line)
    return lines


def _name(person: Person) -> str:
    return plain((person.name or person.id)[:64])


def _color(case: Case) -> Color:
    if case.decision is not None:
        return _DECIDED
    return _HIDDEN if case.hidden else _OPEN
