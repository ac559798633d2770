"""Batches from the page: everything checked before anything starts, the same form twice is one batch."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from control.batches import rows_of
from control.temporal.port import Start
from reelwright.domain.batches import ItemOutcome, ItemState
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.storage.batches import PostgresBatches
from tests.console_app import PERSONS, NoTemporal, app_of, browsing


class Recorder(NoTemporal):
    """Temporal, as far as batches ask it."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.signals: list[tuple[str, str]] = []

    async def start(self, workflow_type: str, value: Any, how: Start, *, result_type: Any) -> None:
        assert workflow_type == "Batch" and how.joins
        self.started.append(how.id)

    def handle(self, id: str, result_type: type[Any]) -> Any:
        recorder = self

        class Handle:
            async def signal(self, name: str, value: Any = None) -> None:
                recorder.signals.append((id, name))

        return Handle()


TABLE = 'topic,channel,platforms,max_usd\nWhy bees dance,,youtube tiktok,1.5\n"Salt, a history",,none,\n'


async def test_a_table_is_one_batch_however_often_it_is_sent(pool: Any) -> None:
    temporal, key = Recorder(), uuid.uuid4().hex[:16]
    async with browsing(app_of(pool=pool, temporal=temporal, caller=PERSONS[Role.OPERATOR])) as client:
        first = await client.post("/batches", data={"table": TABLE, "key": key})
        again = await client.post("/batches", data={"table": TABLE, "key": key})
        assert first.status_code == again.status_code == 303, first.text
        assert first.headers["location"] == again.headers["location"] == f"/batches/{key}"
        page = (await client.get(first.headers["location"])).text
        assert "Why bees dance" in page and "Salt, a history" in page and "0 of 2 items" in page
        assert (await client.post(f"/batches/{key}/pause")).status_code == 303
        assert (await client.post(f"/batches/{key}/explode")).status_code == 422
        assert key in (await client.get("/batches")).text
    assert set(temporal.started) == {f"batch-{key}"} and temporal.signals == [(f"batch-{key}", "pause")]
    rows = await pool.fetch("select request, content_id from batch_items where batch = $1 order by number", key)
    assert [len(row["content_id"]) > 8 for row in rows] == [True, True]
    assert await pool.fetchval("select who from audit where subject = $1", f"batch/{key}") == "operator@example.org"


async def test_one_wrong_line_starts_nothing_and_all_problems_are_told(pool: Any) -> None:
    temporal = Recorder()
    wrong = TABLE + "<b>x</b>,no such name,,\nfine,,myspace,\nfine,,,a lot\n"
    async with browsing(app_of(pool=pool, temporal=temporal)) as client:
        answer = await client.post("/batches", data={"table": wrong, "key": uuid.uuid4().hex[:16]})
    assert answer.status_code == 422 and temporal.started == []
    for line, field in ((3, "channel"), (4, "platforms"), (5, "max_usd")):
        assert f'Line {line}, <span class="code">{field}' in answer.text, answer.text
    assert "Salt, a history" in answer.text, "what was pasted is kept"


async def test_a_selection_is_a_batch(pool: Any) -> None:
    temporal, key = Recorder(), uuid.uuid4().hex[:16]
    async with browsing(app_of(pool=pool, temporal=temporal)) as client:
        data = {"ids": ["content-a", "content-b", "content-a"], "action": "cancel", "key": key}
        assert (await client.post("/batches/act", data=data)).headers["location"] == f"/batches/{key}"
        for given in ({"action": "approve"}, {"action": "start"}, {"ids": []}, {"key": "../../x"}):
            answer = await client.post("/batches/act", data={**data, "key": uuid.uuid4().hex[:16], **given})
            assert answer.status_code == 422, given
    assert await pool.fetchval("select count(*) from batch_items where batch = $1", key) == 2


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", "does not name"), ("topic,colour\na,b", "colour"), ("topic,topic\na,b", "does not name"),
        ("topic\n", "no line below"), ("topic\na,b", "2 cells"), ('topic\n"a', "cannot be read"),
        ("topic\n" + "a\n" * 1_001, "1,001 items"), ("topic\n" + "a" * 2_100_000, "too long"),
    ],
    ids=["empty", "unknown", "twice", "head alone", "more cells", "quote", "long", "large"],
)  # fmt: skip
def test_a_table_that_is_none_is_refused(table: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        rows_of(table)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_tables_of_spreadsheets_are_read(mark: str) -> None:
    table = "\ufeff" + mark.join(("Topic", "Channel")) + "\r\n" + mark.join(('"A ""b"" c"', "x")) + "\r\n\r\n"
    assert rows_of(table) == [{"topic": 'A "b" c', "channel": "x"}]


async def test_a_viewer_starts_none(pool: Any) -> None:
    async with browsing(app_of(pool=pool, caller=PERSONS[Role.VIEWER])) as client:
        assert (await client.post("/batches", data={"table": TABLE, "key": "k" * 16})).status_code == 403
        page: httpx.Response = await client.get("/batches")
        assert page.status_code == 200 and "Start many" not in page.text


async def test_batches_are_news(pool: Any) -> None:
    async def told(id: str) -> int:
        return int(await pool.fetchval("select count(*) from news where kind = 'batches' and key = $1", id))

    key = uuid.uuid4().hex[:16]
    async with browsing(app_of(pool=pool, temporal=Recorder())) as client:
        await client.post("/batches", data={"table": TABLE, "key": key})
    made = await told(key)
    assert made == 1
    await PostgresBatches(pool).ended(key, 1, ItemOutcome(state=ItemState.DONE))
    assert await told(key) == made + 1
