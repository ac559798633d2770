"""Files of one's own through the console: in parts, broken off and gone on with, refused, taken in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from console.app import create_app
from control.studio import Studio
from reelwright.domain.people import Role
from reelwright.providers.own.intake import OwnIntake
from reelwright.providers.own.limits import Limits
from reelwright.storage.contents import PostgresContents
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.own_media import PostgresMediaBook
from tests.console_app import PERSONS, NoTemporal, browsing, parts_of


@pytest.fixture
async def client(pool: Any, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    media = LocalMediaStore(tmp_path / "media")

    def intake() -> OwnIntake:
        return OwnIntake(PostgresMediaBook(pool), media, {}, Limits(bytes=50_000_000, seconds=600, fetch_s=60))

    def studio(caller: Any) -> Studio:
        return Studio(NoTemporal(), PostgresContents(pool), lambda: media, lambda plan: None, intake, caller)

    parts = parts_of(pool=pool, caller=PERSONS[Role.OPERATOR], studio=studio)
    async with browsing(create_app(parts), Accept="application/json") as client:
        yield client


def picture(path: Path, shade: int = 90) -> bytes:
    Image.new("RGB", (640, 480), (shade, 120, 200)).save(path, "PNG")
    return path.read_bytes()


async def begun(client: httpx.AsyncClient, name: str, size: int) -> str:
    answer = await client.post("/uploads", json={"name": name, "size": size})
    assert answer.status_code == 201, answer.text
    return f"/uploads/{answer.json()['id']}"


async def sent(client: httpx.AsyncClient, url: str, data: bytes, at: int) -> httpx.Response:
    return await client.patch(url, content=data, headers={"Upload-Offset": str(at)})


async def test_a_file_in_parts_is_taken_in_and_goes_on_after_a_break(
    pool: Any, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    data = picture(tmp_path / "sea.png")
    url = await begun(client, "sea.png", len(data))
    assert (await sent(client, url, data[:100], 0)).headers["upload-offset"] == "100"
    early = await client.post(f"{url}/finish")
    assert early.status_code == 422 and "100 of" in early.json()["detail"]
    # The answer to the first part was lost: it is sent again, and is there once.
    assert (await sent(client, url, data[:100], 0)).headers["upload-offset"] == "100"
    gap = await sent(client, url, data[200:], 200)
    assert gap.status_code == 422 and gap.json()["field"] == "Upload-Offset"
    told = await client.head(url)
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("100", str(len(data)))
    assert (await sent(client, url, data[100:], 100)).headers["upload-offset"] == str(len(data))
    first = await client.post(f"{url}/finish")
    assert first.json()["kind"] == "picture", first.text
    assert (await client.post(f"{url}/finish")).json() == first.json()
    assert not await pool.fetchval("select count(*) from upload_parts where upload = $1", url.rpartition("/")[2])
    stored = await PostgresMediaBook(pool).find(first.json()["sha256"])
    assert stored is not None and stored.name == "sea.png"


async def test_two_parts_at_the_same_time_leave_one(client: httpx.AsyncClient, tmp_path: Path) -> None:
    data = picture(tmp_path / "sea.png", 91)
    url = await begun(client, "sea.png", len(data))
    answers = await asyncio.gather(*(sent(client, url, data, 0) for _ in range(4)))
    assert {answer.headers.get("upload-offset") for answer in answers} == {str(len(data))}
    assert (await client.post(f"{url}/finish")).status_code == 200


async def test_what_is_no_media_is_refused_and_forgotten(client: httpx.AsyncClient) -> None:
    url = await begun(client, "<script>.png", 9)
    await sent(client, url, b"not a png", 0)
    answer = await client.post(f"{url}/finish")
    assert answer.status_code == 422 and answer.json()["field"] == "file"
    assert (await client.head(url)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[1]", "body"), (b"{" * 5_000, "body"), (b"\xff", "body"), (b'{"size": 3}', "name"),
        (b'{"name": "a", "size": "3"}', "size"), (b'{"name": "a", "size": 0}', "size"),
        (b'{"name": "a", "size": 3000000000}', "size"), (b'{"name": "' + b"a" * 20_000 + b'"}', "body"),
    ],
)  # fmt: skip
async def test_a_wrong_beginning_is_refused_before_anything_is_sent(
    client: httpx.AsyncClient, body: bytes, field: str
) -> None:
    answer = await client.post("/uploads", content=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_part_that_is_too_long_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    url, read = await begun(client, "a.png", 100_000_000), []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(1_000):
            read.append(number)
            yield b"x" * 1_000_000

    answer = await client.patch(url, content=endless(), headers={"Upload-Offset": "0"})
    assert (answer.status_code, answer.json()["field"]) == (422, "part")
    wrong = await sent(client, url, b"x", -1)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "Upload-Offset")


async def test_an_upload_is_its_owners_alone(pool: Any, client: httpx.AsyncClient) -> None:
    url = await begun(client, "a.png", 10)
    async with browsing(create_app(parts_of(pool=pool)), Accept="application/json") as other:
        assert (await other.head(url)).status_code == 404
        assert (await sent(other, url, b"x", 0)).status_code == 404
    async with browsing(create_app(parts_of(pool=pool, caller=PERSONS[Role.VIEWER]))) as viewer:
        assert (await viewer.post("/uploads", json={"name": "a", "size": 1})).status_code == 403


async def test_what_was_given_up_is_deleted(pool: Any, client: httpx.AsyncClient) -> None:
    url = await begun(client, "old.png", 10)
    await sent(client, url, b"xx", 0)
    id = url.rpartition("/")[2]
    await pool.execute("update uploads set updated_at = now() - interval '25 hours' where id = $1", id)
    await begun(client, "new.png", 10)
    assert (await client.head(url)).status_code == 404
    assert not await pool.fetchval("select count(*) from upload_parts where upload = $1", id)
