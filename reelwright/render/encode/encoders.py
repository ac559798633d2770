"""Which H.264 encoder makes the pictures: one on a graphics card where there is one that works, else x264.

An encoder that is listed by FFmpeg need not work: its driver or its card may be missing. So each is tried for real, by
encoding a few frames, once per process. Whatever the encoder, the stream is the same kind of stream: High profile,
4:2:0, closed GOPs of the requested length, an IDR first.

Options are those of FFmpeg's codecs page (ffmpeg-codecs, sections libx264, NVENC, QSV, VideoToolbox, VAAPI).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import cv2
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from pydantic import Field

from reelwright.domain.base import Model
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import FPS

from ..process.trouble import reason

FIELD = "REELWRIGHT_ENCODER"
AUTO = "auto"
GOP_S = 2
"""Seconds between key frames at most: what the platforms' own guides ask for."""
_BT709 = 1
_LIMITED = 1  # AVCOL_RANGE_MPEG
_TRIAL_FRAMES = 5
_AVX_512F = 13  # CV_CPU_AVX_512F in OpenCV's cvdef.h; its Python module has no name for it


class EncodeSettings(Model):
    """The encoder, its effort and its quality. `preset` and `crf` are x264's; other encoders take the nearest thing.
    x264's preset `ultrafast` is not offered: it gives up what makes the stream High profile."""

    threads: int = Field(default=1, ge=1, le=16)
    preset: str = Field(default="veryfast", pattern="^(superfast|veryfast|faster|fast|medium|slow|slower)$")
    crf: int = Field(default=20, ge=0, le=40)
    fps: int = Field(default=FPS, ge=1, le=120)
    encoder: str = Field(default="x264", pattern="^(x264|nvenc|qsv|videotoolbox|vaapi)$")

    def styled(self, style: RenderStyle) -> EncodeSettings:
        """These settings, which are the machine's own for `standard`, adapted to a style."""
        effort = {"draft": {"preset": "superfast", "crf": 28}, "high": {"preset": "medium", "crf": 18}}
        return self.model_copy(update={**effort.get(style.preset, {}), "fps": style.fps})


@dataclass(frozen=True)
class Encoder:
    """One of FFmpeg's H.264 encoders. `options` are for settings and a GOP length in frames. One that `copies` is done
    with a frame as soon as it has taken it, so the next picture may be drawn into the same memory."""

    name: str
    codec: str
    pix_fmt: str
    options: Callable[[EncodeSettings, int], dict[str, str]]
    copies: bool = False


def _x264(settings: EncodeSettings, gop: int) -> dict[str, str]:
    return {
        "preset": settings.preset,
        "crf": str(settings.crf),
        "profile": "high",
        "threads": str(settings.threads),
        # No scene-cut key frames: cross-fades have none to find, and a fixed grid keeps joined parts regular.
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:force-cfr=1{_repeatable()}",
    }


def _repeatable() -> str:
    """Keeps x264 (core 165) from its AVX-512 code: its macroblock-tree reads memory that was never written, so the same
    frames give other bytes from one encode to the next (seen with MALLOC_PERTURB_; up to AVX2, whose bytes are those of
    SSE too, nothing changes). Set only where the processor has these features, because x264 does not check the
    names."""
    return ":asm=AVX2" if cv2.checkHardwareSupport(_AVX_512F) else ""


def _nvenc(settings: EncodeSettings, gop: int) -> dict[str, str]:
    preset = {"superfast": "p2", "veryfast": "p4", "medium": "p6"}.get(settings.preset, "p5")
    return {
        "preset": preset, "rc": "vbr", "cq": str(settings.crf), "b": "0", "profile": "high",
        "forced-idr": "1", "strict_gop": "1", "no-scenecut": "1", "bf": "2",
    }  # fmt: skip


