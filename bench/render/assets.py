"""The material everything is measured on: 45 s in 8 scenes, grainy stills of 1536x1024, a voice and music.

The stills are sums of noise whose strength falls with its frequency, as in photographs, with edges and some grain on
top: harder for an encoder than drawings, easier than plain noise. All of it comes from fixed seeds.
"""

from __future__ import annotations

import hashlib
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.media import ClipFacts, SceneClip
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.content.style import BrandKit, RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat

RATE = 48_000
SECONDS, SCENES = 45.0, 8
STILL = (1536, 1024)
_SENTENCE = ("an", "octopus", "keeps", "three", "quiet", "hearts", "and", "blue", "copper", "blood", "below")
GRAIN = 20.0
"""Standard deviation of the stills' grain in code values: a grainy photograph. 5 is a clean one; 45 makes the encoder
work four times as hard as the composition, which is where the first measurements of this engine were made."""
_PACE_S = 0.33
CLIP, CLIP_RATE = (1920, 1080), 30
"""What most phones and cameras record: full HD, H.264 with B-frames and a key frame each second."""


@dataclass(frozen=True)
class Assets:
    """A plan and its files by sha256."""

    plan: RenderPlan
    files: dict[str, Path]

    def changed(self, scene: int, folder: Path) -> Assets:
        """The same with another picture for one scene."""
        path = folder / f"changed-{scene}.png"
        Image.fromarray(still(100 + scene)).save(path, compress_level=1)
        ref = _ref(path)
        pictures = tuple(
            picture.model_copy(update={"image": ref}) if picture.scene == scene else picture
            for picture in self.plan.material.pictures
        )
        material = self.plan.material.model_copy(update={"pictures": pictures})
        return Assets(self.plan.model_copy(update={"material": material}), {**self.files, ref.sha256: path})

    def filmed(self, folder: Path) -> Assets:
        """The same with a clip in place of each still: a camera that goes over it, as the engine's own does."""
        files, pictures = dict(self.files), []
        for number, picture in enumerate(self.plan.material.pictures):
            rgb = cv2.imread(str(self.files[picture.image.sha256]))[..., ::-1]
            seconds = self.plan.material.narrations[number].duration_s + 2.0
            path = _film(folder / f"clip-{number}.mp4", rgb, round(seconds * CLIP_RATE), backwards=number % 2 == 1)
            ref = _ref(path)
            files[ref.sha256] = path
            width, height = CLIP
            facts = ClipFacts(width=width, height=height, duration_s=seconds, fps=CLIP_RATE)
            pictures.append(picture.model_copy(update={"clip": SceneClip(file=ref, facts=facts)}))
        material = self.plan.material.model_copy(update={"pictures": tuple(pictures)})
        return Assets(self.plan.model_copy(update={"material": material}), files)


