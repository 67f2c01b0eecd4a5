from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.scoring.waiting import HEAD_START_S, PACE, SHORT, SPECIAL, Room, Waiting
from bot.scoring.windows import Window

TOKENS = 512


def next_call(room: Room) -> list[Waiting]:
    return room.next_call(TOKENS, pads=True)


def a_window(tokens: int, name: str = "") -> Window:
    return Window(f"{name}:{tokens}", tokens)


async def test_like_sized_windows_share_a_call() -> None:
    room = Room()
    for number in range(10):
        room.enter([a_window(5, str(number))], now=number)
    assert len(next_call(room)) == 10
    assert next_call(room) == []


@given(st.lists(st.integers(0, 510), max_size=60))
async def test_every_window_is_called_once_and_at_most_half_of_a_call_is_padding(
    lengths: list[int],
) -> None:
    room = Room()
    for number, tokens in enumerate(lengths):
        room.enter([a_window(tokens, str(number))], now=0.0)
    called = []
    while call := next_call(room):
        costs = [max(SHORT, each.window.tokens) for each in call]
        assert max(costs) <= 2 * min(costs)
        assert len(call) == 1 or max(costs) * len(call) <= TOKENS
        called += [each.window.tokens for each in call]
    assert sorted(called) == sorted(lengths)


@given(st.lists(st.integers(0, 510), max_size=60))
async def test_a_call_without_padding_takes_those_who_waited_longest(lengths: list[int]) -> None:
    room = Room()
    for number, tokens in enumerate(lengths):
        room.enter([a_window(tokens, str(number))], now=float(number))
    called = []
    while call := room.next_call(128, pads=False):
        costs = [each.window.tokens + SPECIAL for each in call]
        assert len(call) == 1 or sum(costs) <= 128
        called += [each.window.tokens for each in call]
    assert called == lengths


async def test_the_one_that_waited_longest_is_in_the_next_call() -> None:
    room = Room()
    room.enter([a_window(500, "early")], now=0.0)
    for number in range(400):
        room.enter([a_window(5, str(number))], now=1.0)
    [first] = next_call(room)
    assert first.window.tokens == 500


async def test_a_short_text_does_not_wait_for_all_windows_of_a_long_one() -> None:
    room = Room()
    room.enter([a_window(500, str(number)) for number in range(10)], now=0.0)
    room.enter([a_window(SHORT, "short")], now=0.1)
    order = [next_call(room)[0].window.tokens for _ in range(11)]
    assert order.index(SHORT) == 1


async def test_the_windows_of_a_long_text_come_up_while_short_ones_keep_coming() -> None:
    room = Room()
    room.enter([a_window(500, str(number)) for number in range(3)], now=0.0)
    long_ones = 0
    for tick in range(100):
        now = tick * 0.1
        room.enter([a_window(5, f"{tick}")], now)
        long_ones += sum(each.window.tokens == 500 for each in next_call(room))
        if now > 3 * 500 / PACE:
            break
    assert long_ones == 3


async def test_the_same_text_waits_once_for_all_who_ask() -> None:
    room = Room()
    [first] = room.enter([a_window(3)], now=0.0)
    [second] = room.enter([a_window(3)], now=1.0)
    [only] = next_call(room)
    scores = Scores({Label.INSULT: 0.2})
    only.settle(scores)
    assert (await first, await second) == (scores, scores)


async def test_a_text_that_waits_anew_as_a_late_window_keeps_its_place() -> None:
    room = Room()
    room.enter([a_window(500, "a"), a_window(300, "shared")], now=0.0)
    room.enter([a_window(300, "shared")], now=0.1)
    room.enter([a_window(30, "later")], now=0.2)
    order = [next_call(room)[0].window.text for _ in range(3)]
    assert order == ["a:500", "shared:300", "later:30"]


async def test_a_text_that_nobody_waits_for_any_more_is_not_called() -> None:
    room = Room()
    [gone] = room.enter([a_window(3, "gone")], now=0.0)
    [left] = room.enter([a_window(3, "left")], now=0.0)
    [shared, still] = [*room.enter([a_window(4)], now=0.0), *room.enter([a_window(4)], now=0.0)]
    gone.cancel()
    shared.cancel()
    assert [each.window for each in next_call(room)] == [a_window(3, "left"), a_window(4)]
    assert not left.done()
    assert not still.done()


async def test_the_lanes_go_one_before_the_other() -> None:
    room = Room()
    for lane in reversed(Lane):
        room.enter([a_window(5, lane.name)], now=0.0, lane=lane)
    order = [next_call(room)[0].lane for _ in Lane]
    assert order == [Lane.URGENT, Lane.ORDINARY, Lane.LATER]


async def test_no_text_is_slowed_down_by_company_of_a_later_lane() -> None:
    room = Room()
    room.enter([a_window(5, "word")], now=0.0, lane=Lane.LATER)
    room.enter([a_window(5, "said")], now=1.0)
    assert [each.window.text for each in next_call(room)] == ["said:5"]


async def test_a_text_that_several_wait_for_goes_in_the_first_of_their_lanes() -> None:
    room = Room()
    room.enter([a_window(5, "both")], now=0.0, lane=Lane.LATER)
    room.enter([a_window(5, "said")], now=0.5)
    room.enter([a_window(5, "both")], now=1.0, lane=Lane.URGENT)
    assert next_call(room)[0].window.text == "both:5"


AGES = st.lists(st.tuples(st.floats(0.0, 40.0), st.sampled_from(Lane)), max_size=40)


@given(AGES, st.booleans())
async def test_no_text_leads_a_call_while_one_waits_that_came_long_before(
    arrivals: list[tuple[float, Lane]], pads: bool
) -> None:
    room = Room()
    came = {}
    for number, (now, lane) in enumerate(arrivals):
        window = a_window(200, str(number))
        came[window.text] = now
        room.enter([window], now, lane)
    while call := room.next_call(TOKENS, pads=pads):
        left = [came[each.window.text] for each in room._waiting.values()]
        assert all(came[call[0].window.text] <= each + 2 * HEAD_START_S for each in left)
