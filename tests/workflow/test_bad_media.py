"""Every own file that cannot be used, from the command line and through Temporal: the same line, before anything is
made. The process that looks at files is tested in tests/unit/test_own_media.py; here its functions are called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.taken import NamedMedia
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ports.rendering import Progress
from reelwright.providers.own import intake as intakes
from reelwright.providers.own.clips import look_at_clip
from reelwright.providers.own.intake import OwnIntake
from reelwright.providers.own.limits import BadMedia, Limits
from reelwright.providers.own.looked import Looked
from reelwright.providers.own.pictures import look_at_picture
from starter.inputs import Asked, request_of
from tests import own_samples as samples

from . import conftest
from .conftest import FakeStudio
from .fakes import MemoryMedia, MemoryMediaBook
from .test_content_pipeline import SCRIPT
from .test_picture_posts import PicturePlatform

pytestmark = pytest.mark.lengthy


@dataclass(frozen=True)
class Bad:
    """A file `name`, which `make` writes, in the place `where`; `said` is the line without the field."""

    name: str
    make: Callable[[Path], object]
    where: str
    said: str
    fields: dict[str, Any] = field(default_factory=dict)


def far_apart(path: Path, *, options: dict[str, str] | None = None, sound_streams: int = 0) -> Path:
    """A clip that lasts more than an hour, of ten frames."""
    return samples.clip(path, pts=lambda n: n * 400_000, options=options, sound_streams=sound_streams)


FINISHED = {"title": "Tides"}
BAD = [
    Bad(
        "huge.png",
        lambda p: p.write_bytes(samples.png_of(12_000, 12_000)),
        "media",
        "huge.png: 12,000 x 12,000 pixels are more than 50 megapixels; save it smaller, at 4096 a side",
    ),
    Bad(
        "dot.png",
        lambda p: p.write_bytes(samples.saved(samples.picture((1, 1)), "PNG")),
        "media",
        "dot.png: 1 x 1 pixels are too few; give a picture of at least 64 a side",
    ),
    Bad(
        "half.jpg",
        lambda p: p.write_bytes(samples.saved(samples.picture((400, 300)), "JPEG")[:-400]),
        "media",
        "half.jpg: the picture is damaged or cut off (image file is truncated (7 bytes not processed)); "
        "save or send it again",
    ),
    Bad(
        "wrong.jpg",
        lambda p: p.write_bytes(samples.saved(samples.picture(), "PNG")),
        "media",
        "wrong.jpg is of the type image/png, which its name does not say; name it after what it is, or give the file "
        "that its name says",
    ),
    Bad(
        "many.gif",
        lambda p: p.write_bytes(samples.gif_of(4_000)),
        "media",
        "many.gif: it is animated with 4,000 frames, more than 1,000; save it as a video (MP4), or cut it",
    ),
    Bad(
        "empty.avi",
        lambda p: samples.clip(p, seconds=0, codec="mpeg4"),
        "media",
        "empty.avi: it has no frames; record or export it again",
    ),
    Bad(
        "endless.mkv",
        lambda p: far_apart(p, options={"live": "1"}),
        "intro",
        "endless.mkv: it goes on for more than 3,600 s; cut it",
    ),
    Bad(
        "sizes.ts",
        samples.two_sizes,
        "outro",
        "sizes.ts: its frames change from 96 x 64 to 128 x 96 pixels after 1.0 s; export it at one size",
    ),
    Bad("song.wav", samples.sound, "media", "song.wav is an audio file; give a picture or a video clip"),
    Bad(
        "blip.wav",
        lambda p: samples.sound(p, seconds=0.5),
        "music",
        "blip.wav is 0.50 s long, shorter than a second; give a longer piece; it is looped where the video is longer",
    ),
    Bad(
        "silent.wav",
        lambda p: samples.sound(p, loud=0),
        "narration",
        "silent.wav is silent; record it again, or leave it out",
    ),
    Bad("quiet.wav", lambda p: samples.sound(p, loud=0), "music", "quiet.wav is silent; give a piece with sound"),
    Bad(
        "shape.mp4",
        lambda p: samples.clip(p, sound_streams=1),
        "video",
        "shape.mp4 has 96x64 pixels, which is not 9:16; name it by its own format, or give another file",
        FINISHED,
    ),
    Bad(
        "long.mp4",
        lambda p: far_apart(p, sound_streams=1),
        "video",
        "long.mp4: it goes on for more than 3,600 s; cut it",
        FINISHED,
    ),
    Bad(
        "two.mp4",
        lambda p: samples.clip(p, size=(72, 128), sound_streams=2),
        "video",
        "two.mp4 has 2 audio streams, not one audio stream; leave the one that is to be heard",
        FINISHED,
    ),
    Bad(
        "none.mp4",
        lambda p: samples.clip(p, size=(72, 128)),
        "video",
        "none.mp4 has no sound, not one audio stream; give it one, silent if it must be",
        FINISHED,
    ),
    Bad("moving.mp4", samples.clip, "posts", "moving.mp4 is a clip without sound; give a picture"),
]
FIELDS = {
    "media": "media.1",
    "narration": "narration.file",
    "music": "music.file",
    "video": "video.9:16",
    "posts": "posts.x.pictures.1.file",
}


class Folder:
    """A bucket that is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None:
        to.write_bytes((self._folder / url.rpartition("/")[2]).read_bytes())


