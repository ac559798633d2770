"""What a content has from its channel is resolved once, and stays what it is however the channel changes."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from control.contents import start
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.accounts import AccountInfo
from workflows import policies, search
from workflows.content.pipeline import ContentPipeline

from .conftest import FakeStudio
from .resets import before_activity, reset
from .test_content_pipeline import SCRIPT, question

pytestmark = pytest.mark.lengthy


@pytest.fixture
def studio(studio: FakeStudio) -> FakeStudio:
    """With the accounts that the channels name."""
    for platform in (Platform.X, Platform.TIKTOK):
        for name in ("old", "new", "kids"):
            studio.accounts.known[platform, name] = AccountInfo(platform=platform, name=name)
    return studio


ASKED = {"script": SCRIPT, "channel": "kids", "formats": ["9:16"]}


def channel(account: str, **fields: Any) -> ChannelConfig:
    return ChannelConfig.model_validate({"name": "kids", "accounts": {"x": [account], "tiktok": [account]}, **fields})


async def told(handle: WorkflowHandle[Any, Any]) -> str:
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    return status.steps.get("channel", "")


async def approve(handle: WorkflowHandle[Any, Any], revision: int = 0) -> Any:
    seen = (await question(handle, revision)).artifact_sha256
    await handle.signal("review", {"decision": "approve", "reviewer": "e", "artifact_sha256": seen})
    return await handle.result()


def places(result: Any) -> set[tuple[Platform, str]]:
    return {(post.platform, post.account) for post in result.posts}


async def test_a_channel_that_changes_while_a_content_waits_changes_nothing_of_it(
    studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "REVISIONS_PER_RUN", 1)
    studio.channels.lines["kids"] = [(3, channel("old", languages=["de"]))]
    handle = await studio.start(ASKED, formats=None)
    assert (await question(handle)).revision == 0 and await told(handle) == "kids, version 3"
    assert studio.makers.languages == {"de"}
    studio.channels.lines["kids"] = [(4, channel("new", languages=["fr"]))]

    first_run = (await handle.describe()).run_id
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "script": SCRIPT + " And more."})
    await question(handle, 1)
    assert (await handle.describe()).run_id != first_run, "it went on in a new run"
    assert await told(handle) == "kids, version 3"
    handle = await reset(studio.client, handle.id, await before_activity(handle, "resolve_channel"))
    result = await approve(handle, 1)
    assert result.status is Stage.DONE and studio.makers.languages == {"de"}
    assert places(result) == {(Platform.X, "old"), (Platform.TIKTOK, "old")}

    later = await studio.start(ASKED, formats=None)
    assert places(await approve(later)) == {(Platform.X, "new"), (Platform.TIKTOK, "new")}
    assert await told(later) == "kids, version 4"


async def test_each_of_several_accounts_has_one_post_of_its_own(studio: FakeStudio) -> None:
    studio.channels.lines["kids"] = [(1, channel("kids", accounts={"x": ["old", "new"], "tiktok": ["kids"]}))]
    handle = await studio.start(ASKED, formats=None)
    result = await approve(handle)
    assert result.status is Stage.DONE
    assert places(result) == {(Platform.X, "old"), (Platform.X, "new"), (Platform.TIKTOK, "kids")}
    for platform, account in places(result):
        post = studio.client.get_workflow_handle(publish_workflow_id(result.content_id, platform.value, account))
        assert (await post.describe()).typed_search_attributes[search.CHANNEL] == "kids"
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    assert {"post to x (old)", "post to x (new)", "post to tiktok"} <= status.steps.keys()
    assert len({(post.platform, post.url) for post in result.posts}) == 3


async def test_channels_with_looks_and_accounts_of_their_own_go_side_by_side(studio: FakeStudio) -> None:
    for name, language, preset in (("kids", "de", "draft"), ("news", "fr", "standard")):
        config = channel(name, name=name, languages=[language], look={"preset": preset})
        studio.channels.lines[name] = [(1, config)]
        studio.accounts.known[Platform.X, name] = AccountInfo(platform=Platform.X, name=name)
        studio.accounts.known[Platform.TIKTOK, name] = AccountInfo(platform=Platform.TIKTOK, name=name)
    handles = [await studio.start({**ASKED, "channel": name}, formats=None) for name in ("kids", "news")]
    results = [await approve(handle) for handle in handles]
    assert [places(result) for result in results] == [
        {(Platform.X, name), (Platform.TIKTOK, name)} for name in ("kids", "news")
    ]
    assert studio.makers.languages == {"de", "fr"}


async def test_a_content_begun_before_anything_was_applied_stays_as_it_was(studio: FakeStudio) -> None:
    handle = await studio.start({**ASKED, "platforms": ["x"]}, formats=None)
    await question(handle)
    studio.channels.lines["kids"] = [(1, channel("new"))]
    handle = await reset(studio.client, handle.id, await before_activity(handle, "resolve_channel"))
    assert places(await approve(handle)) == {(Platform.X, "default")} and await told(handle) == ""


async def test_what_a_front_end_does_not_set_is_the_channels_and_what_it_sets_is_not(studio: FakeStudio) -> None:
    studio.channels.lines["kids"] = [(1, channel("kids", request={"auto_approve": True, "formats": ["1:1"]}))]
    request = ContentRequest.model_validate({**ASKED, "platforms": ["tiktok"], "formats": ["9:16"]})
    content, new = await start(studio.temporal, None, "sent", request)
    result = await studio.client.get_workflow_handle_for(ContentPipeline.run, content.workflow_id).result()
    assert new and places(result) == {(Platform.TIKTOK, "kids")}
    assert [video.format.value for video in result.videos] == ["9:16"]
    assert (await start(studio.temporal, None, "sent", request))[1] is False


async def test_a_request_that_does_not_go_with_its_channel_ends_before_a_word_is_written(studio: FakeStudio) -> None:
    studio.channels.lines["kids"] = [(2, channel("kids", languages=["de"]))]
    handle = await studio.start({**ASKED, "translations": {"de": "Die erste Szene ist hier."}}, formats=None)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError) and "channel kids, version 2" in cause.message
    assert studio.makers.calls.total() == 0
    assert [content["status"] for content in studio.catalog.contents.values()] == ["failed"]


async def test_a_story_is_judged_by_its_channels_policy_with_the_requests_own_texts(
    studio: FakeStudio,
) -> None:
    studio.channels.lines["kids"] = [(1, channel("kids", moderation="kids", request={"paid_partnership": True}))]
    handle = await studio.start({**ASKED, "platforms": ["x"], "posts": {"x": {"caption": "Count fish"}}}, formats=None)
    await question(handle)
    [(policy, context)] = studio.makers.judged
    assert policy == "kids" and context is not None
    assert (context.texts, context.paid_partnership) == ({"x caption": "Count fish"}, True)
    await handle.cancel()


async def test_a_policy_that_is_not_there_ends_the_content_before_a_word_is_written(studio: FakeStudio) -> None:
    studio.channels.lines["kids"] = [(1, channel("kids", moderation="strict"))]
    handle = await studio.start(ASKED, formats=None)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError) and "moderation: there is no policy 'strict'" in cause.message
    assert studio.makers.calls.total() == 0 and not studio.channels.contents
