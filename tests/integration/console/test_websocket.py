"""`/ws` over real sockets: who may come in, the same news with the same marks, and readers that do not read."""

from __future__ import annotations

import asyncio
import json
import socket as socket_module
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from console.live import sse, websocket
from console.parts import ConsoleSettings
from reelwright.domain.people import Caller, Role
from reelwright.storage.news import PostgresNews
from tests.console_app import PERSONS, app_of
from tests.servers import Servers

from ..conftest import database_of_its_own
from .streams import TELL, Replica, replica

TOKENS: dict[str, Caller] = {}


async def recognise(connection: HTTPConnection) -> Caller | None:
    """By the header alone, as API tokens are."""
    return TOKENS.get(connection.headers.get("authorization", "").removeprefix("Bearer "))


@pytest.fixture(autouse=True)
def tokens() -> None:
    TOKENS.clear()
    TOKENS["rw_viewer"] = Caller(name="program", role=Role.VIEWER, way="token", key="t1")
    TOKENS["rw_link"] = Caller(name="client", role=Role.VIEWER, way="link", key="l1")


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def one(pool: Any) -> AsyncIterator[Replica]:
    async with replica(app_of(pool=pool, recognise=recognise)) as found:
        yield found


@asynccontextmanager
async def socket(one: Replica, first: Any = None, **given: Any) -> AsyncIterator[ClientConnection]:
    """A connection whose first message was sent."""
    async with connect(one.url.replace("http", "ws") + "/ws", proxy=None, **given) as opened:
        if first is not None:
            await opened.send(first if isinstance(first, str | bytes) else json.dumps(first))
        yield opened


async def heard(opened: ClientConnection, name: str) -> Any:
    """What stands under `name` in the first message that has it."""
    while True:
        found = json.loads(await opened.recv())
        if name in found:
            return found[name]


async def closed(opened: ClientConnection) -> tuple[int, str]:
    """How the server closed it."""
    with pytest.raises(ConnectionClosed) as raised:
        while True:
            await opened.recv()
    assert raised.value.rcvd is not None
    return raised.value.rcvd.code, raised.value.rcvd.reason


async def test_a_program_hears_the_news_from_its_mark_on(one: Replica, pool: Any) -> None:
    mark = str(await PostgresNews(pool).mark())
    await pool.execute(TELL, "posts", "early")
    async with socket(one, {"token": "rw_viewer", "topics": ["posts"], "after": mark}) as opened:
        first = json.loads(await opened.recv())
        assert first["ping"] and first["mark"]
        assert await heard(opened, "news") == {"posts": ["early"]}
        await pool.execute(TELL, "links", "other")
        await pool.execute(TELL, "posts", "late")
        found = json.loads(await opened.recv())
        assert found["news"] == {"posts": ["late"]}
    await pool.execute(TELL, "posts", "missed")
    async with socket(one, {"token": "rw_viewer", "after": found["mark"]}) as opened:
        assert "missed" in (await heard(opened, "news"))["posts"]


@pytest.mark.parametrize(
    ("first", "code", "why"),
    [
        ({"token": "rw_unknown"}, websocket.NOBODY, "token"),
        ({"token": "rw_link"}, websocket.NOBODY, "token"),
        ({"token": ""}, websocket.NOBODY, "token"),
        ({}, websocket.NOBODY, "token"),
        ({"ticket": "guessed"}, websocket.NOBODY, "ticket"),
        ({"token": "rw_viewer", "topics": ["sessions"]}, websocket.BAD, "topics"),
        ({"token": "rw_viewer", "after": "x"}, websocket.BAD, "after"),
        ({"token": ["rw_viewer"]}, websocket.BAD, "message"),
        ({"token": "rw_viewer", "topics": "posts"}, websocket.BAD, "message"),
        ({"token": "\u00fc\u4e00\n"}, websocket.NOBODY, "token"),
        ("[]", websocket.BAD, "message"),
        ("no json", websocket.BAD, "message"),
        ("[" * 4_000, websocket.BAD, "message"),
        (" " * 5_000, websocket.BAD, "message"),
        (b"\x00\x01", websocket.BAD, "message"),
    ],
)
async def test_who_may_not_or_asks_wrongly_is_told_so(one: Replica, first: Any, code: int, why: str) -> None:
    async with socket(one, first) as opened:
        found = await closed(opened)
        assert found[0] == code and why in found[1]
    assert one.hub.listeners == 0


