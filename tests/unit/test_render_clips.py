"""Clips in the picture: upright, in the right colours, and at the right moment."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from reelwright.render.picture.decoding import ClipFrames
from reelwright.render.picture.footage import WHOLE, Footage
from reelwright.render.picture.saliency import Region
from reelwright.render.picture.stills import frame_picture
from reelwright.render.picture.yuv import Planes, planes_of
from reelwright.render.plan.playing import Playing, play

from .clip_files import CORNERS, clip_of, number_of, numbered, quarters, rotated, write_clip, write_codes
from .test_render_picture import Made, make_pictures

MIDDLE = Region(0.4, 0.4, 0.6, 0.6)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of numbered frames, a key frame every half second, B-frames between."""
    options = {"g": "15", "bf": "2", "preset": "veryfast"}
    return write_clip(tmp_path_factory.mktemp("clips") / "counted.mp4", numbered(60), options=options)


def footage(path: Path, size: tuple[int, int], region: Region = WHOLE, playing: Playing | None = None) -> Footage:
    frames = ClipFrames(path, "the clip", "material.pictures[0].clip")
    return Footage(frames, playing or Playing(0.0, 60.0), size, 30, region)


def seen(shown: Footage, size: tuple[int, int], frame: int = 0) -> Planes:
    out = Planes.empty(*size)
    shown.draw(frame, out)
    return out


