"""Plans with their files, made here: pictures, voices and music, and everything rendered of them."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.content.style import BrandKit, RenderStyle
from reelwright.domain.content.video import Inspection, RenderJob, RenderPlan, Soundtrack
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.ports.rendering import EncodedVideo, MixedSound
from reelwright.render import LocalRenderer

RATE = 48_000
WIDE, TALL, SQUARE = VideoFormat("640x360"), VideoFormat("360x640"), VideoFormat.SQUARE
RENDERED = (WIDE, TALL, SQUARE)
"""One in full size; what the others are about does not hang on it."""
# The fastest preset: these tests are about what comes out, not how small it is.
RENDERER = LocalRenderer(preset="superfast")
TEXTS = ("Did you know? An octopus has three hearts.", "Its blood is blue & cold 🐙, because of copper!")
SHORT_TEXTS = ("One heart pumps.", "Two more help it.", "Blue blood, they say.", "And nine brains.")


def ignore(share: float) -> None:
    assert 0.0 <= share <= 1.0


def asset(path: Path) -> AssetRef:
    data = path.read_bytes()
    return AssetRef(key=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="x/y")


def write_wav(path: Path, samples: np.ndarray) -> Path:
    shaped = samples.reshape(len(samples), -1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(shaped.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((shaped.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def voice(words: tuple[WordTiming, ...], seconds: float, seed: int) -> np.ndarray:
    """A buzz per word."""
    samples = np.zeros(int(seconds * RATE))
    chance = np.random.default_rng(seed)
    for word in words:
        first, last = int(word.start * RATE), int(word.end * RATE)
        times = np.arange(last - first) / RATE
        buzz = np.sum([np.sin(2 * np.pi * 140 * k * times + k * k) / k for k in range(1, 16)], axis=0)
        samples[first:last] = 0.15 * buzz * np.sin(np.pi * np.linspace(0, 1, len(times))) ** 0.3
        samples[first:last] += chance.normal(0, 0.01, len(times))
    return samples


def picture(path: Path, seed: int, size: int = 700) -> Path:
    """Blobs of colour with fine grain."""
    chance = np.random.default_rng(seed)
    coarse = chance.uniform(40, 220, (7, 7, 3)).astype(np.float32)
    image = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC) + chance.normal(0, 1.5, (size, size, 1))
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(path)
    return path


@dataclass(frozen=True)
class Made:
    """A plan with its files."""

    plan: RenderPlan
    files: dict[str, Path]

    def picture_path(self, scene: int) -> Path:
        return self.files[self.plan.material.pictures[scene].image.sha256]


def make_plan(folder: Path, texts: tuple[str, ...] = TEXTS, *, pace: float = 0.13, silent: bool = False) -> Made:
    files: dict[str, Path] = {}

    def keep(path: Path) -> AssetRef:
        ref = asset(path)
        files[ref.sha256] = path
        return ref

    narrations, pictures = [], []
    for index, text in enumerate(texts):
        words = tuple(
            WordTiming(text=token, start=0.05 + position * pace, end=0.05 + (position + 0.85) * pace)
            for position, token in enumerate(text.split())
        )
        seconds = words[-1].end + 0.1
        samples = np.zeros(int(seconds * RATE)) if silent else voice(words, seconds, index)
        spoken = keep(write_wav(folder / f"voice{index}.wav", samples))
        narrations.append(Narration(scene=index, audio=spoken, duration_s=seconds, words=words, provider="t"))
        drawn = keep(picture(folder / f"picture{index}.png", index))
        pictures.append(Picture(scene=index, image=drawn, provider="t"))
    times = np.arange(2 * RATE) / RATE
    tune = np.stack([0.2 * np.sin(2 * np.pi * f * times) for f in (220.0, 330.0)], axis=1)
    music = keep(write_wav(folder / "music.wav", np.zeros_like(tune) if silent else tune))
    scenes = tuple(Scene(index=i, text=text, heading="A heading") for i, text in enumerate(texts))
    material = Material(
        story=Story(title="Three hearts & 'blue': blood %{x}", description="", scenes=scenes, writer="t"),
        narrations=tuple(narrations),
        pictures=tuple(pictures),
        music=Music(audio=music, duration_s=2.0, mood="calm", provider="t"),
    )
    plan = RenderPlan(
        content_id="t",
        material=material,
        formats=STANDARD_FORMATS,
        seed=3,
        style=RenderStyle(brand=BrandKit(watermark="Reelwright")),
    )
    return Made(plan, files)


def soundtrack_of(mixed: MixedSound, files: dict[str, Path]) -> Soundtrack:
    ref, encoded = asset(mixed.path), asset(mixed.encoded)
    files |= {ref.sha256: mixed.path, encoded.sha256: mixed.encoded}
    return Soundtrack(
        audio=ref,
        encoded=encoded,
        duration_s=mixed.duration_s,
        integrated_lufs=mixed.integrated_lufs,
        true_peak_dbtp=mixed.true_peak_dbtp,
    )


@dataclass(frozen=True)
class Rendered:
    """Everything made of one plan."""

    made: Made
    workdir: Path
    mixed: MixedSound
    soundtrack: Soundtrack
    videos: Mapping[VideoFormat, EncodedVideo]
    inspections: Mapping[VideoFormat, Inspection]

    def job(self, format: VideoFormat) -> RenderJob:
        return RenderJob(plan=self.made.plan, format=format, soundtrack=self.soundtrack)


def with_words(plan: RenderPlan, scene: int, text: str) -> RenderPlan:
    """The plan with another text, and so another length, in one scene."""
    material = plan.material
    words = tuple(WordTiming(text=t, start=0.3 * i, end=0.3 * i + 0.25) for i, t in enumerate(text.split()))
    narrations = list(material.narrations)
    narrations[scene] = narrations[scene].model_copy(update={"words": words, "duration_s": words[-1].end + 0.1})
    scenes = list(material.story.scenes)
    scenes[scene] = Scene(index=scene, text=text, heading=scenes[scene].heading)
    story = material.story.model_copy(update={"scenes": tuple(scenes)})
    return plan.model_copy(
        update={"material": material.model_copy(update={"story": story, "narrations": tuple(narrations)})}
    )


def with_picture(plan: RenderPlan, scene: int, image: AssetRef) -> RenderPlan:
    pictures = list(plan.material.pictures)
    pictures[scene] = pictures[scene].model_copy(update={"image": image})
    return plan.model_copy(update={"material": plan.material.model_copy(update={"pictures": tuple(pictures)})})


def styled(plan: RenderPlan, **changes: object) -> RenderPlan:
    return plan.model_copy(update={"style": plan.style.model_copy(update=changes)})


def children() -> list[psutil.Process]:
    """What this process has started, and what that has: all but PostgreSQL's, whose workers come and go."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if child.name() != "postgres":
                found.append(child)
    return found