def _qsv(settings: EncodeSettings, gop: int) -> dict[str, str]:
    preset = {"superfast": "veryfast", "slower": "veryslow"}.get(settings.preset, settings.preset)
    return {
        "preset": preset,
        "global_quality": str(settings.crf),
        "profile": "high",
        "forced_idr": "1",
        "idr_interval": "0",
    }


def _videotoolbox(settings: EncodeSettings, gop: int) -> dict[str, str]:
    # Its quality goes up from 1 to 100, in the global quality's units of 118 (FF_QP2LAMBDA).
    quality = max(100 - 2 * settings.crf, 1)
    return {"profile": "high", "allow_sw": "0", "flags": "+qscale", "global_quality": str(118 * quality)}


def _vaapi(settings: EncodeSettings, gop: int) -> dict[str, str]:
    return {"rc_mode": "CQP", "qp": str(settings.crf), "profile": "high", "idr_interval": "0"}


ENCODERS = {
    encoder.name: encoder
    for encoder in (
        Encoder("nvenc", "h264_nvenc", "yuv420p", _nvenc),
        Encoder("qsv", "h264_qsv", "nv12", _qsv),
        Encoder("videotoolbox", "h264_videotoolbox", "yuv420p", _videotoolbox),
        Encoder("vaapi", "h264_vaapi", "nv12", _vaapi),
        Encoder("x264", "libx264", "yuv420p", _x264, copies=True),
    )
}
"""In the order in which `auto` tries them."""
CHOICES = (AUTO, *ENCODERS)


def gop_of(frames: int, fps: int) -> int:
    """The GOP length for a run of frames: GOPs of equal length, none longer than `GOP_S`, so that no run ends with a
    key frame and a few frames after it."""
    return math.ceil(frames / math.ceil(frames / (GOP_S * fps)))


def set_up(context: VideoCodecContext, encoder: Encoder, size: tuple[int, int]) -> None:
    """Size, pixel format and colour (BT.709, limited range), and nothing in the stream that changes between runs."""
    context.width, context.height = size
    context.pix_fmt = encoder.pix_fmt
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    context.flags |= Flags.bitexact | Flags.closed_gop


@lru_cache(maxsize=len(CHOICES))
def find_encoder(wanted: str) -> str:
    """The encoder's name for a setting: itself if it works here, the first that works for `auto`.

    Raises `InvalidInput` naming the setting for an unknown encoder and for one that does not work on this machine.
    """
    if wanted == AUTO:
        return next(name for name in ENCODERS if name == "x264" or trial(name) is None)
    if wanted not in ENCODERS:
        raise InvalidInput(f"{wanted[:40]!r} is no encoder", field=FIELD, remedy=f"choose from {', '.join(CHOICES)}")
    trouble = trial(wanted)
    if trouble is not None:
        raise InvalidInput(
            f"the encoder {wanted} does not work on this machine ({trouble})",
            field=FIELD,
            remedy="set it to auto, or see to its driver",
        )
    return wanted


@lru_cache(maxsize=len(CHOICES))
def trial(name: str) -> str | None:
    """Encodes a few grey frames: None when that works, else what went wrong."""
    encoder = ENCODERS[name]
    if encoder.codec not in av.codecs_available:
        return f"this build of FFmpeg has no {encoder.codec}"
    try:
        packets = _try(encoder)
    except (OSError, ValueError, av.FFmpegError) as error:
        return reason(error) or type(error).__name__
    return None if packets else "it gave no packets"


def _try(encoder: Encoder) -> int:
    context = av.CodecContext.create(encoder.codec, "w")
    assert isinstance(context, VideoCodecContext)
    settings = EncodeSettings()
    set_up(context, encoder, (640, 360))
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.gop_size = _TRIAL_FRAMES
    context.options = encoder.options(settings, _TRIAL_FRAMES)
    packets = 0
    for number in range(_TRIAL_FRAMES):
        frame = VideoFrame(640, 360, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        packets += len(context.encode(frame))
    return packets + len(context.encode(None))
