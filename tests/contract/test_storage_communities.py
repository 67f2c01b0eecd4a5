"""Communities, what they are bound to, and their policies on record."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.effects import Effect, EffectKind
from bot.domain.errors import InvalidValue, NotFound, UnreadablePayload
from bot.domain.messages import Place
from bot.domain.policy import Exemptions, Mode
from bot.domain.terms import Term
from bot.domain.unread import unread
from bot.storage import SqlStore
from bot.storage.engines import database_url as parsed
from bot.storage.engines import writing_engine
from tests.factories import LOBBY, NOW, REVIEW, a_policy
from tests.factories.records import COMMUNITY, a_community, a_recorded_case

ARABIC = "مجتمع 👩‍👩‍👧‍👦"
OTHER = a_community(id="community-2", name=ARABIC, groups=(), review_channels=())
TELEGRAM = Place("telegram", "-1001")
TOPIC = Place("telegram", "-1002", "7")


@pytest.fixture(autouse=True)
async def communities(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.add(a_community())
        await tx.communities.add(OTHER)


async def test_a_community_is_found_by_id_name_and_group(store: SqlStore) -> None:
    async with store.reading() as tx:
        assert await tx.communities.get(COMMUNITY) == a_community()
        assert await tx.communities.by_name("gardeners") == a_community()
        assert await tx.communities.by_name(ARABIC) == OTHER
        assert await tx.communities.by_group("playground", "lobby") == a_community()
        assert await tx.communities.by_group("telegram", "lobby") is None
        assert await tx.communities.by_group("playground", "review") is None
        assert sorted(each.id for each in await tx.communities.all()) == [COMMUNITY, OTHER.id]


async def test_an_unknown_community_is_not_found(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for look in (
            tx.communities.get("none"),
            tx.communities.by_name("none"),
            tx.communities.bind("none", group=TELEGRAM),
            tx.policies.current(COMMUNITY),
            tx.policies.version(COMMUNITY, 1),
            tx.policies.add("none", a_policy(), "x", NOW),
        ):
            with pytest.raises(NotFound):
                await look


async def test_places_are_added_once_in_the_order_they_were_bound(store: SqlStore) -> None:
    for _ in range(2):
        async with store.transaction() as tx:
            await tx.communities.bind(COMMUNITY, group=TELEGRAM, review=TOPIC)
            await tx.communities.bind(COMMUNITY, group=LOBBY)
    async with store.reading() as tx:
        community = await tx.communities.get(COMMUNITY)
    assert community.groups == (LOBBY, TELEGRAM)
    assert community.review_channels == (REVIEW, TOPIC)


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ({"group": LOBBY}, "playground:lobby is bound to another community"),
        ({"review": REVIEW}, "playground:review is bound to another community"),
        ({"group": TOPIC}, "bound whole"),
    ],
)
async def test_a_place_serves_one_community(
    store: SqlStore, places: dict[str, Place], says: str
) -> None:
    with pytest.raises(InvalidValue, match=says):
        async with store.transaction() as tx:
            await tx.communities.bind(OTHER.id, **places)


async def test_a_review_channel_that_is_let_go_is_shown_nothing_more(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.communities.bind(COMMUNITY, review=TOPIC)
        case = await a_recorded_case(tx)
        for channel in (REVIEW, TOPIC):
            await tx.cards.set_card_ref(case.id, channel, "c1")
        cards = [Effect(EffectKind.CARD, case.id, channel) for channel in (REVIEW, TOPIC)]
        hide = Effect(EffectKind.HIDE, case.id, case.place, message_id="m1")
        gone, stays, deed = await tx.outbox.add(COMMUNITY, [*cards, hide], NOW)
        await tx.communities.unbind(COMMUNITY, REVIEW, NOW)
    async with store.transaction() as tx:
        assert (await tx.communities.get(COMMUNITY)).review_channels == (TOPIC,)
        assert await tx.communities.by_review(REVIEW) is None
        assert await tx.outbox.start(gone.id, NOW, 60.0, "test") is None
        assert await tx.outbox.due(NOW, 10) == [deed, stays]
        assert (await tx.cards.refs(REVIEW), await tx.cards.refs(TOPIC)) == ([], ["c1"])
        await tx.communities.bind(OTHER.id, review=REVIEW)


@pytest.mark.parametrize("place", [LOBBY, TOPIC, Place("playground", "review", "topic")])
async def test_only_a_review_channel_that_is_bound_is_let_go(store: SqlStore, place: Place) -> None:
    with pytest.raises(InvalidValue, match=f"{place} is not bound"):
        async with store.transaction() as tx:
            await tx.communities.unbind(COMMUNITY, place, NOW)
    with pytest.raises(InvalidValue, match="not bound"):
        async with store.transaction() as tx:
            await tx.communities.unbind(OTHER.id, REVIEW, NOW)


async def test_a_group_is_let_go_while_nothing_was_decided_about_it(store: SqlStore) -> None:
    second = Place("playground", "second")
    async with store.transaction() as tx:
        await tx.communities.bind(COMMUNITY, group=second)
        await a_recorded_case(tx)
        await tx.communities.unbind_group(COMMUNITY, second)
    with pytest.raises(InvalidValue, match="has cases"):
        async with store.transaction() as tx:
            await tx.communities.unbind_group(COMMUNITY, LOBBY)
    for community_id in (COMMUNITY, OTHER.id):
        with pytest.raises(InvalidValue, match="not bound"):
            async with store.transaction() as tx:
                await tx.communities.unbind_group(community_id, second)
    async with store.transaction() as tx:
        assert (await tx.communities.get(COMMUNITY)).groups == (LOBBY,)
        await tx.communities.bind(OTHER.id, group=second)


@pytest.mark.parametrize(
    "taken",
    [
        {"id": "community-3", "groups": (), "review_channels": ()},
        {"name": "third", "groups": (), "review_channels": ()},
        {"id": "community-3", "name": "third"},
    ],
)
async def test_a_community_whose_name_or_place_is_taken_is_refused_whole(
    store: SqlStore, taken: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue, match=r"taken|bound to another"):
        async with store.transaction() as tx:
            await tx.communities.add(a_community(**taken))
    async with store.reading() as tx:
        assert len(await tx.communities.all()) == 2


async def test_a_name_that_cannot_be_stored_is_refused_in_our_words(store: SqlStore) -> None:
    with pytest.raises(InvalidValue, match="broken Unicode"):
        async with store.transaction() as tx:
            await tx.communities.add(a_community(id="3", name="\ud800", groups=()))


async def test_of_two_who_bind_a_group_at_once_one_has_it(store: SqlStore) -> None:
    async def bind(community_id: str) -> None:
        async with store.transaction() as tx:
            await tx.communities.bind(community_id, group=TELEGRAM)

    ended = await asyncio.gather(bind(COMMUNITY), bind(OTHER.id), return_exceptions=True)
    assert [type(each) for each in ended if each] == [InvalidValue]


async def test_every_version_of_a_policy_is_kept(store: SqlStore) -> None:
    first = a_policy(
        name="ours",
        deny=(Term("جملة \u202e", hide=True), Term(r"fr[ee]{2}\s+coins", pattern=True)),
        exemptions=Exemptions(members=frozenset({"7"}), tenure=timedelta(days=30)),
    )
    second = a_policy(mode=Mode.OBSERVE, version=40)
    async with store.transaction() as tx:
        one = await tx.policies.add(COMMUNITY, first, "playground:noor", NOW)
        two = await tx.policies.add(COMMUNITY, second, "system", NOW + timedelta(seconds=1))
        await tx.policies.add(OTHER.id, a_policy(), "system", NOW)
    assert (one.version, two.version) == (1, 2)
    async with store.reading() as tx:
        assert await tx.policies.version(COMMUNITY, 1) == first
        assert await tx.policies.current(COMMUNITY) == two
        assert two.mode is Mode.OBSERVE
        assert await tx.policies.history(COMMUNITY) == [
            (two, "system", NOW + timedelta(seconds=1)),
            (one, "playground:noor", NOW),
        ]


async def test_versions_made_at_once_are_numbered_without_gap_or_double(store: SqlStore) -> None:
    async def add() -> int:
        async with store.transaction() as tx:
            return (await tx.policies.add(COMMUNITY, a_policy(), "x", NOW)).version

    assert sorted(await asyncio.gather(*(add() for _ in range(6)))) == [1, 2, 3, 4, 5, 6]


async def test_many_groups_are_looked_up_in_one_question(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for number in (1, 2, 3):
            group = Place("telegram", f"-{number}")
            await tx.communities.add(
                a_community(id=f"c{number}", name=f"n{number}", groups=(group,), review_channels=())
            )
            await tx.policies.add(f"c{number}", a_policy(), "test", NOW)
        await tx.policies.add("c2", a_policy(name="newer"), "test", NOW)
    async with store.reading() as tx:
        groups = [Place("telegram", "-1"), Place("telegram", "-2"), Place("telegram", "-9")]
        found = await tx.communities.moderating(groups)
        policies = await tx.policies.in_force_of([each.id for each in found])
    assert [each.id for each in found] == ["c1", "c2"]
    assert {key: (each.name, each.version) for key, each in policies.items()} == {
        "c1": ("balanced", 1),
        "c2": ("newer", 2),
    }


async def test_a_policy_that_cannot_be_read_leaves_all_to_reviewers_until_a_new_version(
    store: SqlStore, database_url: str
) -> None:
    async with store.transaction() as tx:
        for id_ in (COMMUNITY, OTHER.id):
            await tx.policies.add(id_, a_policy(), "test", NOW)
            await tx.policies.add(id_, a_policy(name="ours"), "test", NOW)
    engine = writing_engine(parsed(database_url))
    async with engine.begin() as connection:  # as a newer release writes what this one cannot know
        change = "UPDATE policies SET policy = :newer WHERE community_id = :of AND version = 2"
        newer = '{"v": 9, "needs": 9, "body": {}}'
        await connection.execute(text(change), {"newer": newer, "of": COMMUNITY})
    await engine.dispose()
    async with store.reading() as tx:
        for look in (tx.policies.current(COMMUNITY), tx.policies.version(COMMUNITY, 2)):
            with pytest.raises(UnreadablePayload, match="policy version 2 cannot be read"):
                await look
        assert await tx.policies.in_force(COMMUNITY) == unread(2)
        in_force = await tx.policies.in_force_of([COMMUNITY, OTHER.id])
        assert in_force[COMMUNITY] == unread(2)
        assert in_force[OTHER.id].name == "ours"
        history = await tx.policies.history(COMMUNITY)
        assert [policy.name for policy, _, _ in history] == ["unreadable", "balanced"]
    async with store.transaction() as tx:
        third = await tx.policies.add(COMMUNITY, a_policy(), "test", NOW)
        assert third.version == 3
        assert await tx.policies.in_force(COMMUNITY) == third


async def test_a_group_that_moves_takes_its_binding_along(store: SqlStore) -> None:
    old, new = Place("telegram", "-5"), Place("telegram", "-1005")
    async with store.transaction() as tx:
        await tx.communities.add(
            a_community(id="c9", name="movers", groups=(old,), review_channels=())
        )
        moved = await tx.communities.rebind(old, new)
        assert moved is not None
        assert moved.groups == (new,)
        assert await tx.communities.rebind(old, new) is None
        assert await tx.communities.by_group("telegram", "-5") is None


async def test_a_channel_known_by_its_id_alone_is_found_in_its_group(store: SqlStore) -> None:
    bare, whole = Place("discord", "201"), Place("discord", "100", "201")
    async with store.transaction() as tx:
        await tx.communities.add(
            a_community(id="c9", name="finders", groups=(), review_channels=(bare,))
        )
        found = await tx.communities.rebind(bare, whole)
        assert found is not None
        assert found.review_channels == (whole,)


async def test_a_channel_bound_under_both_its_names_is_bound_once(store: SqlStore) -> None:
    bare, whole = Place("discord", "201"), Place("discord", "100", "201")
    async with store.transaction() as tx:
        await tx.communities.add(
            a_community(id="c9", name="finders", groups=(), review_channels=(bare, whole))
        )
        found = await tx.communities.rebind(bare, whole)
        assert found is not None
        assert found.review_channels == (whole,)


async def test_a_channel_of_another_community_is_not_taken_over(store: SqlStore) -> None:
    bare, whole = Place("discord", "201"), Place("discord", "100", "201")
    async with store.transaction() as tx:
        for number, place in ((1, bare), (2, whole)):
            await tx.communities.add(
                a_community(id=f"c{number}", name=f"n{number}", groups=(), review_channels=(place,))
            )
        with pytest.raises(InvalidValue, match="another community"):
            await tx.communities.rebind(bare, whole)
