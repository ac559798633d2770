"""Delivered files carry their mark: made by the pool's own activities, read back by the library's reader."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from temporalio.testing import ActivityEnvironment

from activities.rendering.finished import Finishing, FinishVideo
from activities.rendering.rendering import Rendering
from activities.rendering.stills import DrawThumbnails
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.finished import DeliveryRules
from reelwright.domain.content.media import TakenPicture
from reelwright.domain.content.story import OWN
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.content.video import InspectJob, JoinJob, RenderedVideo, RenderPlan, Thumbnail
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.marking import SourceType
from reelwright.domain.ports.marking import MARK_BYTES
from reelwright.domain.publishing.pictures import DrawPictures, PictureOrder
from reelwright.marking.identity import signing
from reelwright.marking.marker import C2paMarker
from reelwright.marking.reading import read_mark
from reelwright.render import LocalRenderer
from reelwright.render.finished.finisher import LocalFinisher
from reelwright.storage.media import LocalMediaStore
from tests.workflow.fakes import MemoryCatalog

from .made import SHORT_TEXTS, make_plan

FORMAT = VideoFormat("270x480")
run = ActivityEnvironment().run


@dataclass(frozen=True)
class Marked:
    """A small content with one drawn scene and one of the user's own, rendered, and what it was rendered with."""

    rendering: Rendering
    root: Path
    plan: RenderPlan
    join: JoinJob
    unmarked: RenderedVideo
    video: RenderedVideo
    thumbnails: tuple[Thumbnail, ...]

    def path(self, ref: AssetRef) -> Path:
        return self.root / "media" / ref.key


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[LocalRenderer]:
    async with LocalRenderer(preset="superfast") as kept:
        yield kept


@pytest.fixture(scope="module")
async def marked(tmp_path_factory: pytest.TempPathFactory, renderer: LocalRenderer) -> Marked:
    root = tmp_path_factory.mktemp("marked")
    made = make_plan(root, SHORT_TEXTS[:2], pace=0.2)
    material = made.plan.material
    drawn, own = material.pictures
    material = material.model_copy(
        update={
            "pictures": (drawn.model_copy(update={"provider": "drawn"}), own.model_copy(update={"provider": OWN})),
            "narrations": tuple(n.model_copy(update={"provider": "piper joe"}) for n in material.narrations),
        }
    )
    media = LocalMediaStore(root / "media")
    types = {".png": "image/png", ".wav": "audio/wav"}
    refs = {sha: await media.put(path, types[path.suffix]) for sha, path in made.files.items()}
    given = made.plan.model_copy(update={"formats": (FORMAT,), "material": material})
    plan = RenderPlan.model_validate_json(_named(given.model_dump_json(), refs))
    marker = C2paMarker(lambda: signing(None, None, root / "marking"))
    rendering = Rendering(MemoryCatalog(), media, renderer, root / "scratch", marker)
    soundtrack, cut = await run(rendering.mix_sound, plan), await run(rendering.plan_render, plan)
    files = [file for task in cut.tasks for file in (await run(rendering.render_segment, task)).files]
    by_digest = {file.digest: file for file in files}
    segments = tuple(by_digest[digest] for digest in cut.orders[0].digests)
    join = JoinJob(content_id="t", plan=cut.plan, format=FORMAT, segments=segments, soundtrack=soundtrack)
    before = Rendering(MemoryCatalog(), media, renderer, root / "scratch")  # as the last release made it
    unmarked = await run(before.join_format, join)
    video = await run(rendering.join_format, join)
    thumbnails = (await run(rendering.draw_thumbnails, DrawThumbnails(plan=plan, format=FORMAT))).images
    return Marked(rendering, root, plan, join, unmarked, video, thumbnails)


def _named(text: str, refs: dict[str, AssetRef]) -> str:
    """The plan's JSON with the keys that the media store gave its files."""
    plan = RenderPlan.model_validate_json(text).model_dump(mode="json")

    def walk(value: object) -> object:
        if isinstance(value, dict):
            if value.get("sha256") in refs:
                return refs[str(value["sha256"])].model_dump(mode="json")
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    return RenderPlan.model_validate(walk(plan)).model_dump_json()


async def test_the_marked_file_is_the_file_that_is_measured_and_posted(marked: Marked) -> None:
    path = marked.path(marked.video.file)
    found = read_mark(path)
    assert (found.state, found.reasons, found.sha256) == ("valid", (), marked.video.file.sha256)
    assert found.sources[0] == SourceType.COMPOSITE_TRAINED and len(found.material_sha256) == 64
    assert [part.title.partition(" (")[0] for part in found.ingredients] == [
        "own picture", "picture by drawn", "narration: 2 by piper joe", "music by t",
    ]  # fmt: skip
    assert found.signer is not None and "self-made" in found.signer.name
    size = path.stat().st_size
    assert size == marked.video.file.size and 0 < size - marked.unmarked.file.size < 8_000
    # It passes the inspection of every delivered file, and pictures and sound are what they were.
    join = marked.join
    job = InspectJob(plan=marked.plan, video=marked.video, soundtrack=join.soundtrack, segments=join.segments)
    assert (await run(marked.rendering.inspect_video, job)).frames == marked.video.frames
    assert marked.path(marked.unmarked.file).read_bytes()[-9_000:] == path.read_bytes()[-9_000:]


