"""The same short video made by others: one FFmpeg filter graph, and MoviePy. Same stills, motion, cross-fades,
captions, watermark, sound, x264 preset and rate factor.

The caption states are cut from the words alone (five at a time, the spoken one in another colour), so that nothing
here depends on the engine. MoviePy is given them as ready bitmaps, which spares it the drawing of text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont

from reelwright.domain.formats import VideoFormat
from reelwright.render.plan.timeline import SceneSpan, build_timeline
from reelwright.render.text.fonts import BOLD, SEMIBOLD, font

from .assets import Assets
from .tasks import SETTINGS

WORDS_AT_ONCE = 5
ZOOM = 0.08
"""Each scene is magnified by this much in its time."""


@dataclass(frozen=True)
class State:
    """A caption as it is seen from `start` to `end`, in seconds."""

    words: tuple[str, ...]
    spoken: int
    start: float
    end: float


def states(scene: SceneSpan) -> list[State]:
    """A state a word."""
    made = []
    for first in range(0, len(scene.words), WORDS_AT_ONCE):
        group = scene.words[first : first + WORDS_AT_ONCE]
        ends = [word.start for word in group[1:]] + [group[-1].end]
        texts = tuple(word.text for word in group)
        made += [
            State(texts, spoken, word.start, end) for spoken, (word, end) in enumerate(zip(group, ends, strict=True))
        ]
    return made


def graph_command(assets: Assets, format: VideoFormat, sound: Path, work: Path) -> list[str]:
    """One FFmpeg graph. `zoompan` places its window on whole pixels, which is seen as a tremble; it is given four times
    the pixels to choose from, which is how people avoid that."""
    timeline = build_timeline(assets.plan)
    width, height = format.size
    inputs: list[str] = []
    chains: list[str] = []
    for n, scene in enumerate(timeline.scenes):
        inputs += ["-i", str(assets.files[scene.picture.sha256])]
        across, down = 4 * width, 4 * height
        chains.append(
            f"[{n}:v]scale={across}:{down}:force_original_aspect_ratio=increase:flags=bicubic,crop={across}:{down},"
            f"zoompan=z='1+{ZOOM}*on/{scene.frames}':x='(iw-iw/zoom)*on/{scene.frames}':y='(ih-ih/zoom)/2'"
            f":d={scene.frames}:s={width}x{height}:fps={timeline.fps},setsar=1,format=yuv420p[s{n}]"
        )
    last = "s0"
    for n, scene in enumerate(timeline.scenes[1:], start=1):
        seconds, offset = scene.transition_in / timeline.fps, scene.first / timeline.fps
        chains.append(f"[{last}][s{n}]xfade=transition=fade:duration={seconds}:offset={offset}[x{n}]")
        last = f"x{n}"
    mark, subtitles = work / "mark.png", work / "captions.ass"
    _mark(mark, height)
    subtitles.write_text(_ass(timeline.scenes, width, height), "utf-8")
    count = len(timeline.scenes)
    # Run inside `work`: the names in the graph are our own and plain.
    chains.append(f"[{last}]ass=captions.ass[t];[t][{count}:v]overlay=W-w-40:40,format=yuv420p[v]")
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *inputs, "-i", str(mark), "-i", str(sound)),
        *("-filter_complex", ";".join(chains), "-map", "[v]", "-map", f"{count + 1}:a"),
        *("-c:v", "libx264", "-preset", SETTINGS.preset, "-crf", str(SETTINGS.crf), "-threads", "1"),
        *("-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", "-frames:v", str(timeline.frames)),
        str(work / "graph.mp4"),
    ]


def _ass(scenes: tuple[SceneSpan, ...], width: int, height: int) -> str:
    size = height // 16
    head = (
        f"[Script Info]\nPlayResX: {width}\nPlayResY: {height}\n\n[V4+ Styles]\n"
        "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, Bold, BorderStyle, Outline, Shadow, "
        "Alignment, MarginV\n"
        f"Style: d,Noto Sans,{size},&H00FFFFFF,&H00000000,1,1,3,2,2,{height // 7}\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Text\n"
    )
    lines = []
    for scene in scenes:
        for state in states(scene):
            words = [
                f"{{\\c&H38B9FF&}}{word}{{\\c&HFFFFFF&}}" if n == state.spoken else word
                for n, word in enumerate(state.words)
            ]
            lines.append(f"Dialogue: 0,{_clock(state.start)},{_clock(state.end)},d,{' '.join(words)}")
    return head + "\n".join(lines) + "\n"


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"0:{hundredths // 6000:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


def _mark(path: Path, height: int) -> None:
    face = font(height // 38, SEMIBOLD)
    box = face.getbbox("Reelwright")
    image = Image.new("RGBA", (int(box[2]) + 8, int(box[3]) + 8))
    ImageDraw.Draw(image).text((4, 2), "Reelwright", font=face, fill=(255, 255, 255, 150))
    image.save(path)


def moviepy_job(assets: Assets, format: VideoFormat, sound: Path, work: Path) -> Path:
    """Everything `moviepy_peer.py` needs, as a JSON file with bitmaps beside it."""
    timeline = build_timeline(assets.plan)
    width, height = format.size
    bold = font(height // 16, BOLD)
    captions = []
    for scene in timeline.scenes:
        for state in states(scene):
            path = work / f"caption-{len(captions)}.png"
            _caption(state, bold).save(path)
            captions.append({"image": str(path), "start": state.start, "end": state.end, "y": height * 6 // 7})
    _mark(work / "mark.png", height)
    job = {
        "size": [width, height],
        "fps": timeline.fps,
        "seconds": timeline.seconds,
        "zoom": ZOOM,
        "scenes": [
            {
                "image": str(assets.files[scene.picture.sha256]),
                "start": scene.first / timeline.fps,
                "seconds": scene.frames / timeline.fps,
                "fade": scene.transition_in / timeline.fps,
            }
            for scene in timeline.scenes
        ],
        "captions": captions,
        "mark": str(work / "mark.png"),
        "sound": str(sound),
        "preset": SETTINGS.preset,
        "crf": SETTINGS.crf,
        "out": str(work / "moviepy.mp4"),
    }
    path = work / "moviepy.json"
    path.write_text(json.dumps(job), "utf-8")
    return path


def _caption(state: State, face: ImageFont.FreeTypeFont) -> Image.Image:
    text = " ".join(state.words)
    box = face.getbbox(text, stroke_width=3)
    image = Image.new("RGBA", (int(box[2]) + 8, int(box[3]) + 8))
    draw = ImageDraw.Draw(image)
    at = 4.0
    for n, word in enumerate(state.words):
        fill = (255, 185, 56, 255) if n == state.spoken else (255, 255, 255, 255)
        draw.text((at, 2), word, font=face, fill=fill, stroke_width=3, stroke_fill=(0, 0, 0, 255))
        at += face.getlength(word + " ")
    return image
