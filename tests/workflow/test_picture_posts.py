"""Picture posts: what cannot be posted is refused before anything is made, and what is posted is what was drawn."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from temporalio.client import WorkflowFailureError

from reelwright.domain.content.request import ContentRequest, OwnPicture, PostOptions
from reelwright.domain.content.status import Stage
from reelwright.domain.formats import Platform, PostKind
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import PostDraft, UploadProgress, UploadSession

from .conftest import ONE_FORMAT, FakeStudio
from .fake_platforms import FakePlatform


class PicturePlatform(FakePlatform):
    """A platform with picture posts that keeps what it is sent."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        facts = platform.facts.pictures
        assert facts is not None
        self.pictures: PictureRules = facts
        self.drafts: list[PostDraft] = []
        self.sent: list[bytes] = []

    def check_address(self, address: str) -> None:
        raise AssertionError(f"no address is made in these tests, and {address} came")

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str]) -> PostKind:
        self.drafts.append(draft)
        return draft.kind

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        self.sent = [await files.read(picture.file) for picture in draft.pictures]
        return await super().upload(draft, session, files, checkpoint)


def wanted(**options: object) -> ContentRequest:
    own = PostOptions.model_validate({"kind": "pictures", **options})
    return ContentRequest(
        script="A scene.\n\nAnother one.\n\nA third.",
        auto_approve=True,
        formats=ONE_FORMAT,
        platforms=(Platform.X,),
        posts={Platform.X: own},
    )


async def test_scenes_are_posted_in_the_order_that_is_asked_for(studio: FakeStudio) -> None:
    platform = studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    platform.lose_reply = 1
    result = await (await studio.start(wanted(scenes=[3, 1]), "content-carousel")).result()
    assert result.status is Stage.DONE
    assert studio.renderer.calls["pictures 2,0"] == 1
    draft = platform.drafts[-1]
    assert [picture.alt for picture in draft.pictures] == ["A third.", "A scene."]
    assert platform.sent == [b"picture 2", b"picture 0"]
    assert draft.kind is PostKind.PICTURES and not draft.captions and draft.thumbnail is None
    assert len(platform.posts) == 1, "the lost answer was looked up"


async def test_no_more_scenes_than_the_platform_takes(studio: FakeStudio) -> None:
    platform = studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    request = wanted().model_copy(update={"script": "\n\n".join(f"Scene number {n}." for n in range(6))})
    assert (await (await studio.start(request)).result()).status is Stage.DONE
    assert len(platform.drafts[-1].pictures) == 4


async def test_own_pictures_are_posted_with_their_texts(studio: FakeStudio) -> None:
    platform = studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    stored = await studio.media.put_bytes(b"mine", "image/png")
    request = wanted(pictures=[OwnPicture(file=stored, alt="My cat")])
    assert (await (await studio.start(request)).result()).status is Stage.DONE
    assert [picture.alt for picture in platform.drafts[-1].pictures] == ["My cat"]
    assert platform.sent == [b"own picture " + stored.sha256.encode()]


@pytest.mark.parametrize(
    ("platform", "options", "named"),
    [
        (Platform.INSTAGRAM, {}, "REELWRIGHT_PUBLIC_MEDIA_URL"),
        (Platform.X, {"scenes": [1, 2, 3, 4, 5]}, "5 pictures is more than X's 4"),
    ],
)
async def test_what_cannot_be_posted_is_refused_before_anything_is_made(
    studio: FakeStudio, platform: Platform, options: dict[str, object], named: str
) -> None:
    studio.platforms[platform] = PicturePlatform(platform)
    own = PostOptions.model_validate({"kind": "pictures", **options})
    request = wanted().model_copy(update={"platforms": (platform,), "posts": {platform: own}})
    handle = await studio.start(request)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert named in str(failure.value.cause)
    assert not studio.makers.calls


async def test_a_scene_that_does_not_exist_is_named(studio: FakeStudio) -> None:
    studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    with pytest.raises(WorkflowFailureError) as failure:
        await (await studio.start(wanted(scenes=[9]))).result()
    assert "there is no scene 9" in str(failure.value.cause)