def test_thumbnails_are_signed_and_say_it_in_xmp_too(marked: Marked) -> None:
    assert len(marked.thumbnails) == 3
    for thumbnail in marked.thumbnails:
        found = read_mark(marked.path(thumbnail.file))
        assert (found.state, found.sha256) == ("valid", thumbnail.file.sha256)
        assert found.sources[0] == found.iptc_source == SourceType.COMPOSITE_SYNTHETIC


async def test_one_changed_byte_fails(marked: Marked, tmp_path: Path) -> None:
    for ref, where in ((marked.video.file, 0.5), (marked.video.file, 0.99), (marked.thumbnails[0].file, 0.9)):
        data = bytearray(marked.path(ref).read_bytes())
        data[int(len(data) * where)] ^= 1
        changed = tmp_path / f"changed{marked.path(ref).suffix}"
        changed.write_bytes(data)
        found = read_mark(changed)
        assert found.state == "invalid" and "Hash.mismatch" in found.reasons[0]


async def test_another_attempt_gives_the_same_file(marked: Marked) -> None:
    """A signature has random parts; the first one counts."""
    assert await run(marked.rendering.join_format, marked.join) == marked.video
    again = await run(marked.rendering.draw_thumbnails, DrawThumbnails(plan=marked.plan, format=FORMAT))
    assert again.images == marked.thumbnails


async def test_what_an_earlier_release_rendered_keeps_its_files(marked: Marked) -> None:
    catalog = MemoryCatalog()
    before = replace(marked.rendering, catalog=catalog, marker=None)
    made = await run(before.join_format, marked.join)
    assert made == marked.unmarked and read_mark(marked.path(made.file)).state == "unmarked"
    assert await run(replace(marked.rendering, catalog=catalog).join_format, marked.join) == made


async def test_pictures_of_posts_are_signed_but_for_the_users_own(marked: Marked, tmp_path: Path) -> None:
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (100, 100, 3), np.uint8)).save(tmp_path / "own.png")
    file = await marked.rendering.media.put(tmp_path / "own.png", "image/png")
    order = PictureOrder(format=VideoFormat("432x540"), most=3, most_bytes=60_000, alt_chars=100)
    own = (TakenPicture(file=file, alt="Noise"),)
    drawn = DrawPictures(plan=marked.plan, order=order, scenes=(1, 0), own=own)
    made = (await run(marked.rendering.draw_pictures, drawn)).pictures
    found = [read_mark(marked.path(picture.file)) for picture in made]
    assert [one.state for one in found] == ["unmarked", "valid", "unmarked"]
    assert [one.iptc_source for one in found] == ["", SourceType.ALGORITHMIC, ""]
    assert max(one.size for one in found) <= order.most_bytes and order.most_bytes > MARK_BYTES


async def test_a_finished_video_is_signed_where_it_is_declared(marked: Marked) -> None:
    source = marked.video.file
    finishing = Finishing(
        MemoryCatalog(), marked.rendering.media, LocalFinisher(), marked.root / "scratch", marked.rendering.marker
    )
    job = FinishVideo(
        content_id="f",
        format=VideoFormat(f"{marked.video.width}x{marked.video.height}"),
        media=StoredMedia.model_construct(name="own.mp4", used=source),
        rules=DeliveryRules.of((Platform.YOUTUBE,)),
    )
    assert (await run(finishing.finish_video, job)).video.file == source, "as it was given"
    declared = job.model_copy(update={"content_id": "g", "made_with_ai": True, "title": "Tides"})
    made = await run(finishing.finish_video, declared)
    path = marked.path(made.video.file)
    found = read_mark(path)
    assert (found.state, found.title, found.manifests) == ("valid", "Tides", 2), "the file's own manifest is kept"
    assert [action.action for action in found.actions] == ["c2pa.opened", "c2pa.edited"]
    assert found.sources == (SourceType.COMPOSITE_TRAINED,) and found.ingredients[0].relationship == "parentOf"
    assert sha256(path.read_bytes()).hexdigest() == made.video.file.sha256
    assert read_mark(marked.path(made.thumbnail.file)).iptc_source == SourceType.COMPOSITE_TRAINED
    assert await run(finishing.finish_video, declared) == made
