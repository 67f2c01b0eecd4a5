"""Sentences as Discord says them."""

from __future__ import annotations

from bot.adapters.discord.writing import MOST_TEXT, cut, unpinging
from bot.domain.desk import Answer, Sentence, sentence
from bot.domain.ports import Phrases, PressReply


class Words:
    """Says sentences. One that Discord needs in other words than other platforms (its commands
    and its settings have names of their own) stands under "discord" with its key's dot as an
    underscore."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def say(self, key: str, **fields: str) -> str:
        """A sentence by its key."""
        own = f"discord.{key.replace('.', '_')}"
        said = self._phrases.say(own, **fields)
        return self._phrases.say(key, **fields) if said == own else said

    def said(self, sentence: Sentence) -> str:
        """A sentence in words."""
        return self.say(sentence.key, **dict(sentence.fields))

    def text(self, answer: Answer) -> str:
        """An answer in words, within one message; nobody is pinged."""
        whole = "\n".join(self.said(each) for each in answer.sentences)
        return cut(unpinging(whole), MOST_TEXT)[0]

    def reply(self, reply: PressReply) -> str:
        """A press's reply in words."""
        fields = dict(reply.fields)
        if "decision" in fields:
            fields["decision"] = self.say(f"decision.{fields['decision']}")
        return cut(unpinging(self.said(sentence(reply.text, **fields))), MOST_TEXT)[0]