async def test_who_says_nothing_is_not_waited_for(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "FIRST_WITHIN_S", 0.05)
    async with socket(one) as opened:
        assert (await closed(opened))[0] == websocket.BAD


async def test_a_page_of_another_origin_is_turned_away(pool: Any) -> None:
    app = app_of(pool=pool, recognise=recognise, settings=ConsoleSettings(public_url="https://studio.example.org"))
    async with replica(app) as one:
        for origin in ("https://evil.example", "http://studio.example.org", "null", "https://studio.example.org.evil"):
            with pytest.raises(InvalidStatus) as raised:
                async with socket(one, origin=origin):
                    pass
            assert raised.value.response.status_code == 403
        async with socket(one, {"token": "rw_viewer"}, origin="https://studio.example.org") as opened:
            assert json.loads(await opened.recv())["ping"]


async def test_a_ticket_opens_one_stream(pool: Any) -> None:
    async with replica(app_of(pool=pool, caller=PERSONS[Role.VIEWER])) as one:
        ticket = (await one.client.post("/ws/ticket", headers={"Sec-Fetch-Site": "same-origin"})).json()["ticket"]
        async with socket(one, {"ticket": ticket}) as opened:
            assert json.loads(await opened.recv())["ping"]
        async with socket(one, {"ticket": ticket}) as opened:
            assert (await closed(opened))[0] == websocket.NOBODY


async def test_a_token_that_is_revoked_ends_its_stream(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = {"t1"}

    async def still(books: Any, caller: Caller) -> bool:
        return caller.key in standing

    monkeypatch.setattr(sse, "still_open", still)
    monkeypatch.setattr(websocket, "CHECKED_EVERY_S", 0.0)
    monkeypatch.setattr(websocket, "PING_S", 0.02)
    async with socket(one, {"token": "rw_viewer"}) as opened:
        assert json.loads(await opened.recv())["ping"] and json.loads(await opened.recv())["ping"]
        standing.clear()
        assert (await closed(opened))[0] == websocket.NOBODY


async def never_reads(one: Replica) -> socket_module.socket:
    """A program that sends its first message and takes nothing from then on."""
    protocol = ClientProtocol(parse_uri(one.url.replace("http", "ws") + "/ws"))
    raw = socket_module.socket()
    raw.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", int(one.url.rsplit(":", 1)[1])))
    protocol.send_request(protocol.connect())
    await loop.sock_sendall(raw, b"".join(protocol.data_to_send()))
    protocol.receive_data(await loop.sock_recv(raw, 4_096))
    assert protocol.state is OPEN
    protocol.send_text(b'{"token": "rw_viewer"}')
    await loop.sock_sendall(raw, b"".join(protocol.data_to_send()))
    return raw


async def test_who_reads_too_slowly_is_closed(one: Replica, pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffers on the way fill up; the server does not collect without end what is not taken."""
    monkeypatch.setattr(websocket, "SENT_WITHIN_S", 0.1)
    raw = await never_reads(one)
    try:
        while not one.hub.listeners:
            await asyncio.sleep(0.01)
        put_aside = 0
        while one.hub.listeners and put_aside < 100:
            put_aside += 1
            await pool.execute(
                "insert into news (kind, key) select 'posts', repeat('x', 30000) || n from generate_series(1, 60) n"
            )
            await asyncio.sleep(0.1)
        assert put_aside < 100, "180 MB were put aside for it"
    finally:
        raw.close()


async def test_the_end_of_either_side_is_seen(one: Replica) -> None:
    async with socket(one, {"token": "rw_viewer"}) as opened:
        await opened.recv()
        assert one.hub.listeners == 1
    while one.hub.listeners:
        await asyncio.sleep(0.01)
    async with socket(one, {"token": "rw_viewer"}) as opened:
        await opened.recv()
        await opened.send("whatever else it says")
        stopping = asyncio.create_task(one.stop())
        code, _ = await closed(opened)
        assert code == websocket.RESTARTS
        await stopping
