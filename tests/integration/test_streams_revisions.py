"""Which of a message's texts is which."""

from __future__ import annotations

from bot.streams.revisions import RedisRevisions
from tests.factories import a_message
from tests.fakes.redis_server import fresh_redis


async def test_an_edit_is_a_new_revision_once() -> None:
    async with fresh_redis() as redis:
        revisions = RedisRevisions(redis)
        await revisions.note(a_message("first"))
        edited = a_message("second", revision=1)
        assert await revisions.next_revision(edited) == 1
        await revisions.note(edited)
        assert await revisions.next_revision(edited) is None
        assert await revisions.next_revision(a_message("third")) == 2


async def test_a_text_bears_its_number_before_and_after_it_was_noted() -> None:
    async with fresh_redis() as redis:
        revisions = RedisRevisions(redis)
        assert await revisions.revision_of(a_message("second")) == 1, "nothing is known of it"
        await revisions.note(a_message("first"))
        assert await revisions.revision_of(a_message("first")) == 0
        assert await revisions.revision_of(a_message("second")) == 1
        await revisions.note(a_message("second", revision=1))
        assert await revisions.revision_of(a_message("second")) == 1


async def test_what_was_said_at_first_told_again_gives_no_edits_number_away() -> None:
    async with fresh_redis() as redis:
        revisions = RedisRevisions(redis)
        await revisions.note(a_message("second", revision=1))
        await revisions.note(a_message("first"))
        assert await revisions.next_revision(a_message("third")) == 2


async def test_texts_that_differ_bear_different_numbers_whoever_asks() -> None:
    async with fresh_redis() as redis:
        one, other = RedisRevisions(redis), RedisRevisions(redis)
        assert await one.number(a_message("first")) == 0
        assert await other.number(a_message("first")) == 0
        assert await other.number(a_message("second")) == 1
        assert await one.number(a_message("third", revision=1)) == 2
        assert await one.number(a_message("third", revision=1)) == 2


async def test_an_edit_of_what_is_not_remembered_bears_no_first_texts_number() -> None:
    async with fresh_redis() as redis:
        assert await RedisRevisions(redis).number(a_message("second", revision=1)) == 1
