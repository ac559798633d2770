"""What a publication does about an error is on the error's class, not in a list of names."""

from __future__ import annotations

from reelwright.domain.content.request import ContentRequest, PostOptions
from reelwright.domain.content.status import Stage
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostState
from reelwright.platforms.linkedin.errors import Denied

from .conftest import FakeStudio
from .test_publishing import in_stage, publication

REQUEST = ContentRequest(script="A scene.\n\nAnother one.", auto_approve=True)


class Embargoed(ReelwrightError):
    """An error that no release has known: certainly nothing was posted, and nothing will be."""

    retryable, certain, waits_for = False, True, ""


async def test_an_error_that_an_adapter_derived_is_waited_out_as_what_it_is(studio: FakeStudio) -> None:
    studio.youtube.refuse = [Denied("the token lacks a permission", field="account")]
    handle = await studio.start(REQUEST, "content-denied")
    post = await publication(studio, "denied")
    status = await in_stage(post, "needs_authorization")
    assert "authorise YouTube" in status.wants
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE
    assert (studio.youtube.calls["publish"], studio.youtube.calls["reconcile"]) == (2, 0)


async def test_a_new_error_that_is_certain_and_final_ends_the_publication_at_once(studio: FakeStudio) -> None:
    studio.youtube.refuse = [Embargoed("until Monday")]
    result = await (await studio.start(REQUEST, "content-embargoed")).result()
    assert (result.status, result.posts[0].error) == (Stage.INCOMPLETE, "until Monday")
    assert (studio.youtube.calls["publish"], studio.youtube.calls["reconcile"]) == (1, 0)
    (row,) = studio.posts.rows.values()
    assert row.state is PostState.FAILED and row.armed_at is None, "nothing came of the arming, and the row says so"


async def test_a_new_error_of_an_extra_is_a_note_and_the_extra_may_be_added_later(studio: FakeStudio) -> None:
    async def refuse(*_: object) -> str:
        raise Embargoed("no comments until Monday")

    studio.youtube.attach = refuse  # type: ignore[method-assign]
    request = REQUEST.model_copy(update={"posts": {Platform.YOUTUBE: PostOptions(first_comment="What do you think?")}})
    result = await (await studio.start(request, "content-silent")).result()
    assert result.status is Stage.DONE
    assert result.posts[0].notes == ("comment: no comments until Monday",)
    assert not [key for key in studio.effects.rows if key.endswith("/extra/comment")], "it certainly did not happen"
