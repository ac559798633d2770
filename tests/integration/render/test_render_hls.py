"""HLS packages: made by the real FFmpeg, then read back segment by segment."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from reelwright.domain.errors import RenderFailed
from reelwright.render.encode.dash import MANIFEST, add_dash, check_dash
from reelwright.render.encode.hls import BEGIN_S, HlsPackage, choose_cuts, ladder_sizes, make_hls
from reelwright.render.encode.hls_check import check_hls
from reelwright.render.process.program import run

from .made import ignore

FPS, FRAMES = 24, 298
# Where the source has key frames besides its 2 s grid: scenes begin anywhere. Here FFmpeg, left to itself, would cut at
# other frames than the ones that are chosen.
SCENES = (31, 139, 200)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "video.mp4"
    seconds = FRAMES / FPS
    run(
        [
            *("-f", "lavfi", "-i", f"testsrc2=size=540x960:rate={FPS}"),
            *("-f", "lavfi", "-i", f"sine=sample_rate=48000:frequency=440:duration={seconds}"),
            *("-frames:v", str(FRAMES), "-ac", "2", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "superfast"),
            *("-profile:v", "high", "-x264-params", "keyint=48:min-keyint=1:scenecut=0:open-gop=0"),
            *("-force_key_frames", ",".join(f"{(frame - 0.25) / FPS:.6f}" for frame in SCENES)),
            *("-c:a", "aac", "-movflags", "+faststart", str(path)),
        ],
        what="making a source",
        workdir=path.parent,
    )
    return path


@pytest.fixture(scope="module")
def package(video: Path, tmp_path_factory: pytest.TempPathFactory) -> HlsPackage:
    scratch = tmp_path_factory.mktemp("hls") / "odd: it's [odd] %d %v"
    scratch.mkdir()
    return make_hls(video, scratch / "package", scratch, ignore)


@dataclass(frozen=True)
class Playlist:
    """A media playlist's segments as (seconds, bytes), and its init segment."""

    init: bytes
    segments: tuple[tuple[float, bytes], ...]
    target: int


def read_playlist(path: Path) -> Playlist:
    text = path.read_text("ascii")
    assert text.startswith("#EXTM3U\n") and text.rstrip().endswith("#EXT-X-ENDLIST")
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
    init = re.search(r'#EXT-X-MAP:URI="([\w.-]+)"', text)
    target = re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)
    assert init and target
    found = re.findall(r"#EXTINF:([\d.]+),\n([\w.-]+)\n", text)
    segments = tuple((float(seconds), (path.parent / name).read_bytes()) for seconds, name in found)
    return Playlist((path.parent / init[1]).read_bytes(), segments, int(target[1]))


def variants(master: Path) -> list[tuple[dict[str, str], Path]]:
    lines = master.read_text("ascii").splitlines()
    found = []
    for line, following in pairwise(lines):
        if line.startswith("#EXT-X-STREAM-INF:"):
            attributes = dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line))
            found.append((attributes, master.parent / following))
    return found


def frames_of(init: bytes, segment: bytes) -> list[tuple[int, bool]]:
    """Each decoded picture of one segment on its own, in order: its number in the video, and whether it is a key."""
    with av.open(io.BytesIO(init + segment)) as container:
        frames = list(container.decode(video=0))
    numbers = [(frame.pts * frame.time_base - BEGIN_S) * FPS for frame in frames]
    assert all(number.denominator == 1 for number in numbers), "not on the frame grid"
    return [(int(number), frame.key_frame) for number, frame in zip(numbers, frames, strict=True)]


def test_the_renditions_are_cut_at_the_same_frames(package: HlsPackage) -> None:
    rungs = variants(package.master)
    assert [attributes["RESOLUTION"] for attributes, _ in rungs] == ["540x960", "480x854"]
    assert package.sizes == ((540, 960), (480, 854))
    for _, path in rungs:
        playlist = read_playlist(path)
        seen: list[int] = []
        begins = []
        for _, segment in playlist.segments:
            frames = frames_of(playlist.init, segment)
            assert frames[0][1], "a segment does not begin with a key frame"
            begins.append(frames[0][0])
            seen += [number for number, _ in frames]
        assert seen == list(range(FRAMES)), "frames are missing, doubled or out of order"
        assert tuple(begins) == package.cuts


