"""Picture posts: the drawn files, what a platform takes, which addresses it can fetch, and what the approval covers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.errors import InvalidInput, PostRejected, RenderFailed
from reelwright.domain.formats import Platform, PostKind, VideoFormat
from reelwright.domain.publishing.pictures import alt_of
from reelwright.domain.publishing.posting import PostDraft, PostPicture, PublishTask
from reelwright.domain.publishing.quota import cost_of
from reelwright.platforms.common.pictures import check_pictures, require_public
from reelwright.render.picture.post_pictures import draw_pictures
from reelwright.storage.public import PublicAddresses

from .test_render_thumbnails import pictured

SHAPE = VideoFormat("432x540")


def asset(name: str = "a", size: int = 1_000, media_type: str = "image/jpeg") -> AssetRef:
    return AssetRef(key=f"{name * 2}/{name * 64}.jpg", sha256=name * 64, size=size, media_type=media_type)


def shown(width: int = 1080, height: int = 1350, alt: str = "", **file: Any) -> PostPicture:
    return PostPicture(file=asset(**file), width=width, height=height, alt=alt)


def draft(*pictures: PostPicture, platform: Platform = Platform.INSTAGRAM, **changes: Any) -> PostDraft:
    values = {"platform": platform, "account": "a", "title": "T", "description": "D", "marker": "m"}
    return PostDraft(**{**values, "kind": PostKind.PICTURES, "pictures": pictures, **changes})


# --- drawing ---------------------------------------------------------------------------------------------------------


def test_scenes_and_own_pictures_are_baseline_jpegs_of_one_shape(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (500, 700, 3), np.uint8)
    made = pictured(tmp_path, noise, np.full((600, 400, 3), (200, 40, 40), np.uint8))
    Image.fromarray(np.full((300, 300, 3), (20, 60, 200), np.uint8)).save(tmp_path / "own.png")
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    out.mkdir()
    files = {**made.files, "f" * 64: tmp_path / "own.png"}
    paths = draw_pictures(made.plan, SHAPE, [1, 0], ["f" * 64], files, scratch, out, most_bytes=100_000)
    images = []
    for path in paths:
        assert path.stat().st_size <= 100_000
        with Image.open(path) as image:
            assert image.format == "JPEG" and image.size == SHAPE.size and "progressive" not in image.info
            images.append(np.asarray(image.convert("RGB"), np.int16).mean(axis=(0, 1)))
    assert images[0][0] > images[0][2] + 50 and images[2][2] > images[2][0] + 50, "scene 2 first, the own one last"


def test_a_cards_whole_text_is_on_its_picture(tmp_path: Path) -> None:
    grey = np.full((600, 600, 3), 40, np.uint8)
    card = PictureCard(kind="list", items=("first", "second", "third"))
    made = pictured(tmp_path, grey, card=card)
    (tmp_path / "s").mkdir()
    [path] = draw_pictures(made.plan, SHAPE, [0], [], made.files, tmp_path / "s", tmp_path, most_bytes=10**6)
    with Image.open(path) as image:
        rows = np.asarray(image.convert("L"), np.int16).max(axis=1) > 150
    lines = int((np.diff(rows.astype(np.int8)) == 1).sum())
    assert lines >= 3, "each of the list's lines is seen"
    assert alt_of(made.plan.material, 0, 1_000).startswith("first; second; third. ")
    assert len(alt_of(made.plan.material, 0, 12)) <= 12


def test_a_scene_that_is_not_there_is_named(tmp_path: Path) -> None:
    made = pictured(tmp_path, np.zeros((300, 300, 3), np.uint8))
    with pytest.raises(RenderFailed, match="scene 8"):
        draw_pictures(made.plan, SHAPE, [7], [], made.files, tmp_path, tmp_path, most_bytes=10**6)


# --- limits and addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pictures", "field"),
    [
        ((), "pictures"),
        ((shown(),) * 11, "pictures"),
        ((shown(), shown(media_type="image/png")), "pictures[1]"),
        ((shown(size=8_000_001),), "pictures[0]"),
        ((shown(width=300, height=375),), "pictures[0]"),
        ((shown(width=1080, height=1920),), "pictures[0]"),
        ((shown(alt="x" * 1_001),), "pictures[0]"),
        ((shown(), shown(width=1080, height=1080)), "pictures[1]"),
    ],
)
def test_what_instagram_would_refuse_is_refused_by_its_field(pictures: tuple[PostPicture, ...], field: str) -> None:
    rules = Platform.INSTAGRAM.facts.pictures
    assert rules is not None
    with pytest.raises(PostRejected) as caught:
        check_pictures(draft(*pictures), rules, "Instagram")
    assert caught.value.field == field


REAL, SANDBOX = "https://graph.facebook.com", "http://127.0.0.1:8321"


@pytest.mark.parametrize(
    ("address", "api", "possible"),
    [
        ("https://media.example.org/aa/a.jpg", REAL, True),
        ("https://bucket.s3.amazonaws.com/a.jpg?X-Amz-Signature=1", REAL, True),
        ("http://media.example.org/a.jpg", REAL, False),
        ("https://127.0.0.1/a.jpg", REAL, False),
        ("https://10.1.2.3/a.jpg", REAL, False),
        ("https://minio/a.jpg", REAL, False),
        ("https://nas.local/a.jpg", REAL, False),
        ("https://[::1/a.jpg", REAL, False),
        ("http://127.0.0.1:8321/_files/a.jpg", REAL, False),
        ("http://127.0.0.1:8321/_files/a.jpg", SANDBOX, True),
        ("file:///etc/passwd", SANDBOX, False),
    ],
)
def test_only_an_address_that_the_platform_reaches_is_given_to_it(address: str, api: str, possible: bool) -> None:
    if possible:
        require_public(address, api, "Instagram")
        return
    with pytest.raises(PostRejected) as caught:
        require_public(address, api, "Instagram")
    assert caught.value.field == "REELWRIGHT_PUBLIC_MEDIA_URL"


async def test_a_folder_has_an_address_only_with_a_base() -> None:
    assert (
        await PublicAddresses(object(), "https://m.example/x/").address(asset()) == f"https://m.example/x/{asset().key}"
    )
    with pytest.raises(InvalidInput) as caught:
        await PublicAddresses(object()).address(asset())
    assert caught.value.field == "REELWRIGHT_PUBLIC_MEDIA_URL"


# --- the request, the quota, the approval ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "options", "told"),
    [
        *((name, {}, f"posts.{name}.kind: no picture posts on") for name in ("youtube", "tiktok", "bluesky")),
        ("x", {"kind": "video", "scenes": [1]}, 'only with kind = "pictures"'),
        ("x", {"scenes": [1], "pictures": [{"file": asset().model_dump()}]}, "give one of the two"),
        ("x", {"scenes": [2, 2]}, "named once"),
        ("x", {"scenes": [0]}, "greater than or equal to 1"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(platform: str, options: dict[str, Any], told: str) -> None:
    posts = {platform: {"kind": "pictures", **options}}
    with pytest.raises(ValidationError) as caught:
        ContentRequest.model_validate({"topic": "tides", "platforms": [platform], "posts": posts})
    assert told in str(caught.value)


def test_a_carousel_takes_a_container_for_each_picture_and_one_for_all() -> None:
    for count, containers in ((1, 1), (3, 4), (10, 11)):
        assert cost_of(draft(*[shown()] * count), "pictures") == {"posts": 1, "containers": containers}


def test_the_approval_covers_the_pictures_and_older_digests_stay() -> None:
    video = RenderedVideo(
        format=VideoFormat.TALL, file=asset("c"), width=1080, height=1920, fps=30, frames=30, duration_s=1.0
    )
    one, other = (
        PublishTask(content_id="c", key="k", draft=draft(shown(name=name)), video=video) for name in ("a", "b")
    )
    again = one.model_copy(update={"key": "another", "draft": one.draft.model_copy(update={"marker": "other"})})
    assert one.approval_digest == again.approval_digest != other.approval_digest
    assert one.total == 1_000
    assert "pictures" not in draft(kind=PostKind.VIDEO).model_dump(), "what was written before reads the same"
