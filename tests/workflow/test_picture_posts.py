"""Picture posts: what cannot be posted is refused before anything is made, and what is posted is what was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError

from reelwright.domain.content.media import OwnPicture
from reelwright.domain.content.request import ContentRequest, PostOptions
from reelwright.domain.content.status import Stage
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.formats import Platform, PostKind
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import PostDraft, UploadProgress, UploadSession
from tests import own_samples as samples
from workflows.publishing.distribution import NO_VIDEOS

from .conftest import ONE_FORMAT, FakeStudio
from .fake_platforms import FakePlatform
from .fakes import own_intake
from .test_content_pipeline import question


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


async def added(studio: FakeStudio, folder: Path) -> StoredMedia:
    """A picture that the user has added."""
    path = folder / "cat.png"
    path.write_bytes(samples.saved(samples.picture(), "PNG"))
    intake = own_intake(studio.media, studio.own)
    return await intake.add(path, name="cat.png", field="file", workdir=folder, progress=lambda share: None)


@pytest.mark.lengthy
async def test_own_pictures_are_shown_to_the_reviewer_judged_and_posted(studio: FakeStudio, tmp_path: Path) -> None:
    platform = studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    stored = await added(studio, tmp_path)
    request = wanted(pictures=[OwnPicture(file=stored.file, alt="My cat")]).model_copy(update={"auto_approve": False})
    handle = await studio.start(request)
    asked = await question(handle)
    assert "X, picture 1: own picture: My cat" in asked.pictures
    [(_, context)] = studio.makers.judged
    assert context is not None and context.texts["x picture 1"] == "My cat"
    decision = {"decision": "approve", "reviewer": "e", "artifact_sha256": asked.artifact_sha256}
    await handle.signal("review", decision)
    assert (await handle.result()).status is Stage.DONE
    assert [picture.alt for picture in platform.drafts[-1].pictures] == ["My cat"]
    assert platform.sent == [b"own picture " + stored.file.sha256.encode()]


async def test_own_pictures_of_another_kind_are_refused_before_anything(studio: FakeStudio, tmp_path: Path) -> None:
    studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    unknown = {"key": f"aa/{'a' * 64}.png", "sha256": "a" * 64, "size": 9, "media_type": "image/png"}
    with pytest.raises(WorkflowFailureError) as failure:
        await (await studio.start(wanted(pictures=[{"file": unknown}]))).result()
    assert "posts.x.pictures.1.file: no file with the sha256 aaaaaaaaaaaa… is stored; add it" in str(
        failure.value.cause
    )
    assert not studio.makers.calls


@pytest.mark.parametrize("also", [(), (Platform.YOUTUBE,)], ids=["pictures alone", "a video too"])
async def test_videos_are_rendered_only_where_one_is_posted(studio: FakeStudio, also: tuple[Platform, ...]) -> None:
    studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    request = wanted(scenes=[1]).model_copy(update={"platforms": (Platform.X, *also)})
    result = await (await studio.start(request)).result()
    assert result.status is Stage.DONE and [post.status for post in result.posts] == ["posted"] * (1 + len(also))
    assert bool(result.videos) == bool(also)
    assert (NO_VIDEOS in result.notes) == (not also)
    assert bool(studio.renderer.calls["cut"]) == bool(also)


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
