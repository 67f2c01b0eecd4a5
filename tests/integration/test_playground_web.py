"""The playground over HTTP: what the page can ask for, and what nobody else can."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.playground import sample
from tests.fakes.playground_bot import Served, served_playground

FROM_THE_PAGE = {"X-Aman-Playground": "page"}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with served_playground(tmp_path) as served:
        yield served


@pytest.fixture
async def http(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(served.url) as session:
        yield session


async def ask(
    http: aiohttp.ClientSession, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {})
    sent = io.BytesIO(raw if isinstance(raw, bytes) else raw.encode())
    async with http.request(
        method, f"/playground/{path}", data=sent, headers={**FROM_THE_PAGE, **headers}
    ) as answer:
        return answer.status, await answer.json()


async def state_when(http: aiohttp.ClientSession, true: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            async with http.get("/playground/state") as answer:
                state: dict[str, Any] = await answer.json()
            if true(state):
                return state
            await asyncio.sleep(0.01)


async def an_insult(http: aiohttp.ClientSession) -> dict[str, Any]:
    """Post one as Ben; the card that appears."""
    status, _ = await ask(http, "POST", "messages", {"member": "ben", "text": "you idiot"})
    assert status == 201
    state = await state_when(http, lambda state: state["world"]["cards"])
    card: dict[str, Any] = state["world"]["cards"][0]
    return card


def button(card: dict[str, Any], press: str) -> str:
    return next(each["id"] for each in card["view"]["buttons"] if each["press"] == press)


# ---------------------------------------------------------------- the bot at work


async def test_an_insult_is_hidden_and_a_press_brings_it_back(http):
    card = await an_insult(http)
    assert card["view"]["headline"] == "Hidden"
    restore = button(card, "restore")
    status, told = await ask(http, "POST", "presses", {"button": restore, "person": "noor"})
    assert (status, told["accepted"]) == (200, True)
    state = await state_when(http, lambda state: state["world"]["posts"][0]["state"] == "visible")
    assert state["world"]["posts"][0]["text"] == "you idiot"
    assert state["world"]["cards"][0]["view"]["state"] == "Noor let it stand"


async def test_the_second_of_two_presses_is_told_who_was_faster(http):
    card = await an_insult(http)
    await ask(http, "POST", "presses", {"button": button(card, "restore"), "person": "noor"})
    _, told = await ask(http, "POST", "presses", {"button": button(card, "ban"), "person": "sam"})
    assert told == {"text": "Noor was faster: the message stays.", "accepted": False}


async def test_a_press_by_who_is_no_reviewer_is_refused(http):
    card = await an_insult(http)
    restore = button(card, "restore")
    status, told = await ask(http, "POST", "presses", {"button": restore, "person": "asha"})
    assert (status, told["accepted"]) == (200, False)
    assert told["text"] == "Only reviewers of this community can decide its cases."


async def test_who_is_muted_is_told_until_when(http):
    card = await an_insult(http)
    await ask(http, "POST", "presses", {"button": button(card, "mute"), "person": "noor"})
    status, answer = await ask(http, "POST", "messages", {"member": "ben", "text": "hello"})
    assert status == 403
    assert answer["error"].startswith("Ben is muted until ")


async def test_without_the_right_to_delete_the_card_says_what_to_mend(http):
    rights = {"by": "priya", "delete_messages": False}
    assert (await ask(http, "PUT", "rights", rights))[0] == 200
    card = await an_insult(http)
    [refused, _] = card["view"]["done"]
    assert refused["bad"]
    assert "Give it that right" in refused["text"]


async def test_editing_and_taking_back(http):
    _, made = await ask(http, "POST", "messages", {"member": "asha", "text": "helo"})
    path = f"messages/{made['id']}"
    assert (await ask(http, "PATCH", path, {"member": "asha", "text": "hello"}))[0] == 200
    state = await state_when(http, lambda state: state["judged"][1:])
    assert state["world"]["posts"][0]["text"] == "hello"
    assert (await ask(http, "PATCH", path, {"member": "ben", "text": "hm"}))[0] == 403
    assert (await ask(http, "DELETE", path, {"member": "asha"}))[0] == 200
    assert (await ask(http, "DELETE", path, {"member": "asha"}))[0] == 404


async def test_the_policy_changes_by_an_admins_hand_alone(http, served):
    form = {"mode": "act", "thresholds": {"toxicity": {"review": 0.2, "hide": 0.3}}}
    status, answer = await ask(http, "PUT", "policy", {"by": "asha", **form})
    assert (status, answer["error"]) == (
        403,
        "Asha is not an admin, and only admins change that.",
    )
    status, made = await ask(http, "PUT", "policy", {"by": "priya", **form})
    assert (status, made["name"], made["version"]) == (200, "custom", 2)
    assert served.bot.policy.version == 2


async def test_thresholds_that_cannot_be_are_answered_with_a_sentence(http, served):
    form = {"by": "priya", "mode": "act", "thresholds": {"threat": {"review": 0.9, "hide": 0.3}}}
    status, answer = await ask(http, "PUT", "policy", form)
    assert status == 400
    assert "need 0 < review <= hide <= 1" in answer["error"]
    assert served.bot.policy.version == 1


async def test_the_sample_conversation_plays_once_at_a_time(http, monkeypatch):
    monkeypatch.setattr(sample, "PAUSE_S", 0.02)
    assert (await ask(http, "POST", "sample"))[0] == 202
    status, answer = await ask(http, "POST", "sample")
    assert (status, answer["error"]) == (403, "The sample conversation is playing already.")
    state = await state_when(http, lambda s: len(s["judged"]) == len(sample.LINES))
    actions = [judged["action"] for judged in state["judged"]]
    assert {"allow", "review", "hide"} <= set(actions)
    assert actions.count("allow") > len(actions) / 2


async def test_a_reset_stops_the_sample_and_clears_the_lobby(http):
    await ask(http, "POST", "sample")
    await state_when(http, lambda state: state["world"]["posts"])
    await ask(http, "POST", "reset")
    state = await state_when(http, lambda state: True)
    assert state["world"]["posts"] == []


# ---------------------------------------------------------------- the stream


async def events(http: aiohttp.ClientSession) -> AsyncIterator[dict[str, Any]]:
    async with http.get("/playground/events") as answer:
        assert answer.content_type == "text/event-stream"
        async for line in answer.content:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


async def test_the_stream_begins_with_everything_and_goes_on_with_what_changes(http):
    await an_insult(http)
    async with asyncio.timeout(60):
        stream = events(http)
        first = await anext(stream)
        assert first["whole"]
        assert len(first["world"]["posts"]) == 1
        assert [preset["name"] for preset in first["presets"]][:2] == ["observe", "lenient"]
        await ask(http, "POST", "messages", {"member": "asha", "text": "hello"})
        judged: list[str] = []
        while "2" not in judged:
            news = await anext(stream)
            assert not news["whole"]
            assert "1" not in [post["id"] for post in news["world"]["posts"]]
            judged += [each["message"] for each in news["judged"]]
        await ask(http, "POST", "reset")
        while not news["whole"]:
            news = await anext(stream)
        assert news["world"]["posts"] == []
        await stream.aclose()


async def test_a_new_policy_is_on_every_open_page_at_once(http):
    async with asyncio.timeout(60):
        stream = events(http)
        await anext(stream)
        form = {"mode": "observe", "thresholds": {"toxicity": {"review": 0.2, "hide": 0.3}}}
        await ask(http, "PUT", "policy", {"by": "priya", **form})
        news = await anext(stream)
        while news["standing"]["policy"]["version"] == 1:
            news = await anext(stream)
        assert news["standing"]["policy"]["mode"] == "observe"
        await stream.aclose()


async def test_an_open_stream_does_not_keep_the_server_from_stopping(tmp_path):
    async with asyncio.timeout(60):
        async with served_playground(tmp_path) as served:
            session = aiohttp.ClientSession(served.url)
            stream = events(session)
            await anext(stream)
        await session.close()


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "Expected `object`"),
        (b'{"member": "asha"}', "missing required field `text`"),
        (b'{"member": "asha", "text": 7}', "Expected `str`, got `int`"),
        (b'{"member": "asha", "text": "a", "role": "admin"}', "unknown field `role`"),
        (b'{"member": "asha", "text": "  "}', "Write something first"),
    ],
)
async def test_a_body_that_is_not_understood_is_answered_with_a_sentence(http, body, says):
    status, answer = await ask(http, "POST", "messages", body)
    assert status == 400
    assert says in answer["error"]


async def test_nobody_and_nothing_unknown_is_found(http):
    status, answer = await ask(http, "POST", "messages", {"member": "mallory", "text": "a"})
    assert (status, answer["error"]) == (404, "There is nobody called mallory here.")
    assert (await ask(http, "PATCH", "messages/99", {"member": "asha", "text": "a"}))[0] == 404
    async with http.get("/playground/static/../web.py") as answer_:
        assert answer_.status == 404
    async with http.get("/playground/static/nothing.js") as answer_:
        assert answer_.status == 404
        assert "no such page" in (await answer_.json())["error"]


async def test_a_message_of_one_megabyte_is_taken(http, served):
    text = "word " * 200_000
    status, _ = await ask(http, "POST", "messages", {"member": "asha", "text": text})
    assert status == 201
    await state_when(http, lambda state: state["judged"])
    assert served.bot.taken_in[0].text == text


async def test_more_than_two_megabytes_are_refused(http):
    body = json.dumps({"member": "asha", "text": "a" * (2 * 1024 * 1024)}).encode()
    status, answer = await ask(http, "POST", "messages", body)
    assert (status, answer["error"]) == (413, "That is too much at once: at most 2 MB.")


@pytest.mark.parametrize(
    "text",
    ["\\ud800", "\\u0000", "\\udc00\\ud800", "a\\u202eb", "\\ufdd0\\uffff", "e\\u0301" * 500],
)
async def test_every_kind_of_broken_unicode_is_taken(http, served, text):
    body = f'{{"member": "asha", "text": "x{text}"}}'.encode()
    assert (await ask(http, "POST", "messages", body))[0] == 201
    await state_when(http, lambda state: state["judged"])
    served.bot.taken_in[0].text.encode()


# ---------------------------------------------------------------- who may ask


async def test_a_request_without_the_pages_header_changes_nothing(http):
    async with http.post("/playground/messages", json={"member": "asha", "text": "a"}) as answer:
        assert answer.status == 403
        assert "X-Aman-Playground" in (await answer.json())["error"]
    state = await state_when(http, lambda state: True)
    assert state["world"]["posts"] == []


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"],
)
async def test_another_websites_request_changes_nothing(http, origin):
    message = {"member": "asha", "text": "a"}
    status, answer = await ask(http, "POST", "messages", message, Origin=origin)
    assert status == 403
    assert answer["error"] == "Another website asked for this, so it was not done."


async def test_the_pages_own_origin_is_taken(http, served):
    message = {"member": "asha", "text": "a"}
    assert (await ask(http, "POST", "messages", message, Origin=served.url))[0] == 201


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "["]
)
async def test_a_rebound_name_reaches_nothing(http, host):
    async with http.get("/playground/state", headers={"Host": host}) as answer:
        assert answer.status in (400, 403)
        assert "Asha" not in await answer.text()


@pytest.mark.parametrize(
    "host", ["localhost:8080", "127.0.0.1", "192.168.1.7:8080", "[::1]:8080", "Chat.Example"]
)
async def test_our_own_names_and_addresses_are_answered(http, host):
    async with http.get("/playground/state", headers={"Host": host}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["/", "/playground/state", "/playground/static/app.js", "/playground/static/x"]
)
async def test_every_answer_bears_the_headers_that_keep_the_page_safe(http, path):
    async with http.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_page_needs_nothing_from_elsewhere(http):
    async with http.get("/") as answer:
        assert answer.content_type == "text/html"
        page = await answer.text()
    assert "://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<script>" not in page
    assert "style=" not in page
