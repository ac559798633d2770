"""The list of posts: every publication has its line, whatever one of them does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from control import posts_listing
from control.posts_listing import PostRow, posts_listed
from control.resolve import Content
from control.temporal.port import CallFailed, Code, QueryFailed, RunStatus
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PublicationStatus, PublishedPost

RUNNING, CANCELED = RunStatus.RUNNING, RunStatus.CANCELED
COMPLETED, TIMED_OUT = RunStatus.COMPLETED, RunStatus.TIMED_OUT


def run(content_id: str, status: RunStatus, stage: str, day: int) -> Mock:
    attributes = {"ReelContentId": content_id, "ReelPlatform": "x", "ReelStage": stage}
    return Mock(
        id=f"content-{content_id}/publish/x/default", run_id="r", status=status,
        start_time=datetime(2026, 11, day, tzinfo=UTC), attributes=attributes,
    )  # fmt: skip


def answer(content_id: str, stage: str, **fields: Any) -> PublicationStatus:
    return PublicationStatus(content_id=content_id, platform=Platform.X, account="default", stage=stage, **fields)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lists runs whose answers are given by content id: a status, an error, or None for one that never answers."""

    async def asked(answers: dict[Mock, Any], **filters: Any) -> dict[str, PostRow]:
        by_id = {each.id: each for each in answers}

        async def newest(client: Any, query: str, limit: int) -> dict[str, Mock]:
            return by_id

        async def described(client: Any, workflow_id: str) -> Mock:
            return by_id[workflow_id]

        async def status_of(handle: str, timeout: Any) -> PublicationStatus:
            given = answers[by_id[handle]]
            if given is None:
                await asyncio.Event().wait()
            if isinstance(given, Exception):
                raise given
            return given  # type: ignore[no-any-return]

        monkeypatch.setattr(posts_listing, "newest_runs", newest)
        monkeypatch.setattr(posts_listing, "described", described)
        monkeypatch.setattr(posts_listing, "status_of", status_of)
        monkeypatch.setattr(posts_listing, "ALL_WITHIN_S", 0.2)
        client = Mock()
        client.handle = lambda workflow_id, result_type: workflow_id
        options = {"content": None, "platform": None, "stage": None, "limit": 10, **filters}
        rows = (await posts_listed(client, None, **options)).rows
        assert [row.started for row in rows] == sorted((row.started for row in rows), reverse=True)
        return {row.content_id: row for row in rows}

    return asked


async def test_one_that_cannot_be_asked_has_a_line_that_says_so(ask: Any) -> None:
    post = PublishedPost(post_id="1", url="https://x.com/i/status/1")
    rows = await ask(
        {
            run("fine", COMPLETED, "posted", 1): answer("fine", "posted", post=post),
            run("late", RUNNING, "waiting_quota", 2): CallFailed("late", Code.DEADLINE_EXCEEDED),
            run("stuck", RUNNING, "parked", 3): QueryFailed("task\nfailed"),
            run("silent", RUNNING, "armed", 4): None,
        }
    )
    assert (rows["fine"].url, rows["fine"].error) == (post.url, "")
    assert {name: row.stage for name, row in rows.items()} == {
        "fine": "posted", "late": "waiting_quota", "stuck": "parked", "silent": "armed",
    }  # fmt: skip
    assert all("does not answer" in rows[name].error for name in ("late", "silent"))
    assert rows["stuck"].error == "it cannot be asked: task failed" and rows["stuck"].account == "default"


async def test_what_has_ended_waits_for_nothing(ask: Any) -> None:
    waiting = {"detail": "quota is spent", "until": datetime(2026, 12, 1, tzinfo=UTC), "wants": "wait"}
    rows = await ask(
        {
            run("cancelled", CANCELED, "waiting_quota", 1): answer("cancelled", "waiting_quota", **waiting),
            run("late", TIMED_OUT, "parked", 2): CallFailed("gone", Code.NOT_FOUND),
            run("waits", RUNNING, "waiting_quota", 3): answer("waits", "waiting_quota", **waiting),
        }
    )
    assert (rows["cancelled"].stage, rows["cancelled"].detail, rows["cancelled"].wants) == ("cancelled", "", "")
    assert rows["cancelled"].as_json()["until"] == "" and rows["late"].stage == "timed_out"
    assert (rows["waits"].stage, rows["waits"].detail) == ("waiting_quota", "quota is spent")


async def test_a_stage_is_the_one_that_is_shown(ask: Any) -> None:
    runs = {
        run("cancelled", CANCELED, "waiting_quota", 1): answer("cancelled", "waiting_quota"),
        run("waits", RUNNING, "waiting_quota", 2): answer("waits", "waiting_quota"),
    }
    assert set(await ask(runs, stage="waiting_quota")) == {"waits"}
    assert set(await ask(runs, stage="cancelled")) == {"cancelled"}
    with pytest.raises(InvalidInput, match="unknown stage"):
        await ask(runs, stage="x' OR ReelStage = 'y")


def test_only_checked_words_get_into_a_query() -> None:
    query = posts_listing._query(Content("tides", "my 'own' id"), Platform.X, "parked", "kids")
    assert query == "ReelPlatform = 'x' AND ReelStage = 'parked' AND ReelContentId = 'tides' AND ReelChannel = 'kids'"
