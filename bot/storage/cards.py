"""The cards that show cases, and their buttons, on record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, func, select

from bot.domain.cards import Button, Press
from bot.domain.cases import Case
from bot.domain.effects import EffectKind, Result
from bot.domain.messages import Place
from bot.domain.repositories import CardRefusals, DrawnButton
from bot.storage.columns import new_id
from bot.storage.session import Session
from bot.storage.tables import OPEN, buttons, cards, cases, intents


def _here(table: Table) -> ColumnElement[bool]:
    return and_(
        table.c.platform == bindparam("platform"),
        table.c.group_id == bindparam("group"),
        table.c.channel_id == bindparam("channel"),
    )


# Built once: building them anew took longer than the database does.
_CARD_REF = select(cards.c.ref).where(cards.c.case_id == bindparam("of"), _here(cards))
_SHOWN = select(cards.c.shown).where(cards.c.case_id == bindparam("of"), _here(cards))
_REFS = select(cards.c.ref).where(_here(cards))
_POSTED = exists().where(cards.c.case_id == cases.c.id, _here(cards))
_ITS_CARD = and_(
    intents.c.case_id == cases.c.id, intents.c.kind == EffectKind.CARD.value, _here(intents)
)
_ON_ITS_WAY = exists().where(_ITS_CARD, intents.c.closed_at.is_(None)).correlate(cases)
_WITH_CARD = select(func.count()).select_from(
    select(cases.c.id)
    .where(cases.c.community_id == bindparam("of"), OPEN, _POSTED | _ON_ITS_WAY)
    # Where nobody reviews it is the oldest that have a card: they are found before all others.
    .order_by(cases.c.opened_at)
    .limit(bindparam("most"))
    .subquery()
)
_REFUSED = intents.c.result.in_([Result.REFUSED.value, Result.FAILED.value])
_WITHOUT = (
    select(
        cases.c.id,
        func.count(intents.c.id).label("number"),
        func.max(intents.c.closed_at).label("newest"),
    )
    .select_from(cases.outerjoin(intents, and_(_ITS_CARD, _REFUSED)))
    .where(cases.c.id.in_(bindparam("of", expanding=True)), ~_POSTED, ~_ON_ITS_WAY)
    .group_by(cases.c.id)
)
_DRAWN = select(buttons.c.press, buttons.c.id).where(
    buttons.c.case_id == bindparam("of"), buttons.c.generation == bindparam("generation")
)


class SqlCards:
    """Fits `repositories.Cards`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def draw_buttons(self, case: Case, presses: Sequence[Press]) -> tuple[Button, ...]:
        """Buttons for the case's present generation, in the order of `presses`. Drawn again they
        keep their ids, so that a card that is posted twice is decided once."""
        drawn = await self._drawn(case)
        missing = [press for press in presses if press not in drawn]
        if missing:
            await self._session.run(
                self._session.insert(buttons).on_conflict_do_nothing(
                    index_elements=["case_id", "generation", "press"]
                ),
                [
                    {
                        "id": new_id(),
                        "case_id": case.id,
                        "generation": case.generation,
                        "press": press.value,
                    }
                    for press in missing
                ],
            )
            drawn = await self._drawn(case)
        return tuple(Button(drawn[press], press) for press in presses)

    async def button(self, button_id: str) -> DrawnButton | None:
        """What a button stands for; None for an id that was never drawn."""
        wanted = select(buttons).where(buttons.c.id == button_id)
        row = (await self._session.run(wanted)).one_or_none()
        if row is None:
            return None
        return DrawnButton(row.case_id, row.generation, Press(row.press))

    async def card_ref(self, case_id: str, channel: Place) -> str | None:
        """The platform's id of the case's card in a channel; None before it is posted."""
        values = {"of": case_id, **_values(channel)}
        return (await self._session.run(_CARD_REF, values)).scalar_one_or_none()

    async def set_card_ref(
        self, case_id: str, channel: Place, ref: str, shown: frozenset[int] | None = None
    ) -> None:
        """Record the card that was posted; the newest one counts."""
        numbers = None if shown is None else " ".join(map(str, sorted(shown)))
        posted = self._session.insert(cards).values(
            case_id=case_id,
            platform=channel.platform,
            group_id=channel.group,
            channel_id=channel.channel,
            ref=ref,
            shown=numbers,
        )
        await self._session.run(
            posted.on_conflict_do_update(
                index_elements=["case_id", "platform", "group_id", "channel_id"],
                set_={"ref": ref} if shown is None else {"ref": ref, "shown": numbers},
            )
        )

    async def shown(self, case_id: str, channel: Place) -> frozenset[int] | None:
        """The numbers of the kept files that a channel shows with the case's card; None before
        they were shown."""
        values = {"of": case_id, **_values(channel)}
        found = (await self._session.run(_SHOWN, values)).scalar_one_or_none()
        return None if found is None else frozenset(map(int, found.split()))

    async def refs(self, channel: Place) -> list[str]:
        """The platform's ids of all cards in a channel."""
        return [*(await self._session.run(_REFS, _values(channel))).scalars()]

    async def with_card(self, community_id: str, channel: Place, most: int) -> int:
        """How many open cases have a card in the channel, posted or on its way; counted up to
        `most`."""
        values = {"of": community_id, "most": most, **_values(channel)}
        return int((await self._session.run(_WITH_CARD, values)).scalar_one())

    async def without(self, cases: Sequence[str], channel: Place) -> dict[str, CardRefusals]:
        """Those of these cases that have no card in the channel, posted or on its way, with how
        often one was refused there."""
        rows = await self._session.run(_WITHOUT, {"of": [*cases], **_values(channel)})
        return {row.id: CardRefusals(int(row.number), row.newest) for row in rows}

    async def _drawn(self, case: Case) -> dict[Press, str]:
        rows = await self._session.run(_DRAWN, {"of": case.id, "generation": case.generation})
        return {Press(row.press): row.id for row in rows}


def _values(place: Place) -> dict[str, str]:
    """Of the place that `_here` compares with."""
    return {"platform": place.platform, "group": place.group, "channel": place.channel}