def test_the_lengths_are_right(package: HlsPackage) -> None:
    for _, path in variants(package.master):
        playlist = read_playlist(path)
        lengths = [seconds for seconds, _ in playlist.segments]
        assert all(4.0 <= seconds <= 6.0 for seconds in lengths[:-1]) and lengths[-1] <= 6.0
        assert sum(lengths) == pytest.approx(FRAMES / FPS, abs=1e-4)
        assert playlist.target >= max(round(seconds) for seconds in lengths)
    sound = read_playlist(package.master.parent / "sound.m3u8")
    assert sum(seconds for seconds, _ in sound.segments) == pytest.approx(FRAMES / FPS, abs=2048 / 48_000)
    for _, segment in sound.segments:
        with av.open(io.BytesIO(sound.init + segment)) as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) > 0
            assert container.streams.audio[0].rate == 48_000


def test_the_master_tells_the_truth(package: HlsPackage) -> None:
    text = package.master.read_text("ascii")
    group = re.search(r'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="([^"]+)".*URI="sound.m3u8"', text)
    assert group
    sound = read_playlist(package.master.parent / "sound.m3u8")
    loudest = max(8 * len(data) / seconds for seconds, data in sound.segments)
    for attributes, path in variants(package.master):
        assert attributes["AUDIO"] == f'"{group[1]}"'
        assert re.fullmatch(r'"avc1\.6400[0-9a-f]{2},mp4a\.40\.2"', attributes["CODECS"])
        playlist = read_playlist(path)
        peak = max(8 * len(data) / seconds for seconds, data in playlist.segments) + loudest
        # RFC 8216 4.3.4.2: an upper bound of the segments' bit rates.
        assert peak <= int(attributes["BANDWIDTH"]) <= peak * 1.01
    assert {path.suffix for path in package.files} == {".m3u8", ".m4s", ".mp4"}


def test_the_largest_rung_is_the_file_itself(package: HlsPackage, video: Path) -> None:
    def packets(source: Path | io.BytesIO) -> list[bytes]:
        with av.open(source if isinstance(source, io.BytesIO) else str(source)) as container:
            return [bytes(packet) for packet in container.demux(video=0) if packet.size]

    playlist = read_playlist(variants(package.master)[0][1])
    whole = io.BytesIO(playlist.init + b"".join(data for _, data in playlist.segments))
    assert packets(whole) == packets(video)


def test_a_player_reads_it_from_the_master(package: HlsPackage, tmp_path: Path) -> None:
    told = run(
        [
            *("-xerror", "-i", f"file:{package.master}", "-map", "0:v:0", "-map", "0:a:0"),
            *("-progress", "pipe:2", "-f", "null", "-"),
        ],
        what="playing",
        workdir=tmp_path,
    )
    assert re.findall(r"^frame=\s*(\d+)", told, re.MULTILINE)[-1] == str(FRAMES)
    start = re.search(r"start: (-?[\d.]+)", told)
    # The sound begins one AAC frame early: that frame is the encoder's priming.
    assert start and float(start[1]) == pytest.approx(BEGIN_S - 1024 / 48_000, abs=1e-3)


@pytest.mark.deep
def test_the_same_file_gives_the_same_package(package: HlsPackage, video: Path, tmp_path: Path) -> None:
    again = make_hls(video, tmp_path / "again", tmp_path, ignore)

    def digests(made: HlsPackage) -> list[tuple[str, str]]:
        return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in made.files]

    assert digests(again) == digests(package)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again"]


def spoilt(package: HlsPackage, folder: Path, name: str, change: Callable[[bytes], bytes]) -> HlsPackage:
    """A copy of the package with one file changed."""
    shutil.copytree(package.master.parent, folder)
    path = folder / name
    path.write_bytes(change(path.read_bytes()))
    return replace(package, master=folder / package.master.name, files=tuple(folder / f.name for f in package.files))