def corner(planes: Planes, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place in shares of the picture, as Y, Cb, Cr."""
    return tuple(int(p[int(y * p.shape[0]), int(x * p.shape[1])]) for p in planes)


def codes(rgb: tuple[int, int, int]) -> tuple[int, ...]:
    return corner(planes_of(np.full((2, 2, 3), rgb, np.uint8)), 0, 0)


def near(one: tuple[int, ...], other: tuple[int, ...], off: int = 3) -> bool:
    return all(abs(a - b) <= off for a, b in zip(one, other, strict=True))


# --- upright and fitted ----------------------------------------------------------------------------------------------

TURNED = {0: (0, 1, 2, 3), 90: (2, 0, 3, 1), 180: (3, 2, 1, 0), 270: (1, 3, 0, 2)}
"""Which of the four colours stands top left, top right, bottom left and bottom right after a turn."""


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turn", TURNED)
def test_a_turned_clip_is_shown_upright(tmp_path: Path, turn: int, flip: bool) -> None:
    path = rotated(write_clip(tmp_path / "clip.mp4", [quarters(128, 64)] * 2), turn, flip=flip)
    size = (128, 64) if turn in (0, 180) else (64, 128)
    planes = seen(footage(path, size), size)
    where = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    found = [corner(planes, x, y) for x, y in where]
    with av.open(str(path)) as container:
        noted = next(container.decode(video=0)).rotation
    assert abs(noted) == (turn if turn <= 180 else 360 - turn) or flip
    if flip:
        # What FFmpeg's own program makes of the same file.
        expected = upright_by_ffmpeg(path, size)
        assert all(near(one, corner(expected, x, y)) for one, (x, y) in zip(found, where, strict=True))
    else:
        wanted = [codes(CORNERS[index]) for index in TURNED[turn]]
        assert all(near(one, other) for one, other in zip(found, wanted, strict=True)), (found, wanted)


def upright_by_ffmpeg(path: Path, size: tuple[int, int]) -> Planes:
    from reelwright.render.process import program

    raw = path.with_suffix(".yuv")
    program.run(
        ["-i", str(path), "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-y", str(raw)],
        what="decoding",
        workdir=path.parent,
    )
    width, height = size
    data = np.frombuffer(raw.read_bytes(), np.uint8)
    ends = [0, width * height, width * height * 5 // 4, width * height * 3 // 2]
    y, u, v = (data[first:last] for first, last in pairwise(ends))
    return Planes(y.reshape(height, width), u.reshape(height // 2, -1), v.reshape(height // 2, -1))


def test_a_portrait_clip_in_a_wide_format_is_cut_or_extended_as_a_picture_is(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "tall.mp4", [quarters(96, 192)] * 2)
    size = (256, 144)
    cut = seen(footage(path, size, MIDDLE), size)
    assert near(corner(cut, 0.05, 0.1), codes(CORNERS[0])) and near(corner(cut, 0.95, 0.9), codes(CORNERS[3]))
    whole = seen(footage(path, size), size)
    # All of it stands in the middle, 72 pixels wide, and beside it what a still of it has there.
    assert near(corner(whole, 0.42, 0.1), codes(CORNERS[0]), 6) and near(corner(whole, 0.58, 0.9), codes(CORNERS[3]), 6)
    still = planes_of(frame_picture(quarters(96, 192), WHOLE, *size).rgb)
    for plane, other in zip(whole, still, strict=True):
        assert np.abs(plane.astype(int) - other).mean() < 2
    steps = np.abs(np.diff(whole.y[20].astype(int)))
    assert steps[:88].max() < 12, "a hard edge in the ground"


def test_a_clip_with_oblong_pixels_is_not_squeezed(tmp_path: Path) -> None:
    plain = write_clip(tmp_path / "plain.mp4", [quarters(96, 96)] * 2)
    path = tmp_path / "wide.mp4"
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        stream.sample_aspect_ratio = Fraction(2)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    planes = seen(footage(path, (192, 96)), (192, 96))
    # 96 x 96 pixels that are twice as wide as high fill 2:1: nothing is cut, nothing extended.
    assert near(corner(planes, 0.02, 0.05), codes(CORNERS[0])) and near(corner(planes, 0.98, 0.95), codes(CORNERS[3]))


# --- colours ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_a_standard_clip_has_the_colours_it_was_made_of(tmp_path: Path, matrix: str, bits: int, full: bool) -> None:
    rgb = quarters(64, 64)
    path = write_codes(tmp_path / "c.mkv", rgb / 255.0, matrix, full=full, bits=bits, tags={})
    planes = seen(footage(path, (64, 64)), (64, 64))
    found = [corner(planes, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    assert all(near(one, codes(rgb_), 2) for one, rgb_ in zip(found, CORNERS, strict=True)), found


PQ_203, HLG_203 = 0.5807, 0.75
"""The code of diffuse white by ITU-R BT.2408: 58 % in PQ and 75 % in HLG."""


@pytest.mark.parametrize(("trc", "white"), [(16, PQ_203), (18, HLG_203)], ids=["pq", "hlg"])
def test_high_dynamic_range_is_brought_to_ordinary_white(tmp_path: Path, trc: int, white: float) -> None:
    rgb = np.zeros((64, 64, 3))
    rgb[:32, :32], rgb[:32, 32:] = white, white * 0.6
    rgb[32:, 32:] = 0.7518 if trc == 16 else 1.0  # 1,000 cd/m2
    tags = {"color_trc": trc, "color_primaries": 9}
    path = write_codes(tmp_path / "hdr.mkv", rgb, "bt2020", full=False, bits=10, tags=tags)
    planes = seen(footage(path, (64, 64)), (64, 64))
    diffuse, shade, black, peak = (corner(planes, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75))
    # Diffuse white keeps room above it for what shines; greys stay grey; the ends are the ends.
    assert 205 <= diffuse[0] <= 225 and 50 < shade[0] < diffuse[0] - 50
    assert abs(black[0] - 16) <= 1 and abs(peak[0] - 235) <= 2
    assert all(abs(c - 128) <= 1 for found in (diffuse, shade, black, peak) for c in found[1:])


@pytest.mark.parametrize("trc", [16, 18], ids=["pq", "hlg"])
def test_hues_survive_tone_mapping(tmp_path: Path, trc: int) -> None:
    rgb = np.zeros((64, 64, 3))
    rgb[:32, :32], rgb[:32, 32:] = (0.5, 0.2, 0.2), (0.2, 0.5, 0.2)
    rgb[32:, :32], rgb[32:, 32:] = (0.2, 0.2, 0.5), (0.5, 0.5, 0.2)
    tags = {"color_trc": trc, "color_primaries": 9}
    path = write_codes(tmp_path / "hdr.mkv", rgb, "bt2020", full=False, bits=10, tags=tags)
    red, green, blue, yellow = (
        corner(seen(footage(path, (64, 64)), (64, 64)), x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)
    )
    assert red[2] > 150 > red[1] and blue[1] > 150 > blue[2]
    assert green[1] < 120 and green[2] < 110 and yellow[1] < 90 and abs(yellow[2] - 128) < 25


def test_wide_gamut_is_brought_into_the_usual_one(tmp_path: Path) -> None:
    # BT.709's red, green and blue in BT.2020's primaries (ITU-R BT.2087, linear), on a display of gamma 2.4.
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    linear = np.power(quarters(64, 64) / 255.0, 2.4) @ to_2020.T
    tags = {"color_trc": 14, "color_primaries": 9}
    path = write_codes(tmp_path / "w.mkv", np.power(linear, 1 / 2.4), "bt2020", full=False, bits=10, tags=tags)
    planes = seen(footage(path, (64, 64)), (64, 64))
    found = [corner(planes, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    assert all(near(one, codes(rgb_), 3) for one, rgb_ in zip(found, CORNERS, strict=True)), found


def test_a_transparent_or_rgb_clip_is_shown_over_a_dark_ground(tmp_path: Path) -> None:
    path = tmp_path / "glyph.mov"
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[:, 32:] = (200, 40, 40, 255)
    with av.open(str(path), "w") as made:
        stream = made.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgba"
        made.mux(stream.encode(av.VideoFrame.from_ndarray(rgba, "rgba")))
        made.mux(stream.encode(None))
    planes = seen(footage(path, (64, 64)), (64, 64))
    assert near(corner(planes, 0.75, 0.5), codes((200, 40, 40))) and near(corner(planes, 0.2, 0.5), codes((24, 24, 28)))


# --- moments ---------------------------------------------------------------------------------------------------------


def test_times_that_waver_give_each_frame_once(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    times = np.arange(40) / 30 + chance.uniform(-0.012, 0.012, 40) + 0.02
    times[0] = 0.02
    path = write_clip(tmp_path / "phone.mp4", numbered(40), times - 0.02)
    shown = footage(path, (96, 64))
    assert [number_of(seen(shown, (96, 64), frame).y) for frame in range(40)] == list(range(40))


@pytest.mark.parametrize("rate", [15, 24, 60])
def test_another_rate_is_sampled_evenly(tmp_path: Path, rate: int) -> None:
    path = write_clip(tmp_path / "rate.mp4", numbered(rate), rate=rate)
    shown = footage(path, (96, 64))
    numbers = [number_of(seen(shown, (96, 64), frame).y) for frame in range(30)]
    assert numbers == [int((frame + 0.5) * rate / 30) for frame in range(30)]


def test_any_frame_alone_is_the_frame_in_order(counted: Path) -> None:
    shown = footage(counted, (96, 64))
    in_order = [seen(shown, (96, 64), frame).y for frame in range(60)]
    assert [number_of(luma) for luma in in_order] == list(range(60))
    for frame in (47, 3, 59, 14, 15, 0):
        assert np.array_equal(seen(footage(counted, (96, 64)), (96, 64), frame).y, in_order[frame])
        assert np.array_equal(seen(shown, (96, 64), frame).y, in_order[frame])


def test_a_seek_far_ahead_decodes_only_what_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "long.mp4", numbered(60) * 5, options={"g": "30"})
    decoded = []
    step = ClipFrames._step

    def counting(self: ClipFrames) -> None:
        decoded.append(1)
        step(self)

    monkeypatch.setattr(ClipFrames, "_step", counting)
    assert number_of(seen(footage(path, (96, 64)), (96, 64), 275).y) == 275 % 60
    assert len(decoded) < 60


def test_a_clip_without_an_index_is_found_from_its_beginning(tmp_path: Path, counted: Path) -> None:
    raw = tmp_path / "raw.h264"
    with av.open(str(counted)) as source, raw.open("wb") as out:
        stream = source.streams.video[0]
        filtered = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in source.demux(stream):
            for ready in filtered.filter(packet):
                out.write(bytes(ready))
    shown = footage(raw, (96, 64))
    first = number_of(seen(shown, (96, 64), 0).y)
    seen(shown, (96, 64), 40)
    assert number_of(seen(shown, (96, 64), 0).y) == first == 0


KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "animated.gif": ("gif", "rgb8", {}),
    "animated.apng": ("apng", "rgba", {}),
    "late.avi": ("mpeg4", "yuv420p", {"bf": "2"}),  # its first picture is its second frame
    "guessed.mpg": ("mpeg2video", "yuv420p", {"qscale": "2", "bf": "2"}),  # without times for each frame
    "stream.ts": ("libx264", "yuv420p", {"crf": "8", "preset": "veryfast", "g": "15"}),
    "deep.mov": ("prores_ks", "yuv422p10le", {}),
}


@pytest.mark.parametrize("name", KINDS)
def test_clips_of_many_kinds_are_read_in_any_order(tmp_path: Path, name: str) -> None:
    (codec, pix_fmt, options), path, rate = KINDS[name], tmp_path / name, 25
    with av.open(str(path), "w") as made:
        stream = made.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
        for number, rgb in enumerate(numbered(50)):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
                format=pix_fmt, dst_colorspace="ITU601", src_color_range="JPEG", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = number, Fraction(1, rate)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))

    def look(shown: Footage, frame: int) -> int:
        return number_of(seen(shown, (96, 64), frame).y)

    shown = Footage(ClipFrames(path, "the clip", "f"), Playing(0.0, 60.0), (96, 64), rate)
    in_order = [look(shown, frame) for frame in range(50)]
    # Some of these encoders are coarser than the steps between the frames; a frame more or less would add up.
    assert all(abs(number - frame) <= 1 for frame, number in enumerate(in_order)) and in_order[0] == 0
    assert abs(sum(in_order) - sum(range(50))) < 35
    assert [look(shown, frame) for frame in (31, 17, 45, 0)] == [in_order[frame] for frame in (31, 17, 45, 0)]
    late = Footage(ClipFrames(path, "the clip", "f"), Playing(0.0, 60.0), (96, 64), rate)
    assert look(late, 44) == in_order[44]


@pytest.mark.parametrize(
    ("fit", "seconds", "speed", "late"),
    [
        ("trim", 4.0, 1.0, 2.0),  # the last picture is held
        ("loop", 5.0, 1.0, 0.5),
        ("slow", 3.0, 2 / 3, 2.5 * 2 / 3),
        ("slow", 8.0, 0.5, 1.25),
        ("auto", 2.2, 1 / 1.1, 2.5 / 1.1),
        ("auto", 4.0, 1.0, 0.5),
        ("auto", 1.5, 1.0, 2.0),
        ("loop", 1.0, 1.0, 2.0),
    ],
)
def test_a_clip_fills_its_place(made: Made, counted: Path, fit: str, seconds: float, speed: float, late: float) -> None:
    playing = play(clip_of(counted, dict(made.files), 2.0, fit=fit), seconds, field="f")
    assert playing.speed == pytest.approx(speed)
    assert playing.at(2.5) == pytest.approx(min(late, 2.0))
