"""The catalog on a real PostgreSQL: contents, results, costs, decisions."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import VideoFormat
from reelwright.storage.catalog import PostgresCatalog

from .filing import FILE, OTHER_SHA, SHA, fresh, open_content, record


async def test_open_content_claims_id_and_key(catalog: PostgresCatalog, pool: Any) -> None:
    first, second, key = fresh(), fresh(), fresh()
    await open_content(catalog, first, key=key)
    await open_content(catalog, first, key=key)
    with pytest.raises(InvalidInput) as caught:
        await open_content(catalog, first, sha=OTHER_SHA)
    assert caught.value.field == "content_id" and caught.value.remedy
    with pytest.raises(InvalidInput) as caught:
        await open_content(catalog, second, key=key)
    assert caught.value.field == "request_key" and first in str(caught.value)
    assert await pool.fetchval("select count(*) from content where id = any($1)", [first, second]) == 1


async def test_twenty_open_the_same_at_once(catalog: PostgresCatalog, pool: Any) -> None:
    key, ids = fresh(), [fresh() for _ in range(20)]
    answers = await asyncio.gather(*(open_content(catalog, i, key=key) for i in ids), return_exceptions=True)
    assert answers.count(None) == 1
    assert all(isinstance(a, InvalidInput) and a.field == "request_key" for a in answers if a is not None)


@pytest.mark.parametrize(
    ("end", "after"), [("failed", "running"), ("cancelled", "running"), ("done", "done"), ("rejected", "rejected")]
)
async def test_opening_again_reopens_what_failed(catalog: PostgresCatalog, pool: Any, end: str, after: str) -> None:
    content_id = fresh()
    await open_content(catalog, content_id)
    await catalog.close_content(content_id, status=end, result_json="{}")
    await open_content(catalog, content_id)
    assert await pool.fetchval("select status from content where id = $1", content_id) == after


async def test_closing_keeps_the_result_and_its_videos(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    video = RenderedVideo(
        format=VideoFormat.TALL, file=FILE, width=1080, height=1920, fps=30, frames=300, duration_s=10.0
    )
    result = ContentResult(content_id=content, workflow_id="w", status=Stage.DONE, videos=(video,))
    for _ in range(2):
        await catalog.close_content(content, status="done", result_json=result.model_dump_json())
    assert await catalog.videos(content) == {"9:16": FILE}
    stored = await pool.fetchval("select result from content where id = $1", content)
    assert ContentResult.model_validate_json(stored) == result
    with pytest.raises(InvalidInput, match="not an end"):
        await catalog.close_content(content, status="writing", result_json="{}")
    with pytest.raises(InvalidInput) as caught:
        await catalog.close_content("nobody", status="done", result_json="{}")
    assert caught.value.field == "content_id"


async def test_first_result_wins_and_is_paid_once(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    key = f"{content}/speech/1"
    assert await catalog.find_result(key) is None
    told = await asyncio.gather(*(record(catalog, key, content, json.dumps({"n": n})) for n in range(20)))
    assert len(set(told)) == 1
    assert await catalog.find_result(key) == told[0]
    assert await catalog.costs(content) == {"speech": 0.1}
    assert await pool.fetchval("select count(*) from result_assets where result_key = $1", key) == 1


async def test_costs_add_up_to_the_millionth(catalog: PostgresCatalog, content: str) -> None:
    for n in range(10):
        await record(catalog, f"{content}/speech/{n}", content, "{}", usd=0.1 if n else 0.000001)
    assert await catalog.costs(content) == {"speech": 0.900001}
    for bad in (-1.0, float("nan"), float("inf"), 1e9):
        with pytest.raises(InvalidInput) as caught:
            await record(catalog, f"{content}/bad", content, "{}", usd=bad)
        assert caught.value.field == "usd"
    assert await catalog.find_result(f"{content}/bad") is None


async def test_result_text_comes_back_exactly(catalog: PostgresCatalog, content: str) -> None:
    text = '{"b": 1,  "a": "\\u0000 \' ; drop table content; -- ünïcødé \U0001f419"}'
    await record(catalog, f"{content}/x", content, text)
    assert await catalog.find_result(f"{content}/x") == text


async def test_values_that_cannot_be_stored_are_typed_errors(catalog: PostgresCatalog, content: str) -> None:
    odd = FILE.model_copy(update={"key": "../x"})
    for key, step, result, assets in (
        ("a\0b", "s", "{}", ()),
        ("k", "s\0", "{}", ()),
        ("k", "s", "not json", ()),
        ("k", "s", "{}", (odd,)),
    ):
        with pytest.raises(InvalidInput):
            await catalog.record_result(
                key, content_id=content, step=step, result_json=result, assets=assets, provider="p", usd=0
            )
    assert await catalog.find_result("k") is None
    with pytest.raises(InvalidInput, match="there is no content"):
        await record(catalog, "k", "nobody", "{}")


async def test_decision_is_kept_once(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    for note in ("first", "second"):
        await catalog.record_decision(
            f"{content}/review/1",
            content_id=content,
            kind="review",
            decision="approve",
            by="Ana",
            note=note,
            artifact_sha256=SHA,
        )
    assert await pool.fetch("select note from decisions where content_id = $1", content) == [("first",)]


async def test_every_final_stage_can_be_filed(catalog: PostgresCatalog, pool: Any) -> None:
    for stage in (stage for stage in Stage if stage.final):
        id = fresh()
        await catalog.open_content(id, workflow_id=id, request_json="{}", request_sha256="0" * 64, request_key=None)
        await catalog.close_content(id, status=stage.value, result_json="{}")
        assert await pool.fetchval("select status from content where id = $1", id) == stage.value
