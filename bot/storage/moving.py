"""A group goes on under another id, and everything on record about it goes with it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, Table, and_, delete, select, update

from bot.codec import read_effect, write_effect
from bot.domain.messages import Place
from bot.storage.outbox import lane_of
from bot.storage.session import Session
from bot.storage.tables import bindings, cards, cases, intents


def in_group(table: Table, place: Place) -> ColumnElement[bool]:
    """Whether a row of the table is about the place's group, whichever its channel."""
    return and_(table.c.platform == place.platform, table.c.group_id == place.group)


def is_here(table: Table, place: Place) -> ColumnElement[bool]:
    """Whether a row of the table is about the place itself, its channel included."""
    return and_(in_group(table, place), table.c.channel_id == place.channel)


async def move(session: Session, old: Place, new: Place) -> None:
    """Move bindings, cases and what is still to be done to the new id, and to the new channel where
    it names one.

    A case keeps its message's key: that is its history, and no message of the old group comes
    again under the new id. Cards of the old place are forgotten, since nobody can edit them now.
    """
    whereabouts = {"group_id": new.group, **({"channel_id": new.channel} if new.channel else {})}
    for table in (bindings, cases):
        await session.run(update(table).where(in_group(table, old)).values(**whereabouts))
    await session.run(delete(cards).where(in_group(cards, old)))
    open_ = select(intents.c.id, intents.c.effect).where(
        in_group(intents, old), intents.c.closed_at.is_(None)
    )
    for row in (await session.run(open_)).all():
        effect = read_effect(row.effect)
        channel = new.channel or effect.place.channel
        moved = replace(effect, place=replace(effect.place, group=new.group, channel=channel))
        await session.run(
            update(intents)
            .where(intents.c.id == row.id)
            .values(effect=write_effect(moved), lane=lane_of(moved), **whereabouts)
        )
