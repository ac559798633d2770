"""What control is told by Temporal is the same through the SDK and through the HTTP API, on the real server."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from control import contents, operations
from control.listing import contents_listed, reviews_listed
from control.publications import find, publication, retry, wake_publications
from control.resolve import resolve
from control.studio import Studio
from control.temporal.http import HttpClient
from control.temporal.port import AlreadyStarted, CallFailed, Client, Code, QueryFailed, RunFailed, RunStatus, Start
from control.temporal.sdk import SdkClient
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, Stage
from reelwright.domain.errors import InvalidInput, PostRejected, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostResult
from tests.servers import Servers

from .conftest import FakeStudio, eventually
from .test_content_pipeline import SCRIPT, question

ASKED = ContentRequest(script=SCRIPT, platforms=())
OTHER = ContentRequest(script="Quite another text.", platforms=())


async def never() -> SdkClient:
    raise AssertionError("the HTTP API was to answer by itself")


@pytest.fixture(params=["sdk", "http"])
def client(request: pytest.FixtureRequest, studio: FakeStudio, servers: Servers) -> Client:
    if request.param == "sdk":
        return studio.temporal
    return HttpClient(servers.need("temporal").http, studio.client.namespace, never)


@pytest.fixture(params=["sdk", "http"])
def either(request: pytest.FixtureRequest, studio: FakeStudio, servers: Servers) -> Client:
    """The same; what the API cannot answer, the SDK may."""
    if request.param == "sdk":
        return studio.temporal

    async def sdk() -> SdkClient:
        return studio.temporal

    return HttpClient(servers.need("temporal").http, studio.client.namespace, sdk)


async def waiting(studio: FakeStudio, client: Client, name: str) -> contents.Handle:
    """A content with an open question, started through the client."""
    content, new = await contents.start(client, None, name, ASKED)
    assert new
    await question(studio.client.get_workflow_handle(content.workflow_id))
    return contents.handle_of(client, content)


def test_numbers_and_names_are_temporals() -> None:
    from temporalio.client import WorkflowExecutionStatus
    from temporalio.service import RPCStatusCode

    assert {one.name: one.value for one in RunStatus} == {one.name: one.value for one in WorkflowExecutionStatus}
    assert {one.name: one.value for one in Code} == {one.name: one.value for one in RPCStatusCode if one.value}


async def test_a_content_is_started_found_listed_and_judged(studio: FakeStudio, client: Client) -> None:
    handle = await waiting(studio, client, name := f"judged-{type(client).__name__}")
    told = await studio.client.get_workflow_handle(f"content-{name}").describe()
    run = await handle.describe()
    assert (run.id, run.run_id, run.workflow_type) == (told.id, told.run_id, "ContentPipeline")
    assert (run.status, run.start_time, run.memo) == (RunStatus.RUNNING, told.start_time, await told.memo())
    assert await told.static_summary() == f"script: {contents.title_of(ASKED)}"
    assert run.attributes["ReelStage"] == "review" and run.attributes["ReelReview"] == "wanted"
    assert (await contents.start(client, None, name, ASKED))[1] is False
    with pytest.raises(InvalidInput, match="already belongs to another request"):
        await contents.start(client, None, name, OTHER)
    assert await handle.started_with(ContentRequest) == ASKED

    async def listed() -> bool:
        rows = {row.workflow_id: row for row in (await contents_listed(client, None, stage=None, limit=500)).rows}
        asked = [row.workflow_id for row in await reviews_listed(client, None)]
        return rows.get(handle.id) is not None and rows[handle.id].stage == "review" and handle.id in asked

    await eventually(listed)
    control = Studio(client, None, lambda: studio.media, no_layout)
    asked = await operations.question(control, name)
    with pytest.raises(InvalidInput, match="review: "):
        await contents.submit_review(
            handle, ReviewDecision(decision="approve", reviewer="ana", artifact_sha256="0" * 64)
        )
    assert asked.view.review is not None
    seen = asked.view.review.artifact_sha256
    verdict = ReviewDecision(decision="reject", reviewer="ana", note="no", artifact_sha256=seen)
    after = await contents.submit_review(handle, verdict)
    assert after.content_id == name
    result = await handle.result()
    assert isinstance(result, ContentResult) and result.status is Stage.REJECTED
    assert (await handle.describe()).status is RunStatus.COMPLETED
    assert (await operations.status(control, name)).view.stage == "rejected"


async def test_what_is_not_there_is_told_alike(studio: FakeStudio, client: Client) -> None:
    nobody = f"nobody-{uuid.uuid4().hex[:8]}"  # other tests of this process may have used a plain name
    handle = client.handle(f"content-{nobody}", ContentResult)
    calls: list[Callable[[], Awaitable[Any]]] = [
        handle.describe, lambda: handle.signal("resume"), handle.cancel, handle.result,
        lambda: handle.query("status", result_type=PipelineStatus),
        lambda: handle.update("submit_review", {}, result_type=PipelineStatus),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(CallFailed) as caught:
            await call()
        assert caught.value.code is Code.NOT_FOUND and "not found" in caught.value.message
    with pytest.raises(InvalidInput, match="is not running"):
        await contents.status_of(handle)
    with pytest.raises(InvalidInput, match="there is no content"):
        await resolve(client, None, nobody)
    with pytest.raises(CallFailed) as caught:
        async for _ in client.runs("Nonsense ="):
            raise AssertionError("a filter that says nothing found something")
    assert caught.value.code is Code.INVALID_ARGUMENT


async def test_refusals_and_ends_are_told_alike(studio: FakeStudio, client: Client) -> None:
    handle = await waiting(studio, client, "cancelled")
    with pytest.raises(QueryFailed, match="nope"):
        await handle.query("nope", result_type=PipelineStatus)
    with pytest.raises(InvalidInput, match="decision"):
        try:
            await handle.update("submit_review", {}, result_type=PipelineStatus)
        except Exception as error:
            raise InvalidInput(getattr(error, "message", "")) from error
    start = Start(id=handle.id, task_queue="nobody-serves-it", again="always", joins=False)
    with pytest.raises(AlreadyStarted, match="already started"):
        await client.start("ContentPipeline", {}, start, result_type=ContentResult)
    await contents.cancel(handle)
    with pytest.raises(contents.ContentFailed, match="it was cancelled"):
        await contents.result_of(handle)

    await client.start(
        "ContentPipeline", {}, Start(id="content-gone", task_queue="nobody-serves-it"), result_type=object
    )
    gone = client.handle("content-gone", ContentResult)
    with pytest.raises(CallFailed) as caught:
        await gone.query("status", result_type=PipelineStatus, timeout=timedelta(seconds=0.3))
    assert caught.value.code is Code.DEADLINE_EXCEEDED
    await studio.client.get_workflow_handle("content-gone").terminate(reason="its test is over")
    with pytest.raises(RunFailed) as ended:
        await gone.result()
    assert (ended.value.ending, ended.value.message) == ("terminated", "its test is over")
    assert "terminated (its test is over)" in str(contents.failure_of(ended.value, gone.id))

    bad = await client.start(
        "ContentPipeline", {"topic": 3}, Start(id="content-bad", task_queue="reelwright"), result_type=ContentResult
    )
    with pytest.raises(InvalidInput, match="topic"):
        await contents.result_of(bad)


async def test_a_publication_is_found_woken_and_tried_again(studio: FakeStudio, either: Client) -> None:
    """Its id has slashes, for which the server has no path: the SDK is asked."""
    studio.platforms[Platform.X].refuse = [PostRejected("not this", field="caption", remedy="change it")]
    request = ContentRequest(script="A scene.\n\nAnother one.", auto_approve=True, platforms=(Platform.X,))
    result: ContentResult = await (await studio.start(request, "content-again")).result()
    assert result.status is Stage.INCOMPLETE
    failed = await find(either, "again", Platform.X)
    with pytest.raises(InvalidInput, match="no publication on X"):
        await find(either, "nobody", Platform.X)
    again = await retry(either, failed)
    assert isinstance(await again.result(), PostResult)
    assert (await publication(either, "again", Platform.X).result()).status == "posted"
    assert await wake_publications(either, Platform.X) == 0


async def test_a_server_that_does_not_answer_is_told_as_before_and_then_as_away(
    studio: FakeStudio, servers: Servers
) -> None:
    async def refused() -> SdkClient:
        raise ProviderUnavailable("no Temporal server answers", field="TEMPORAL_ADDRESS")

    nobody = HttpClient("http://127.0.0.1:1", "default", refused)
    with pytest.raises(ProviderUnavailable, match="no Temporal server answers"):
        await nobody.handle("x", object).describe()
    away = HttpClient(servers.need("temporal").http, studio.client.namespace, refused)
    with pytest.raises(CallFailed):
        await away.handle("x", object).describe()
    with pytest.raises(CallFailed) as caught:  # an id with a slash needs the SDK
        await away.handle("x/y", object).describe()
    assert caught.value.code is Code.UNAVAILABLE


def no_layout(plan: Any) -> Any:
    raise AssertionError("no report is made here")