def test_a_package_is_opened_before_it_is_believed(package: HlsPackage, video: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    check_hls(package, video, tmp_path, shares.append)
    assert shares and shares[-1] == 1.0 and shares == sorted(shares)
    segments = [path.name for path in package.files if re.fullmatch(r"480p-\d+\.m4s", path.name)]
    other = (package.master.parent / segments[1]).read_bytes()
    cases: list[tuple[str, Callable[[bytes], bytes], str | None]] = [
        (segments[0], lambda data: other, "begins at frame"),
        (segments[1], lambda data: data[: len(data) // 2], None),
        (segments[1], lambda data: b"", None),
        ("480p.m3u8", lambda data: re.sub(rb"#EXTINF[^#]*", b"", data, count=1), "lists 2 segments"),
        ("sound.m3u8", lambda data: b"#EXTM3U\n", None),
    ]
    for number, (name, change, said) in enumerate(cases):
        bad = spoilt(package, tmp_path / str(number), name, change)
        with pytest.raises(RenderFailed, match=said) as caught:
            check_hls(bad, video, tmp_path, ignore)
        assert caught.value.remedy, name


def test_a_dash_manifest_is_over_the_same_segments(package: HlsPackage, video: Path, tmp_path: Path) -> None:
    """Read by FFmpeg's DASH reader: every picture of every size, and the sound."""
    shutil.copytree(package.master.parent, tmp_path / "dash")
    copied = tuple(tmp_path / "dash" / path.name for path in package.files)
    made = add_dash(replace(package, master=tmp_path / "dash" / package.master.name, files=copied), video)
    assert {path.name for path in made.files} - {path.name for path in package.files} == {MANIFEST}
    shares: list[float] = []
    check_dash(made, video, tmp_path, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    # PyAV's libraries come without a DASH reader; the FFmpeg program has one.
    heard = ("-map", "0:a:0", "-f", "s16le", "-ac", "1", str(tmp_path / "sound.raw"))
    seen = ("-map", "0:v:1", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", str(tmp_path / "picture.raw"))
    run(["-i", str(tmp_path / "dash" / MANIFEST), *heard, *seen], what="reading DASH", workdir=tmp_path / "dash")
    assert abs((tmp_path / "sound.raw").stat().st_size / 96_000 - FRAMES / FPS) < 0.1
    assert (tmp_path / "picture.raw").stat().st_size == package.sizes[1][0] * package.sizes[1][1]
    text = (tmp_path / "dash" / MANIFEST).read_text("utf-8")
    begins = [int(t) for t in re.findall(r'<S t="(\d+)"', text)]
    frames = [begin - BEGIN_S * FPS for begin in begins[: len(package.cuts)]]
    assert frames == list(package.cuts), "segments of pictures begin where they were cut"
    (tmp_path / "dash" / MANIFEST).write_text(text.replace("-$Number%04d$", "-$Number%05d$"), "utf-8")
    with pytest.raises(RenderFailed):
        check_dash(made, video, tmp_path, ignore)


def test_cuts_and_sizes() -> None:
    fps = Fraction(30)
    assert choose_cuts([0, 60, 120, 180, 240, 300], 330, fps) == (0, 120, 240)
    # The rest after 240 would last 1 s: it joins the segment before.
    assert choose_cuts([0, 60, 120, 180, 240], 270, fps) == (0, 120)
    assert choose_cuts([0, 39, 99, 159, 177, 237, 290], 400, fps) == (0, 159, 290)
    assert choose_cuts([0], 20, fps) == (0,)
    assert ladder_sizes(1920, 1080) == ((1920, 1080), (1280, 720), (854, 480))
    assert ladder_sizes(1080, 1920) == ((1080, 1920), (720, 1280), (480, 854))
    assert ladder_sizes(1080, 1080) == ((1080, 1080), (720, 720), (480, 480))
    assert ladder_sizes(640, 360) == ((640, 360),)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    for content in (b"", b"not a video", b"#EXTM3U\nhttp://127.0.0.1:9/\n"):
        bad.write_bytes(content)
        with pytest.raises(RenderFailed) as caught:
            make_hls(bad, tmp_path / "out", tmp_path, ignore)
        assert caught.value.field == "video" and caught.value.remedy
    assert not (tmp_path / "out").exists()
