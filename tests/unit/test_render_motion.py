"""The camera moves softly, and the pixels follow it to a fiftieth of a pixel."""

import numpy as np
import pytest

from reelwright.render.picture.frames import Still
from reelwright.render.picture.sampling import TOLERANCE, Resized, best_sampler, place_of
from reelwright.render.picture.yuv import Planes, darken, mix, planes_of
from reelwright.render.plan.motion import View, camera_paths
from reelwright.render.plan.timeline import build_timeline

from .test_render_timeline import plan_of

WIDTH, HEIGHT = 480, 270


@pytest.fixture(scope="module", params=["best", "resize"])
def waves(request: pytest.FixtureRequest) -> Still:
    """A still of known formula: luma 126 + 60 sin(x / 5), so that a displacement can be read from the pixels."""
    x = np.arange(2 * round(WIDTH * 0.6))
    grey = np.rint((110 + 60 * np.sin(x / 5)) * 255 / 219)
    rows = np.repeat(grey[None, :, None], 2 * round(HEIGHT * 0.6), axis=0)
    sampler = best_sampler() if request.param == "best" else Resized()
    return Still(np.repeat(rows, 3, axis=2).astype(np.uint8), WIDTH, HEIGHT, sampler=sampler)


def error_in_x(still: Still, view: View) -> float:
    """How many source pixels beside its place the picture was drawn (least squares on the known formula)."""
    out = Planes.empty(WIDTH, HEIGHT)
    still.draw(view, out)
    window = still.window(view)
    at = window.x + (np.arange(WIDTH) + 0.5) * window.scale - 0.5
    inner = slice(8, -8)
    slope = 12 * np.cos(at / 5)[inner]
    off = (out.y.astype(float) - (126 + 60 * np.sin(at / 5)))[:, inner].mean(axis=0)
    return float((off * slope).sum() / (slope * slope).sum())


def test_paths_are_smooth_and_never_stop() -> None:
    timeline = build_timeline(plan_of([6.0] * 12))
    for seed in range(5):
        for scene, path in zip(timeline.scenes, camera_paths(timeline, seed), strict=True):
            views = [path.at(frame) for frame in range(scene.frames)]
            spots = np.array([[view.zoom, view.x, view.y] for view in views])
            speed = np.diff(spots, axis=0)
            span = np.abs(spots[-1] - spots[0])
            # Speed changes by a few thousandths of the whole way from frame to frame: no jerk.
            assert (np.abs(np.diff(speed, axis=0)) <= span * 3e-4 + 1e-9).all()
            moved = np.abs(speed).max(axis=1)
            assert moved.min() > 0.3 * moved.max(), "the picture stands still"
            assert (spots[:, 0] >= 1.0).all() and spots[:, 0].max() <= 1.2
            assert (np.abs(spots[:, 1:]) <= 1.0).all(), "the window leaves the picture"


def test_movement_is_four_to_ten_per_cent() -> None:
    timeline = build_timeline(plan_of([6.0] * 20))
    for path in camera_paths(timeline, 3):
        zoomed = abs(path.end.zoom / path.start.zoom - 1)
        room = 1 - 1 / path.start.zoom
        panned = max(abs(path.end.x - path.start.x), abs(path.end.y - path.start.y)) / 2 * room
        assert 0.04 <= max(zoomed, panned) <= 0.1


def test_directions_follow_the_seed_and_change_from_scene_to_scene() -> None:
    timeline = build_timeline(plan_of([4.0] * 10))
    assert camera_paths(timeline, 1) == camera_paths(timeline, 1)
    assert camera_paths(timeline, 1) != camera_paths(timeline, 2)
    starts = {(path.start.zoom < path.end.zoom, path.start.x < path.end.x) for path in camera_paths(timeline, 1)}
    assert len(starts) >= 3


def test_pixels_follow_the_path_without_jitter(waves: Still) -> None:
    timeline = build_timeline(plan_of([3.0, 3.0, 3.0]))
    for path in camera_paths(timeline, 5):
        errors = [error_in_x(waves, path.at(frame)) for frame in range(0, 90, 3)]
        assert np.abs(errors).max() < 0.035


@pytest.mark.parametrize("scale", [1.2, 7 / 6, 8 / 7, 10 / 9])
def test_simple_fractions_do_not_jitter_either(waves: Still, scale: float) -> None:
    # At these scales OpenCV's skipping pixels reaches only a few fractions; a filter has to make good the rest.
    worst = max(abs(place_of(100 + step / 37, scale).error) for step in range(37))
    assert worst > TOLERANCE
    errors = [error_in_x(waves, View(1.2 / scale, step / 90, 0.0)) for step in range(12)]
    assert np.abs(errors).max() < 0.035


def test_colours_are_bt709_limited_range() -> None:
    # Code values of the colour bars at 100 %, from ITU-R BT.709-6's equations.
    expected = {
        (255, 255, 255): (235, 128, 128),
        (0, 0, 0): (16, 128, 128),
        (255, 0, 0): (63, 102, 240),
        (0, 255, 0): (173, 42, 26),
        (0, 0, 255): (32, 240, 118),
    }
    for rgb, codes in expected.items():
        planes = planes_of(np.full((4, 4, 3), rgb, np.uint8))
        assert [int(plane[0, 0]) for plane in planes] == list(codes), rgb


def test_mixing_and_darkening() -> None:
    white, black = (planes_of(np.full((4, 4, 3), level, np.uint8)) for level in (255, 0))
    out = Planes.empty(4, 4)
    mix(white, black, 0.5, out)
    assert out.y[0, 0] in (125, 126) and out.u[0, 0] == 128
    darken(out, 0.0)
    assert [int(plane[0, 0]) for plane in out] == [16, 128, 128]