def still(seed: int, grain: float = GRAIN) -> np.ndarray:
    """height x width x 3, uint8."""
    chance = np.random.default_rng(seed)
    width, height = STILL
    image = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 9):
        across = 2**octave
        layer = chance.normal(0, 1, (max(across * height // width, 2), across, 3)).astype(np.float32)
        # Colours change slowly, brightness quickly.
        layer = layer * (0.35 if octave < 5 else 0.12) + layer.mean(axis=2, keepdims=True)
        image += cv2.resize(layer, (width, height), interpolation=cv2.INTER_CUBIC) * 34 / 1.55 ** (octave - 2)
    for _ in range(12):
        centre = int(chance.integers(0, width)), int(chance.integers(0, height))
        shade = [float(value) for value in chance.uniform(-45, 45, 3)]
        mask = np.zeros((height, width), np.float32)
        cv2.circle(mask, centre, int(chance.integers(40, 220)), 1.0, -1, lineType=cv2.LINE_AA)
        image += mask[..., None] * np.array(shade, np.float32)
    image += 118 + chance.normal(0, grain, (height, width, 1)).astype(np.float32)
    return image.clip(0, 255).astype(np.uint8)


def make_assets(folder: Path, *, scenes: int = SCENES, seconds: float = SECONDS, grain: float = GRAIN) -> Assets:
    """Writes stills, voices and music; the timeline of the plan lasts `seconds` to the frame."""
    files: dict[str, Path] = {}
    # 0.4 s before the first word, 0.4 s between two scenes, 1.2 s at the end: the rest is spoken.
    spoken = (seconds - 0.4 - 0.4 * (scenes - 1) - 1.2) / scenes
    lengths = [round(spoken * 30) / 30] * scenes
    lengths[-1] = round((spoken * scenes - sum(lengths[:-1])) * 30) / 30

    def keep(path: Path) -> AssetRef:
        ref = _ref(path)
        files[ref.sha256] = path
        return ref

    narrations, pictures, texts = [], [], []
    for scene, length in enumerate(lengths):
        words = _words(length)
        texts.append(
            Scene(index=scene, text=" ".join(word.text for word in words), heading=f"Heart number {scene + 1}")
        )
        voice = keep(_wav(folder / f"voice-{scene}.wav", _voice(words, length, scene)[:, None]))
        narrations.append(Narration(scene=scene, audio=voice, duration_s=length, words=words, provider="bench"))
        path = folder / f"still-{scene}.png"
        Image.fromarray(still(scene, grain)).save(path, compress_level=1)
        pictures.append(Picture(scene=scene, image=keep(path), provider="bench"))
    times = np.arange(8 * RATE) / RATE
    tones = [[0.1 * np.sin(2 * np.pi * f * times) for f in chord] for chord in ((220, 277, 330), (220, 330, 440))]
    music = keep(_wav(folder / "music.wav", np.stack([np.sum(chord, axis=0) for chord in tones], axis=1)))
    material = Material(
        story=Story(title="Three hearts", description="", scenes=tuple(texts), writer="bench"),
        narrations=tuple(narrations),
        pictures=tuple(pictures),
        music=Music(audio=music, duration_s=8.0, mood="calm", provider="bench"),
    )
    style = RenderStyle(brand=BrandKit(watermark="Reelwright"))
    plan = RenderPlan(content_id="bench", material=material, formats=STANDARD_FORMATS, seed=7, style=style)
    return Assets(plan, files)


def formats() -> tuple[VideoFormat, ...]:
    """The three that are delivered."""
    return STANDARD_FORMATS


def _film(path: Path, rgb: np.ndarray, frames: int, *, backwards: bool) -> Path:
    width, height = CLIP
    scale = 1.12 * max(width / rgb.shape[1], height / rgb.shape[0])
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=CLIP_RATE, options={"crf": "20", "preset": "veryfast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            gone = number / frames
            gone = 1.0 - gone if backwards else gone
            zoom = scale * (1.0 + 0.06 * gone)
            left, top = 0.02 * width * (1.0 + gone), 0.05 * height
            move = np.array([[zoom, 0.0, -left], [0.0, zoom, -top]], np.float32)
            seen = cv2.warpAffine(rgb, move, CLIP, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(seen), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, CLIP_RATE)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return path


def _words(length: float) -> tuple[WordTiming, ...]:
    count = max(int((length - 0.1) / _PACE_S), 1)
    return tuple(
        WordTiming(text=_SENTENCE[n % len(_SENTENCE)], start=0.05 + n * _PACE_S, end=0.05 + (n + 0.85) * _PACE_S)
        for n in range(count)
    )


def _voice(words: tuple[WordTiming, ...], length: float, seed: int) -> np.ndarray:
    samples = np.zeros(round(length * RATE))
    for word in words:
        first, last = int(word.start * RATE), int(word.end * RATE)
        times = np.arange(last - first) / RATE
        buzz = np.sum([np.sin(2 * np.pi * (130 + seed) * k * times + k * k) / k for k in range(1, 16)], axis=0)
        samples[first:last] = 0.15 * buzz * np.sin(np.pi * np.linspace(0, 1, len(times))) ** 0.3
    return samples


def _wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def _ref(path: Path) -> AssetRef:
    data = path.read_bytes()
    return AssetRef(key=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="x/y")
