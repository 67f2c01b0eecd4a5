"""The texts on which an engine is compared with Detoxify before it serves.

Written for this, so that they may ship. Most are what people say in chats all day; a third holds
rudeness of some label and degree, because differences are largest where a score is neither near 0
nor near 1; and some are no prose at all.
"""

from __future__ import annotations

import random

_ORDINARY = (
    *("gg", "ok", "lol", "wtf", "brb", "ez", "?", "+1", "thx", "yes", "nope", "hi all", "omw"),
    *("good morning all", "nice one", "see you tomorrow", "is anyone here", "what a game"),
    *("damn that was close", "bloody hell, well played", "holy crap this is good", "my bad"),
    *("who took my lane", "push mid now", "wait for me at the gate", "which version is that"),
    *("it works on my machine", "have you tried turning it off", "same here", "how much is it"),
    *("the second one is better", "I will be back in ten minutes", "can you send the link"),
    *("that movie was long but the ending was fine", "my boss wants it done by Friday"),
    "Can somebody explain to me how the second part of this works?",
    "I have been waiting for three hours and nobody answers the phone.",
    "Thanks for the help yesterday, it compiles now and all tests pass.",
    "The train leaves at 17:45 from platform 3, tickets are 12.50 each.",
    "As a gay man I felt welcome in this group from the first day.",
    "Muslims, Jews and Christians met for dinner at the town hall on Sunday.",
    "I killed the process and it died at once, no zombies left",
    "We do not insult people here; please read the rules before you post.",
    "My grandmother passed away last night and I do not know what to do.",
    "Does anybody know a good bakery near the station that opens on Sundays?",
    "If the price falls below 40 I will buy some more, otherwise I wait.",
    "Restart the router, hold the button for ten seconds, then log in again.",
    "She said the meeting is moved to half past two, room B.",
    "for (int i = 0; i < n; ++i) { total += values[i] * weights[i]; }",
    "https://example.org/articles/2024/03/how-to-repair-a-bicycle?page=2#comments",
    "0.1 + 0.2 == 0.30000000000000004",
    "Das Wetter ist heute schön, wir gehen an den See.",
    "今日は天気がいいですね",
    "तुम बहुत अच्छे हो",
    "🙂🙂 great 🎉🎉 job 👍🏽",
    "a\u0301e\u0301 zero\u200bwidth ｆｕｌｌ ｗｉｄｔｈ",
    "!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    "aaaaaaaaaaaaaaaaaaaaaaaargh",
)
_RUDE = (
    *("noob", "no u", "kys", "suck it", "you are an idiot", "shut up", "this is stupid"),
    *("what the hell is that", "your code is garbage", "get lost", "you people disgust me"),
    *("nobody likes you here", "I hope you die alone", "say that to my face", "what a moron"),
    "go back to where you came from",
    "they are all the same, every last one of them",
    "I will find you and hurt you",
    "she is so hot I would do her",
    "send me pics of you in the shower",
    "You clearly have no idea what you are talking about, do you?",
    "If you post that again I will make sure that you regret it.",
    "Are you blind or just incredibly dumb, it is written right there!!",
    "Kill it with fire, then shoot the messenger, haha",
    "Honestly the worst stream ever, the host is a clown and a liar.",
    "STOP SHOUTING AT ME YOU ABSOLUTE DONKEY",
    "f u c k  this, i am out",
    "sh1t happens, d0nt w0rry ab0ut it",
    "¿Dónde está la biblioteca? Está cerrada, idiota.",
    "Ты совсем дурак? Иди отсюда.",
)
_LENGTHS = (*(2,) * 60, *(3,) * 30, *(6,) * 16, *(12,) * 6, *(30,) * 2, 120)
"""How many sayings a text has that is put together; the last is longer than any window."""


def check_texts() -> tuple[str, ...]:
    """Some two hundred texts of one word to a thousand, the same ones every time."""
    # Not a secret: the same choice on every machine.
    chance = random.Random(5)  # noqa: S311
    joined = []
    for nth, length in enumerate(_LENGTHS):
        said = chance.choices(_ORDINARY, k=length)
        if nth % 3 == 0:
            said[chance.randrange(length)] = chance.choice(_RUDE)
        joined.append(" ".join(said))
    return (*_ORDINARY, *_RUDE, *joined)
