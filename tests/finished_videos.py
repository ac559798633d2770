"""Small finished videos, as a user may have them: encoded by the FFmpeg program, with speech by espeak-ng."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

from reelwright.providers.speech.espeak import EspeakSpeaker

SAID = "The moon pulls at the sea. Twice a day the water comes and goes."
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
AAC = ("-c:a", "aac", "-ac", "2")


async def spoken(folder: Path, text: str = SAID) -> Path:
    """A WAV file of `text`."""
    path = folder / "spoken.wav"
    path.write_bytes((await EspeakSpeaker().speak(text, language="en")).wav)
    return path


def video(
    path: Path,
    *codecs: str,
    size: str = "360x640",
    seconds: float = 4,
    rate: int = 25,
    sounds: tuple[str, ...] = ("sine=220",),
    filters: str = "null",
) -> Path:
    """Moving pictures with each of the sounds (of lavfi, or files) as a stream of its own."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds},{filters}"]
    maps = ["-map", "0:v"]
    for number, sound in enumerate(sounds, 1):
        inputs += ["-i", sound] if sound.endswith(".wav") else ["-f", "lavfi", "-i", f"{sound}:duration={seconds}"]
        maps += ["-map", f"{number}:a"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *inputs, *maps]
    subprocess.run([*command, *(codecs or (*H264, *AAC)), str(path)], check=True, capture_output=True)
    return path
