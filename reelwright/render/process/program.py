"""Runs the FFmpeg program that comes with `imageio-ffmpeg`, always by argument list, and reads its loudness meter."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
from ffmpeg.nodes import FilterableStream

from reelwright.domain.errors import RenderFailed

from .trouble import ffmpeg_failed

SILENT = -99.0
"""What stands for minus infinity in levels: JSON has no infinity."""
_TIMEOUT_S = 1800


@dataclass(frozen=True)
class Loudness:
    """EBU R128: integrated loudness in LUFS, true peak in dBTP."""

    integrated: float
    true_peak: float


@dataclass(frozen=True)
class Heard:
    """A sound's loudness, and its longest silence in seconds."""

    loudness: Loudness
    silence_s: float


def run(args: Sequence[str], *, what: str, workdir: Path) -> str:
    """Runs FFmpeg with these arguments and returns what it wrote to stderr. It never prompts, never reads stdin."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-nostats", *args]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise RenderFailed(
            f"{what} took more than {_TIMEOUT_S} s", field="render", remedy="try again on a less busy machine"
        ) from error
    stderr = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise ffmpeg_failed(what, stderr, workdir)
    return stderr


def measure_loudness(path: Path) -> Loudness:
    """Meters the sound of a file. Silence measures -70 LUFS, which is where the meter's gate stands."""
    meter = ffmpeg.input(_file(path)).audio.filter("ebur128", peak="true", framelog="quiet")
    args: list[str] = meter.output("-", format="null").get_args()
    return read_loudness(run(args, what="measuring loudness", workdir=path.parent))


def metered(sound: FilterableStream) -> FilterableStream:
    """A sound that goes through the loudness meter and the detector of silence."""
    return sound.filter("ebur128", peak="true", framelog="quiet").filter("silencedetect", noise="-60dB", d=0.3)


def listen(path: Path, seconds: float) -> Heard:
    """Meters the sound of a file that lasts `seconds`, and nothing else of it."""
    args: list[str] = metered(ffmpeg.input(_file(path)).audio).output("-", format="null").get_args()
    return read_heard(run(args, what="measuring the sound", workdir=path.parent), seconds)


def read_heard(log: str, seconds: float) -> Heard:
    """The result of `metered` for a sound."""
    return Heard(read_loudness(log), max(spans(log, "silence_start", "silence_end", seconds), default=0.0))


def spans(log: str, begin: str, end: str, seconds: float) -> list[float]:
    """The lengths of what a detector found. One that was still going on at the end of the file ends there."""
    marks = re.findall(rf"({begin}|{end})\s*[:=]\s*(-?[\d.]+)", log)
    lengths: list[float] = []
    since: float | None = None
    for name, at in marks:
        if name == begin:
            since = max(float(at), 0.0)
        elif since is not None:
            lengths.append(float(at) - since)
            since = None
    if since is not None:
        lengths.append(max(seconds - since, 0.0))
    return lengths


def read_loudness(log: str) -> Loudness:
    """The numbers of the ebur128 filter's summary."""
    summary = log[log.rfind("Integrated loudness:") :] if "Integrated loudness:" in log else ""
    integrated = re.search(r"I:\s+(-?[\d.]+|-?inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", summary)
    if not integrated or not peak:
        raise RenderFailed("the loudness meter gave no summary", field="sound", remedy="check that the file has sound")
    return Loudness(_level(integrated[1]), _level(peak[1]))


def _level(text: str) -> float:
    value = float(text)
    return value if value > SILENT else SILENT


def _file(path: Path) -> str:
    # "file:" keeps FFmpeg from reading a name with a colon as a protocol.
    return f"file:{path}"
