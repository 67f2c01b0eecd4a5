"""A case's card as a Discord embed: what was said under a spoiler. Pure."""

from __future__ import annotations

from discord import Color, Embed

from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import MOST_EMBED, covered, plain, plain_within
from bot.domain.cards import Button, Card, Done, Press, Record
from bot.domain.cases import Case
from bot.domain.effects import Result
from bot.domain.explanations import WordWeight
from bot.domain.policy import Action

MOST_QUOTED = 2_000
MOST_WORDS = 240
MOST_WHYS = 3
MOST_DONE = 12
MOST_LINE = 300
_DECIDED, _OPEN, _HIDDEN = Color.dark_grey(), Color.orange(), Color.red()


def drawn(card: Card, words: Words) -> Embed:
    """The card; whatever the message, it fits into one embed. In embeds mentions ping nobody."""
    case = card.case
    title = words.say("discord.card_title", number=str(case.number))
    head, tail = _head(card, words), "\n".join(_tail(card, words))
    room = min(MOST_QUOTED, MOST_EMBED - 200 - len(head) - len(tail))
    return Embed(
        title=f"{title} · {words.say(_headline(case))}",
        description="\n".join((head, "", *_quoted(card, words, room), "", tail)),
        color=_color(case),
    )


def label_of(button: Button, case: Case, words: Words) -> str:
    """What a button says."""
    key = str(button.press)
    if not case.hidden:  # the same two decisions, in the words of a message that still stands
        key = {Press.RESTORE: "leave_up", Press.KEEP_HIDDEN: "hide"}.get(button.press, key)
    return words.say(f"button.{key}")


def _head(card: Card, words: Words) -> str:
    case = card.case
    pieces = [f"**{_name(case)}**"]
    if card.message is not None and card.message.link:
        pieces.append(f"[{words.say('discord.card_link')}](<{card.message.link}>)")
    pieces.append(words.say("discord.card_due", due=f"<t:{int(case.due_at.timestamp())}:R>"))
    return " · ".join(pieces)


def _quoted(card: Card, words: Words, room: int) -> list[str]:
    if card.message is None:
        return [f"*{words.say('discord.erased')}*"]
    text, left_out = plain_within(card.message.text, room)
    if not text.strip():
        return [f"*{words.say('discord.no_text')}*"]
    lines = [covered(text)]
    if left_out:
        lines.append(f"*{words.say('card.left_out', count=f'{left_out:,}')}*")
    return lines


def _tail(card: Card, words: Words) -> list[str]:
    case = card.case
    lines = [plain(case.verdict.reason[:300])]
    if card.scores and card.scores.by_label:
        ordered = sorted(card.scores.by_label.items(), key=lambda each: -each[1])
        lines.append(" · ".join(f"{label.replace('_', ' ')} {n:.2f}" for label, n in ordered))
    if card.words:
        told = plain_within(" · ".join(_word(each, words) for each in card.words), MOST_WORDS)[0]
        lines.append(f"{words.say('card.words')} {covered(told)}")
    lines += [
        words.say("discord.card_why", why=covered(plain_within(why, 200)[0]))
        for why in card.whys[:MOST_WHYS]
    ]
    lines.append(_record(card.record, _name(case), words))
    lines += [_done(done, words) for done in card.done[-MOST_DONE:]]
    if state := _state(card, words):
        lines.append(f"**{state}**")
    return lines


def _word(word: WordWeight, words: Words) -> str:
    return f"{word.word} ({words.say(f'folding.{word.folding}')})" if word.folding else word.word


def _headline(case: Case) -> str:
    if case.hidden:
        return "card.hidden"
    if not case.verdict.enforced:
        hide = case.verdict.action is Action.HIDE
        return "card.would_be_hidden" if hide else "card.would_be_reviewed"
    return "card.visible"


def _record(record: Record, author: str, words: Words) -> str:
    if record.cases == 0:
        return words.say("card.record_none", who=author)
    return words.say(
        "card.record_one" if record.cases == 1 else "card.record",
        who=author,
        cases=str(record.cases),
        restored=str(record.restored),
        kept_hidden=str(record.kept_hidden),
        sanctioned=str(record.sanctioned),
    )


def _done(done: Done, words: Words) -> str:
    said = words.say(f"done.{done.kind}_{done.result or 'under_way'}", reason=done.reason)
    if done.result is Result.DONE and done.reason:
        said += f". {done.reason}"
    bad = done.result in (Result.REFUSED, Result.FAILED)
    return f"{'⚠️' if bad else '·'} {plain(said[:MOST_LINE])}"


def _state(card: Card, words: Words) -> str | None:
    case = card.case
    if case.decision is not None:
        who, key = case.decision.by, f"card.decided_{case.decision.kind}"
    elif card.confirming is not None:
        who, key = card.confirming, "card.confirming"
    elif case.claim is not None:
        who, key = case.claim.holder, "card.held"
    else:
        return None
    return words.say(key, who=plain((who.name or who.id)[:64]), author=_name(case))


def _name(case: Case) -> str:
    return plain((case.author.name or case.author.id)[:64])


def _color(case: Case) -> Color:
    if case.decision is not None:
        return _DECIDED
    return _HIDDEN if case.hidden else _OPEN
