"""Whatever the timeline, the file agrees with it to the frame; and the same timeline gives the same bytes.

Real mixes, compositions, encodes and inspections of random plans, in the smallest sizes there are."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.content.style import BrandKit, RenderStyle
from reelwright.domain.content.video import RenderJob, RenderPlan, Soundtrack
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import FRAME_RATES, VideoFormat
from reelwright.domain.ports.rendering import EncodedVideo
from reelwright.render import LocalRenderer
from reelwright.render.encode import inspection
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from tests.depth import some_of

RATE = 48_000
SIZES = ("256x256", "320x240", "240x426")
WORDS = ("hearts", "of", "an", "octopus", "&", "three", "blue")


@dataclass(frozen=True)
class Shape:
    """What is left to chance: seconds of each scene, frame rate, transition, size, cards."""

    scenes: tuple[float, ...]
    fps: int
    transition: str
    size: str
    intro: bool
    outro: bool
    seed: int


SHAPES = st.builds(
    Shape,
    # Odd on purpose: no length is a whole number of frames.
    scenes=st.lists(st.floats(0.05, 1.4), min_size=1, max_size=6).map(tuple),
    fps=st.sampled_from(FRAME_RATES),
    transition=st.sampled_from(("crossfade", "dip", "wipe", "push")),
    size=st.sampled_from(SIZES),
    intro=st.sampled_from((False, False, True)),
    outro=st.sampled_from((False, False, True)),
    seed=st.integers(0, 2**31),
)


class Stock:
    """Stills, voices and music that any shape can be made of, written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        chance = np.random.default_rng(5)
        self.stills = []
        for number in range(3):
            coarse = chance.uniform(40, 220, (9, 9, 3)).astype(np.uint8)
            path = folder / f"still-{number}.png"
            Image.fromarray(coarse).resize((500, 400), Image.Resampling.BICUBIC).save(path)
            self.stills.append(self.keep(path))
        times = np.arange(2 * RATE) / RATE
        self.music = self.wav("music", 0.2 * np.sin(2 * np.pi * 220 * times))

    def keep(self, path: Path) -> AssetRef:
        data = path.read_bytes()
        ref = AssetRef(key=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="x/y")
        self.files[ref.sha256] = path
        return ref

    def wav(self, name: str, samples: np.ndarray) -> AssetRef:
        path = self.folder / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((samples * 32767).astype("<i2").tobytes())
        return self.keep(path)

    def voice(self, seconds: float) -> AssetRef:
        times = np.arange(max(int(seconds * RATE), 1)) / RATE
        buzz = np.sum([np.sin(2 * np.pi * 140 * k * times + k * k) / k for k in range(1, 12)], axis=0)
        return self.wav(f"voice-{seconds:.9f}", 0.12 * buzz)

    def plan(self, shape: Shape) -> RenderPlan:
        narrations, pictures, scenes = [], [], []
        for index, seconds in enumerate(shape.scenes):
            count = max(int(seconds / 0.3), 1)
            words = tuple(
                WordTiming(text=WORDS[n % len(WORDS)], start=n * seconds / count, end=(n + 0.9) * seconds / count)
                for n in range(count)
            )
            scenes.append(Scene(index=index, text=" ".join(word.text for word in words)))
            audio = self.voice(seconds)
            narrations.append(Narration(scene=index, audio=audio, duration_s=seconds, words=words, provider="t"))
            pictures.append(Picture(scene=index, image=self.stills[index % 3], provider="t"))
        brand = BrandKit(intro="Hearts" if shape.intro else "", outro="Bye" if shape.outro else "", watermark="R")
        style = RenderStyle(fps=shape.fps, transition=shape.transition, brand=brand)  # type: ignore[arg-type]
        return RenderPlan(
            content_id="t",
            material=Material(
                story=Story(title="Hearts", description="", scenes=tuple(scenes), writer="t"),
                narrations=tuple(narrations),
                pictures=tuple(pictures),
                music=Music(audio=self.music, duration_s=2.0, mood="calm", provider="t"),
            ),
            formats=(VideoFormat(shape.size),),
            seed=shape.seed,
            style=style,
        )


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return Stock(tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[LocalRenderer]:
    """One for all: its processes are started once."""
    async with fresh_renderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
async def other_renderer() -> AsyncIterator[LocalRenderer]:
    """With processes of its own."""
    async with fresh_renderer() as renderer:
        yield renderer


def fresh_renderer() -> LocalRenderer:
    return LocalRenderer(preset="superfast", crf=30)


async def render(
    renderer: LocalRenderer, stock: Stock, plan: RenderPlan, workdir: Path
) -> tuple[RenderJob, EncodedVideo]:
    workdir.mkdir(parents=True, exist_ok=True)
    mixed = await renderer.mix(plan, stock.files, workdir, lambda share: None)
    sound = stock.keep(mixed.path)
    soundtrack = Soundtrack(
        audio=sound,
        encoded=stock.keep(mixed.encoded),
        duration_s=mixed.duration_s,
        integrated_lufs=mixed.integrated_lufs,
        true_peak_dbtp=mixed.true_peak_dbtp,
    )
    job = RenderJob(plan=plan, format=plan.formats[0], soundtrack=soundtrack)
    return job, await renderer.render(job, stock.files, workdir, lambda share: None)


@dataclass(frozen=True)
class Read:
    """What a player finds: frames and their times, samples of sound."""

    frames: int
    times: list[float]
    samples: int
    fps: float


def read(path: Path) -> Read:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [float(frame.pts * frame.time_base) for frame in container.decode(stream)]
        fps = float(stream.average_rate)
    with av.open(str(path)) as container:
        # Sound beyond the container's own length is padding of the last AAC frame: players do not play it.
        stream = container.streams.audio[0]
        samples = round(float(stream.duration * stream.time_base) * RATE)
    return Read(len(times), times, samples, fps)


@settings(
    max_examples=some_of(5),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(shape=SHAPES)
async def test_any_timeline_gives_a_file_that_agrees_with_it(
    renderer: LocalRenderer, stock: Stock, shape: Shape
) -> None:
    plan = stock.plan(shape)
    timeline = build_timeline(plan)
    job, video = await render(renderer, stock, plan, stock.folder / "any")
    found = read(video.path)
    assert found.frames == timeline.frames == video.frames
    assert found.fps == shape.fps
    steps = np.diff(found.times) * shape.fps
    assert found.times[0] == 0.0 and np.allclose(steps, 1.0, atol=1e-3), "frames are not evenly spaced"
    with av.open(str(stock.files[job.soundtrack.audio.sha256])) as container:
        mixed = sum(frame.samples for frame in container.decode(audio=0))
    assert mixed == timeline.samples == timeline.frames * RATE // shape.fps
    # To the frame: of sound in MP4 that is one frame of AAC.
    assert abs(found.samples - timeline.samples) <= 1024
    measured = await renderer.inspect(job, video.path)
    assert measured.frames == timeline.frames
    assert measured.duration_s == pytest.approx(timeline.seconds, abs=0.5 / shape.fps)


@pytest.mark.parametrize(
    "shape",
    [
        Shape((0.7, 1.13, 0.31), 30, "crossfade", "256x256", False, False, 3),
        Shape((0.5,), 25, "wipe", "320x240", True, False, 9),
        Shape((0.333, 0.9), 60, "push", "240x426", False, False, 4),
    ],
)
@pytest.mark.sample(1)
async def test_the_same_timeline_gives_the_same_bytes(
    renderer: LocalRenderer, other_renderer: LocalRenderer, stock: Stock, shape: Shape
) -> None:
    plan = stock.plan(shape)
    digests = []
    for name, made_by in (("first", renderer), ("second", other_renderer)):
        job, video = await render(made_by, stock, plan, stock.folder / name)
        digests.append((job.soundtrack.audio.sha256, hashlib.sha256(video.path.read_bytes()).hexdigest()))
    assert digests[0] == digests[1]


async def test_a_file_of_another_timeline_is_refused(renderer: LocalRenderer, stock: Stock) -> None:
    one = Shape((0.6, 0.7), 30, "crossfade", "256x256", False, False, 1)
    job, video = await render(renderer, stock, stock.plan(one), stock.folder / "one")
    for other, reason in (
        (Shape((0.6, 0.8), 30, "crossfade", "256x256", False, False, 1), "were planned"),
        (Shape((0.6, 0.7), 25, "crossfade", "256x256", False, False, 1), "frame rate"),
        (Shape((0.6, 0.7), 30, "crossfade", "320x240", False, False, 1), "size is 256x256, not 320x240"),
    ):
        plan = stock.plan(other)
        wrong = job.model_copy(update={"plan": plan, "format": plan.formats[0]})
        with pytest.raises(RenderFailed, match=reason) as caught:
            await renderer.inspect(wrong, video.path)
        assert caught.value.field == f"video {other.size}"


def test_captions_outside_the_safe_area_are_found(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = stock.plan(Shape((1.2, 0.8), 30, "crossfade", "320x240", False, False, 2))
    format, timeline = plan.formats[0], build_timeline(plan)
    assert inspection._caption_faults(plan, format, timeline) == []
    layout = LAYOUTS[format]
    for wrong in (replace(layout, bottom=layout.caption_y), replace(layout, top=layout.caption_y)):
        monkeypatch.setattr(inspection, "LAYOUTS", {format: wrong})
        assert "outside the safe area" in inspection._caption_faults(plan, format, timeline)[0]
