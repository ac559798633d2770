"""What a render process keeps from one job to the next: opened pictures and the composer."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from reelwright.domain.formats import VideoFormat
from reelwright.render.encode.mp4 import EncodeSettings, encode_pictures, encode_sound
from reelwright.render.picture import pictures
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.pictures import Shelf
from reelwright.render.picture.sampling import place_of, shift_kernel
from reelwright.render.picture.stills import open_still
from reelwright.render.process import child
from reelwright.render.process.jobs import ChildJob

from .test_render_picture import SMALL, Made, drawn, make_pictures


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The scenes whose pictures were opened, in order."""
    scenes: list[int] = []

    def spy(path: Path, *, scene: int) -> np.ndarray:
        scenes.append(scene)
        return open_still(path, scene=scene)

    monkeypatch.setattr(pictures, "open_still", spy)
    return scenes


def test_two_formats_open_a_picture_once_and_draw_it_as_if_alone(made: Made, opened: list[int]) -> None:
    shelf, plan = Shelf(), made.styled(colour="auto")
    for format in (SMALL, VideoFormat("360x640")):
        shared = drawn(Composer(plan, format, made.files, shelf=shelf), 20)
        alone = drawn(Composer(plan, format, made.files), 20)
        assert all(np.array_equal(a, b) for a, b in zip(shared, alone, strict=True))
    # Once for both, and once for each that had no shelf.
    assert opened == [0, 0, 0]


def test_a_shelf_lets_go_of_what_was_not_used_for_the_longest() -> None:
    shelf, asked = Shelf(limit=2 * 300), []

    def picture(name: str) -> None:
        def make() -> np.ndarray:
            asked.append(name)
            return np.zeros((10, 10, 3), np.uint8)

        shelf.get(name, make)

    for name in ("a", "b", "a", "c", "a", "b"):
        picture(name)
    assert asked == ["a", "b", "c", "b"]


def test_a_picture_larger_than_the_shelf_is_not_kept() -> None:
    shelf, asked = Shelf(limit=100), []

    def make() -> np.ndarray:
        asked.append(1)
        return np.zeros((10, 10, 3), np.uint8)

    for _ in range(2):
        assert shelf.get("a", make).rgb.shape == (10, 10, 3)
    assert len(asked) == 2


def test_the_next_job_of_a_plan_has_the_same_composer_with_its_own_files(made: Made, tmp_path: Path) -> None:
    seen, plan = child._Seen(), made.styled()
    one = seen.composer(plan, SMALL, made.files)
    before = drawn(one, 5)
    moved = {sha256: path.rename(tmp_path / path.name) for sha256, path in made.files.items()}
    try:
        # The same plan, but another object: as it comes out of the next job's JSON.
        two = seen.composer(type(plan).model_validate_json(plan.model_dump_json()), SMALL, moved)
        assert two is one
        far = two.timeline.scenes[-1].first + 30
        expected = drawn(Composer(plan, SMALL, moved), far)
        assert all(np.array_equal(a, b) for a, b in zip(drawn(two, far), expected, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(drawn(two, 5), before, strict=True))
    finally:
        for sha256, path in moved.items():
            path.rename(made.files[sha256])
    assert seen.composer(made.styled(transition="wipe"), SMALL, made.files) is not one


def test_a_soundtrack_that_is_encoded_is_not_encoded_again(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded_here: list[Path] = []

    def spy(source: Path, path: Path) -> None:
        encoded_here.append(source)
        encode_sound(source, path)

    monkeypatch.setattr(child, "encode_sound", spy)
    wav, encoded, pictures = tmp_path / "mix.wav", tmp_path / "mix.m4a", tmp_path / "pictures.mp4"
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.random.default_rng(1).integers(-9000, 9000, 2 * 9600).astype("<i2").tobytes())
    encode_sound(wav, encoded)
    encode_pictures(lambda number, out: None, range(6), (64, 64), pictures, EncodeSettings(), lambda share: None)
    job = ChildJob(task="join", plan=made.plan, format=SMALL, workdir=tmp_path, scratch=tmp_path)
    joined = []
    for sound in (encoded, wav):
        path = Path(child._finish(job, [(pictures, 6)], sound)["path"])
        joined.append(path.read_bytes())
    assert encoded_here == [wav]
    assert joined[0] == joined[1]


@pytest.mark.parametrize("shift", [0.0, 0.03, -0.07, 0.08])
def test_the_filter_moves_a_picture_by_a_part_of_a_pixel(shift: float) -> None:
    places = np.arange(200.0)
    for period in (4.0, 9.0, 31.0):
        wave_, wanted = (100 * np.sin(2 * np.pi * at / period) for at in (places, places + shift))
        moved = np.correlate(wave_, shift_kernel(shift), mode="same")
        assert np.abs(moved - wanted)[8:-8].max() < 1.0


def test_colour_may_be_placed_less_exactly_for_fewer_pixels() -> None:
    offsets = np.linspace(160, 170, 97)
    fine = [place_of(offset, 1.1013) for offset in offsets]
    coarse = [place_of(offset, 1.1013, 0.025) for offset in offsets]
    assert max(abs(place.error) for place in fine) <= 0.025 / 3
    assert max(abs(place.error) for place in coarse) <= 0.025
    assert sum(place.skip for place in coarse) < 0.6 * sum(place.skip for place in fine)
    for offset, place in zip(offsets, fine, strict=True):
        assert place.offset + place.skip * 1.1013 + place.error == pytest.approx(offset)
