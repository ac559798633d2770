"""What is measured, each as a process of its own: `python -m bench.render.tasks <task> <folder> [arguments]`.

This is the only module here that calls the engine, in the order of `RenderVideo`: cut a format, make its segments a
scene at a time, join them with the sound.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from itertools import groupby
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from reelwright.domain.content.video import FormatCut, RenderPlan, Segment
from reelwright.domain.formats import VideoFormat
from reelwright.render import LocalRenderer
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.mp4 import encode_pictures, planes_in
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.yuv import Planes

from .assets import Assets

SETTINGS = EncodeSettings(threads=1, preset="veryfast", crf=20)


def _quiet(share: float) -> None:
    """No one is watching."""


def load(work: Path) -> Assets:
    """The material, as `save` left it."""
    assets: Assets = pickle.loads((work / "assets.pickle").read_bytes())
    return assets


def save(assets: Assets, work: Path) -> None:
    """For the processes that are measured."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "assets.pickle").write_bytes(pickle.dumps(assets))


async def mix(work: Path) -> None:
    """`soundtrack.flac` and `.m4a`, once for all that is measured."""
    assets = load(work)
    await LocalRenderer().mix(assets.plan, assets.files, work, _quiet)


async def deliver(work: Path, formats: str, processes: str, sound: str) -> None:
    """Makes the segments that are not in `work` yet, `processes` at a time, and joins each format."""
    assets = load(work)
    async with LocalRenderer(SETTINGS.threads, SETTINGS.preset, SETTINGS.crf) as renderer:
        cuts = [await renderer.cut(assets.plan, VideoFormat(name)) for name in formats.split(",")]
        turn = asyncio.Semaphore(int(processes))

        async def make(cut: FormatCut) -> None:
            async with turn:
                await renderer.segments(assets.plan, cut, assets.files, work, _quiet)

        await asyncio.gather(*(make(task) for cut in cuts for task in _tasks(cut, work)))
        for cut in cuts:
            parts = [(segment_path(work, segment), segment.frames) for segment in cut.segments]
            await renderer.join(assets.plan, cut.format, parts, Path(sound), work, _quiet)


async def studio(work: Path, formats: str) -> None:
    """The whole of `RenderVideo` on real servers."""
    from .studio import run

    await run(load(work), work, tuple(VideoFormat(name) for name in formats.split(",")))


def segment_path(work: Path, segment: Segment) -> Path:
    """Where the engine puts a segment."""
    return work / f"{segment.digest}.mp4"


def _tasks(cut: FormatCut, work: Path) -> list[FormatCut]:
    """What is missing, a scene and the transition that leads to it at a time, the longest first: as the studio does."""
    missing = [segment for segment in cut.segments if not segment_path(work, segment).exists()]
    groups = [tuple(group) for _, group in groupby(missing, key=lambda segment: segment.name)]
    return sorted((cut.model_copy(update={"segments": group}) for group in groups), key=lambda task: -task.frames)


def cut_of(plan: RenderPlan, name: str) -> FormatCut:
    """The segments of a format."""
    return asyncio.run(LocalRenderer(SETTINGS.threads, SETTINGS.preset, SETTINGS.crf).cut(plan, VideoFormat(name)))


async def single(work: Path, name: str, sound: str) -> None:
    """One format as one segment, in one pass of one encoder, in all else as `deliver` does it: what segments are
    compared with."""
    assets, format = load(work), VideoFormat(name)
    async with LocalRenderer(SETTINGS.threads, SETTINGS.preset, SETTINGS.crf) as renderer:
        cut = await renderer.cut(assets.plan, format)
        whole = Segment(digest="single", first=0, frames=cut.frames, name="all")
        paths = await renderer.segments(
            assets.plan, cut.model_copy(update={"segments": (whole,)}), assets.files, work, _quiet
        )
        await renderer.join(assets.plan, format, [(paths["single"], cut.frames)], Path(sound), work, _quiet)


def compose(work: Path, name: str) -> None:
    """All composed frames of a format as raw planes, for `encode`."""
    assets = load(work)
    composer = Composer(assets.plan, VideoFormat(name), assets.files)
    planes = Planes.empty(*VideoFormat(name).size)
    with (work / "frames.yuv").open("wb") as file:
        for number in range(composer.timeline.frames):
            composer.draw(number, planes)
            for plane in planes:
                file.write(plane.data)


def encode(work: Path, name: str, threads: str) -> None:
    """PyAV encodes the frames of `compose` with so many threads of x264, 0 for as many as it takes by itself; with
    `read`, they are only read, to find what that costs."""
    width, height = VideoFormat(name).size
    path = work / "frames.yuv"
    size = width * height * 3 // 2
    frames = path.stat().st_size // size
    ends = [0, width * height, width * height * 5 // 4, size]
    data = np.empty(size, np.uint8)
    with path.open("rb", buffering=0) as file:

        def draw(number: int, out: Planes) -> None:
            file.seek(number * size)
            assert file.readinto(data) == size
            for plane, first, last in zip(out, ends, ends[1:], strict=False):
                np.copyto(plane, data[first:last].reshape(plane.shape))

        if threads != "read":
            settings = SETTINGS.model_copy(update={"threads": int(threads)})
            encode_pictures(draw, range(frames), (width, height), work / "encoded.mp4", settings, _quiet)
        else:
            planes = planes_in(VideoFrame(width, height, "yuv420p"))
            for number in range(frames):
                draw(number, planes)


def main() -> None:
    """Runs one task."""
    name, work, *args = sys.argv[1:]
    tasks = {
        **{"mix": mix, "deliver": deliver, "single": single, "compose": compose, "encode": encode},
        "studio": studio,
    }
    task = tasks[name]
    result = task(Path(work), *args)
    if asyncio.iscoroutine(result):
        asyncio.run(result)


if __name__ == "__main__":
    main()
