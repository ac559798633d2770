"""What is done with pictures: opening, framing, correcting, transitions, cards, overlays, thumbnails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Picture
from reelwright.domain.content.style import CaptionStyle, RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.render.picture.colour import Correction, measure, read_cube
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.frames import Still
from reelwright.render.picture.saliency import MIDDLE, Region, focus, saliency_map
from reelwright.render.picture.stills import frame_picture, open_still
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.motion import Path as CameraPath
from reelwright.render.plan.motion import View, aim, camera_paths
from reelwright.render.plan.timeline import build_timeline

from .test_render_timeline import plan_of

SMALL = VideoFormat("480x270")
COLOURS = ((190, 60, 50), (40, 90, 180), (60, 150, 70))


@dataclass(frozen=True)
class Made:
    """A plan with its files."""

    plan: RenderPlan
    files: dict[str, Path]

    def composer(self, format: VideoFormat = SMALL, **style: object) -> Composer:
        return Composer(self.styled(**style), format, self.files)

    def styled(self, **style: object) -> RenderPlan:
        settings = {"captions": CaptionStyle(burn_in=False), **style}
        return self.plan.model_copy(update={"style": RenderStyle.model_validate(settings)})


def keep(path: Path, files: dict[str, Path]) -> AssetRef:
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    files[sha256] = path
    return AssetRef(key=path.name, sha256=sha256, size=len(data), media_type="image/png")


def scene_picture(colour: tuple[int, int, int], at: float = 0.5, size: tuple[int, int] = (640, 640)) -> np.ndarray:
    """A plain ground with a bright disc at `at` of its width."""
    width, height = size
    rgb = np.full((height, width, 3), colour, np.uint8)
    rgb[::8] = np.clip(rgb[::8].astype(int) + 6, 0, 255)
    cv2.circle(rgb, (round(at * width), height // 2), height // 8, (250, 240, 210), -1)
    return rgb


def make_pictures(folder: Path) -> Made:
    """Three scenes of 2 s with a picture each, no voice and no music."""
    files: dict[str, Path] = {}
    pictures = []
    for index, colour in enumerate(COLOURS):
        path = folder / f"{index}.png"
        Image.fromarray(scene_picture(colour)).save(path)
        pictures.append(Picture(scene=index, image=keep(path, files), provider="t"))
    plan = plan_of([2.0, 2.0, 2.0])
    story = plan.material.story.model_copy(update={"title": "Why the disc is bright"})
    material = plan.material.model_copy(update={"pictures": tuple(pictures), "story": story})
    return Made(plan.model_copy(update={"material": material}), files)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


def drawn(composer: Composer, frame: int) -> Planes:
    out = Planes.empty(composer.width, composer.height)
    composer.draw(frame, out)
    return out


# --- opening ---------------------------------------------------------------------------------------------------------


def test_an_enormous_jpeg_is_decoded_small(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (9000, 6000), (120, 60, 30)).save(path, quality=50)
    rgb = open_still(path, scene=0)
    assert 1000 <= rgb.shape[0] < 4000 and rgb.shape[1] == pytest.approx(rgb.shape[0] * 1.5, abs=2)
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - (120, 60, 30)).max() < 3


@pytest.mark.parametrize(("width", "height"), [(20000, 20000), (9000, 9000)])
@pytest.mark.lengthy
@pytest.mark.sample(1)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (width, height)).save(path)
    with pytest.raises(RenderFailed, match="too large") as caught:
        open_still(path, scene=3)
    assert caught.value.field == "material.pictures[3].image" and "megapixels" in caught.value.remedy


def test_a_large_png_is_made_smaller_in_strips(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    shade = np.linspace(0, 255, 6200).astype(np.uint8)
    Image.fromarray(np.repeat(shade[:, None], 5400, axis=1)).save(path, compress_level=1)
    rgb = open_still(path, scene=0)
    assert rgb.shape == (3100, 2700, 3)
    # No strip is missing, doubled or out of place: still one even ramp.
    assert np.abs(rgb[:, 100, 0].astype(float) - np.linspace(0, 255, 3100)).max() <= 2.0


def test_every_way_of_turning_a_camera_comes_out_upright(tmp_path: Path) -> None:
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:20, :30] = (250, 30, 30)
    back = {1: 0, 3: 2, 6: 1, 8: 3}
    for orientation, quarter in back.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / f"{orientation}.png"
        Image.fromarray(np.ascontiguousarray(np.rot90(upright, quarter))).save(path, exif=exif)
        assert np.array_equal(open_still(path, scene=0), upright), orientation


def test_transparent_and_animated_pictures(tmp_path: Path) -> None:
    rgba = np.zeros((200, 300, 4), np.uint8)
    rgba[50:150, 100:200] = (220, 40, 40, 255)
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    rgb = open_still(tmp_path / "alpha.png", scene=0)
    assert tuple(rgb[100, 150]) == (220, 40, 40)
    beside = rgb[100, 80].astype(int)
    # Its own colour goes on behind it, darker; far away it is nearly black.
    assert beside[0] > 2 * beside[1] and 40 < beside[0] < 140 and rgb[5, 5].max() < 70
    frames = [Image.new("RGB", (32, 32), colour) for colour in ((10, 200, 10), (200, 10, 10))]
    frames[0].save(tmp_path / "moving.png", save_all=True, append_images=frames[1:])
    assert tuple(open_still(tmp_path / "moving.png", scene=0)[5, 5]) == (10, 200, 10)


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (3000, 2)])
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_the_strangest_shapes_fill_every_format(size: tuple[int, int]) -> None:
    rgb = np.full((size[1], size[0], 3), (90, 120, 30), np.uint8)
    for format in STANDARD_FORMATS:
        framed = frame_picture(rgb, focus(saliency_map(rgb)), *format.size)
        assert framed.rgb.shape == (format.size[1], format.size[0], 3)
        assert framed.rgb.std(axis=(0, 1)).max() < 40


@pytest.mark.parametrize("data", [b"<html></html>", b"", b"\xff\xd8\xff\xe0rubbish", b"GIF89a"])
def test_what_is_no_picture_names_its_scene(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(data)
    with pytest.raises(RenderFailed) as caught:
        open_still(path, scene=2)
    assert "scene 3" in str(caught.value) and caught.value.field == "material.pictures[2].image"


# --- framing and motion ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0.15, 0.5, 0.8])
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_what_matters_stays_in_every_format(at: float) -> None:
    rgb = scene_picture((30, 60, 90), at, (1280, 720))
    region = focus(saliency_map(rgb))
    assert region.left < at < region.right and region.top < 0.5 < region.bottom
    for format in (*STANDARD_FORMATS, VideoFormat("400x1200")):
        framed = frame_picture(rgb, region, *format.size)
        bright = (framed.rgb.min(axis=2) > 190).mean() * format.size[0] * format.size[1]
        scale = max(format.size[0] / 1280, format.size[1] / 720)
        # All of the disc is there: its area, at the scale of a crop that fills the format.
        assert bright == pytest.approx(np.pi * (90 * scale) ** 2, rel=0.06), format
        found = framed.region.centre
        assert abs(found[0] - np.nonzero(framed.rgb.min(axis=2) > 190)[1].mean() / format.size[0]) < 0.12


def test_a_wide_region_is_extended_and_not_cut() -> None:
    rgb = scene_picture((30, 60, 90), 0.2, (1600, 600))
    cv2.circle(rgb, (1280, 300), 75, (250, 240, 210), -1)
    framed = frame_picture(rgb, focus(saliency_map(rgb)), 540, 960)
    bright = framed.rgb.min(axis=2) > 190
    assert bright[:, :270].any() and bright[:, 270:].any(), "one of the two was cut away"
    rows, columns = np.nonzero(bright[:, :270])
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), rel=0.1), "it was stretched"
    assert framed.rgb[:60].max() < 110, "the extension is darker and soft"


@pytest.mark.parametrize(
    "region", [Region(0.0, 0.1, 0.3, 0.5), Region(0.6, 0.55, 1.0, 1.0), Region(0.2, 0.2, 0.8, 0.7)]
)
def test_no_path_loses_the_region(region: Region) -> None:
    timeline = build_timeline(plan_of([5.0] * 12))
    for seed in range(4):
        for path in camera_paths(timeline, seed):
            aimed = aim(path, region)
            for frame in range(0, path.frames, 5):
                view = aimed.at(frame)
                size = 1 / view.zoom
                left, top = (1 - size) / 2 * (1 + view.x), (1 - size) / 2 * (1 + view.y)
                assert -1e-9 <= left <= max(region.left, 1e-9) + 0.003 and left + size >= min(region.right, 1) - 0.003
                assert -1e-9 <= top <= max(region.top, 1e-9) + 0.003 and top + size >= min(region.bottom, 1) - 0.003
            moved = max(
                abs(aimed.end.zoom / aimed.start.zoom - 1),
                *(abs(getattr(aimed.end, axis) - getattr(aimed.start, axis)) / 2 * 0.08 for axis in "xy"),
            )
            assert moved > 0.03, "the picture would stand still"


@pytest.mark.parametrize("zoom", [1.1, 1.087, 1.04])
def test_a_constant_pan_moves_by_the_same_way_each_frame(zoom: float) -> None:
    """Measured on a sine wave, whose place can be read from its phase far more finely than a pixel."""
    width, height = 480, 270
    wave = np.rint((110 + 60 * np.sin(np.arange(576) / 5)) * 255 / 219)
    still = Still(np.tile(wave[None, :, None], (324, 1, 3)).astype(np.uint8), width, height)
    path = CameraPath(View(zoom, -0.9, 0.2), View(zoom, 0.9, 0.2), 90, linear=True)
    scale = still.window(path.start).scale
    # Whole periods only, and the same ones in each frame.
    period = 2 * np.pi * 5 / scale
    seen = slice(8, 8 + round(int((width - 16) / period) * period))
    angles = np.exp(-1j * np.arange(seen.stop - seen.start) * scale / 5) * np.hanning(seen.stop - seen.start)
    places = []
    for number in range(path.frames):
        out = Planes.empty(width, height)
        still.draw(path.at(number), out)
        row = out.y[:, seen].mean(axis=0)
        places.append(np.angle(((row - row.mean()) * angles).sum()))
    moved = np.diff(np.unwrap(places)) * 5 / scale
    planned = (still.window(path.at(1)).x - still.window(path.at(0)).x) / scale
    assert moved.std() <= 0.03
    assert moved.mean() == pytest.approx(planned, abs=0.002)


def test_a_plain_picture_keeps_its_middle() -> None:
    assert focus(saliency_map(np.full((50, 80, 3), 7, np.uint8))) == MIDDLE


# --- colour ----------------------------------------------------------------------------------------------------------


def test_exposure_and_cast_are_taken_back_in_part_and_never_far() -> None:
    chance = np.random.default_rng(4)
    grey = cv2.resize(chance.uniform(40, 220, (12, 12, 1)).astype(np.float32), (240, 240))[..., None]
    plain = np.clip(grey + chance.normal(0, 4, (240, 240, 3)), 0, 255).astype(np.uint8)
    warm = np.clip(plain * np.array([1.1, 1.0, 0.8]), 0, 255).astype(np.uint8)
    dark = (plain * 0.35).astype(np.uint8)
    cast = warm.reshape(-1, 3).mean(axis=0)
    mended = measure(warm).apply(warm).reshape(-1, 3).mean(axis=0)
    assert 0.2 * (cast[0] - cast[2]) < mended[0] - mended[2] < 0.9 * (cast[0] - cast[2])
    brighter = measure(dark).apply(dark)
    assert dark.mean() * 1.15 < brighter.mean() < dark.mean() * 2.2
    for picture in (warm, dark, np.zeros_like(plain), np.full_like(plain, 255), np.full_like(plain, (200, 10, 10))):
        correction = measure(picture)
        assert abs(correction.stops) <= 0.5 and all(0.75 < gain < 1.34 for gain in correction.gains)
        assert correction == measure(picture)
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    curve = Correction((1.3, 0.9, 1.1), 0.5).apply(ramp)[0].astype(int)
    assert (np.diff(curve, axis=0) >= 0).all() and curve[0].max() == 0


def cube_text(change: Callable[[np.ndarray], np.ndarray], side: int = 3, extra: str = "") -> str:
    steps = np.linspace(0.0, 1.0, side)
    rows = [change(np.array([r, g, b])) for b in steps for g in steps for r in steps]
    return f'TITLE "x"\n# note\nLUT_3D_SIZE {side}\n{extra}' + "\n".join(
        " ".join(f"{v:.6f}" for v in row) for row in rows
    )


def test_a_cube_is_applied_red_first(tmp_path: Path) -> None:
    path = tmp_path / "swap.cube"
    path.write_text(cube_text(lambda rgb: rgb[[2, 1, 0]] * 0.5))
    rgb = np.array([[[200, 100, 40], [0, 0, 0], [255, 255, 255]]], np.uint8)
    assert np.abs(read_cube(path).apply(rgb).astype(int) - [[[20, 50, 100], [0, 0, 0], [128, 128, 128]]]).max() <= 1
    path.write_text(cube_text(lambda rgb: rgb, extra="DOMAIN_MIN 0 0 0\nDOMAIN_MAX 0.5 0.5 0.5\n"))
    assert np.abs(read_cube(path).apply(rgb)[0, 0].astype(int) - [255, 200, 80]).max() <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\1\2",
        "LUT_3D_SIZE 2\n0 0 0\n",
        "LUT_3D_SIZE 999\n",
        "LUT_3D_SIZE -2\n",
        "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n",
        "LUT_3D_SIZE 2\n" + "0 0\n" * 8,
        "LUT_3D_SIZE 2\n" + "0 0 1e999\n" * 8,
        "LUT_3D_SIZE 2\n" + "0 0 x\n" * 8,
        "LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\n" + "0 0 0\n" * 8,
    ],
)
def test_a_bad_cube_names_the_field(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.cube"
    path.write_text(text)
    with pytest.raises(RenderFailed) as caught:
        read_cube(path)
    assert caught.value.field == "style.lut" and "\n" not in str(caught.value)


def test_correction_and_table_reach_the_frames(tmp_path: Path, made: Made) -> None:
    path = tmp_path / "grey.cube"
    path.write_text(cube_text(lambda rgb: np.full(3, rgb.mean())))
    files = dict(made.files)
    lut = keep(path, files)
    frame = build_timeline(made.plan).scenes[1].first + 40
    grey = drawn(Composer(made.styled(lut=lut.model_dump()), SMALL, files), frame)
    plain, auto = drawn(made.composer(), frame), drawn(made.composer(colour="auto"), frame)
    assert abs(grey.u.astype(int) - 128).max() <= 2 < abs(plain.u.astype(int) - 128).max()
    assert np.abs(auto.y.astype(int) - plain.y).mean() > 2
    with pytest.raises(RenderFailed) as caught:
        drawn(Composer(made.styled(lut=lut.model_dump()), SMALL, made.files), frame)
    assert caught.value.field == "style.lut"