async def looked(path: Path, *, name: str, field: str, workdir: Path, limits: Limits, progress: Progress) -> Looked:
    """As the looking process does it."""

    def look() -> Looked:
        found = look_at_picture(path, workdir, limits, progress)
        return found or look_at_clip(path, workdir, limits, progress)

    try:
        return await asyncio.to_thread(look)
    except BadMedia as error:
        raise InvalidInput(f"{name}: {error.reason}", field=field, remedy=error.remedy) from error


def typed(bad: Bad, folder: Path) -> Asked:
    """The options that name the file."""
    path = folder / bad.name
    if bad.where == "video":
        return Asked(video=[f"9:16={path}"], title="Tides")
    script = folder / "talk.md"
    script.write_text(SCRIPT)
    if bad.where == "media":
        numbered = folder / f"of-{path.stem}" / f"01{path.suffix}"
        numbered.parent.mkdir()
        numbered.write_bytes(path.read_bytes())
        return Asked(script=script, media=numbered.parent)
    if bad.where == "posts":
        posts = folder / "posts.toml"
        posts.write_text(f'[x]\nkind = "pictures"\npictures = [{{ file = "{bad.name}", alt = "a" }}]\n')
        return Asked(script=script, posts=posts, platforms=["x"])
    return Asked(script=script, **{bad.where: str(path)})


def sent(bad: Bad) -> dict[str, Any]:
    """What is given to `temporal workflow start`."""
    address = f"s3://files/{bad.name}"
    match bad.where:
        case "video":
            return {"video": {"9:16": address}, **bad.fields}
        case "media":
            return {"script": SCRIPT, "media": {"1": {"file": address}}}
        case "posts":
            posts = {"x": {"kind": "pictures", "pictures": [{"file": address, "alt": "a"}]}}
            return {"script": SCRIPT, "platforms": ["x"], "posts": posts}
        case other:
            return {"script": SCRIPT, other: {"file": address}}


def line(bad: Bad, error: str, *, named: str = "") -> str:
    """The line without its field, with the file's own name. The field is checked."""
    place = FIELDS.get(bad.where, bad.where)
    assert error.startswith((f"{place}: ", f"{place}.file: ", f"{bad.where}: ")), error
    assert "\n" not in error
    return error.partition(": ")[2].replace(named or bad.name, bad.name)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with all of them, which is what the workers' only bucket has."""
    monkeypatch.setattr(intakes, "look", looked)
    folder = tmp_path / "files"
    folder.mkdir()
    for bad in BAD:
        bad.make(folder / bad.name)
    sources = {"s3": Folder(folder)}
    monkeypatch.setattr(conftest, "own_intake", lambda media, book: OwnIntake(book, media, sources, Limits()))
    return folder


async def test_every_bad_file_is_refused_with_the_same_line_everywhere(files: Path, studio: FakeStudio) -> None:
    intake = OwnIntake(MemoryMediaBook(), MemoryMedia(), {}, Limits())
    expected = {bad.name: bad.said for bad in BAD}
    on_the_line = {}
    for bad in BAD:
        asked = typed(bad, files)
        _, request = request_of(asked)
        with pytest.raises(InvalidInput) as refused:
            await asked.own.take_in(NamedMedia.of(request), intake)
        named = f"01{Path(bad.name).suffix}" if bad.where == "media" else ""
        on_the_line[bad.name] = line(bad, str(refused.value), named=named)
    assert on_the_line == expected
    studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    handles = {bad.name: await studio.start(sent(bad), formats=None) for bad in BAD}
    through_temporal = {}
    for bad in BAD:
        with pytest.raises(WorkflowFailureError) as failed:
            await handles[bad.name].result()
        cause = failed.value.cause
        assert isinstance(cause, ApplicationError) and cause.type == "InvalidInput"
        through_temporal[bad.name] = line(bad, cause.message)
        status: PipelineStatus = await handles[bad.name].query("status", result_type=PipelineStatus)
        assert status.stage is Stage.FAILED and status.error == cause.message
    assert through_temporal == expected
    assert not studio.makers.calls and not studio.renderer.calls
