"""The look at a plan's material before time is spent: what is refused, and what is mended and told."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Picture, WordTiming
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput, ReelwrightError, RenderFailed
from reelwright.domain.formats import STANDARD_FORMATS
from reelwright.render.plan import preflight as look

from .test_render_picture import keep, scene_picture
from .test_render_timeline import plan_of

GOOD = tuple(
    WordTiming(text=text, start=0.5 * n, end=0.5 * n + 0.4) for n, text in enumerate(["An", "octopus", "has."])
)


def look_over(plan: RenderPlan, files: dict[str, Path]) -> list[str]:
    shares: list[float] = []
    notes = look.look_over(plan, files, shares.append)
    assert shares == [0.5, 1.0]
    return notes


def with_picture(path: Path, words: tuple[WordTiming, ...] = GOOD) -> tuple[RenderPlan, dict[str, Path]]:
    """Two scenes; the second has this picture and these words."""
    good = path.parent / "good.png"
    Image.fromarray(scene_picture((90, 120, 60))).save(good)
    files: dict[str, Path] = {}
    images = [keep(good, files), keep(path, files)]
    plan = plan_of([2.0, 2.0], [GOOD, words])
    pictures = tuple(Picture(scene=n, image=image, provider="t") for n, image in enumerate(images))
    material = plan.material.model_copy(update={"pictures": pictures})
    return plan.model_copy(update={"material": material, "formats": STANDARD_FORMATS}), files


def odd_picture(kind: str, path: Path) -> None:
    image = Image.fromarray(scene_picture((40, 90, 180), size=(800, 600)))
    exif = Image.Exif()
    exif[0x0112] = 6
    match kind:
        case "cmyk":
            image.convert("CMYK").save(path, "JPEG")
        case "sixteen bits":
            Image.fromarray(np.full((600, 800), 30_000, np.uint16)).save(path, "PNG")
        case "animated":
            image.save(path, "PNG", save_all=True, append_images=[image.rotate(90)])
        case "turned":
            image.save(path, "JPEG", exif=exif)
        case "transparent":
            image.putalpha(120)
            image.save(path, "PNG")
        case "tiny":
            Image.new("RGB", (1, 1), (200, 20, 20)).save(path, "PNG")
        case "huge":
            Image.new("L", (20_000, 20_000), 90).save(path, "JPEG", quality=20)
        case _:
            image.save(path, "PNG")


MENDED = {
    "good": None,
    "cmyk": "made for print (CMYK); its colours were converted",
    "sixteen bits": "has 16 bits a colour; it was converted to 8",
    "animated": "an animation of 2 frames; its first one is shown",
    "turned": "turned upright, as its camera noted",
    "transparent": "transparent in places; they were filled",
    "tiny": "has only 1x1 pixels and will look soft",
    "huge": "of 20000x20000 pixels was made smaller",
}


@pytest.mark.parametrize("kind", MENDED)
@pytest.mark.lengthy
@pytest.mark.sample(4)
def test_odd_pictures_are_mended_and_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    odd_picture(kind, path)
    notes = look_over(*with_picture(path))
    told = MENDED[kind]
    if told is None:
        assert notes == []
    else:
        assert len(notes) == 1 and notes[0].startswith("scene 2: the picture") and told in notes[0]


@pytest.mark.parametrize("kind", ["truncated", "html", "empty", "huge", "missing"])
@pytest.mark.lengthy
@pytest.mark.sample(3)
def test_what_is_no_picture_is_refused_by_scene_and_field(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.png"
    odd_picture("good", path)
    if kind == "huge":
        Image.new("1", (20_000, 20_000)).save(path)
    elif kind != "missing":
        path.write_bytes({"truncated": path.read_bytes()[:700], "html": b"<!doctype html><p>404", "empty": b""}[kind])
    plan, files = with_picture(path)
    if kind == "missing":
        del files[plan.material.pictures[1].image.sha256]
    with pytest.raises(RenderFailed) as caught:
        look_over(plan, files)
    assert "scene 2" in str(caught.value) and caught.value.field == "material.pictures[1].image"
    assert caught.value.remedy


def words_at(*times: tuple[float, float]) -> tuple[WordTiming, ...]:
    return tuple(WordTiming.model_construct(text=f"word{n}", start=a, end=b) for n, (a, b) in enumerate(times))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (words_at((0.0, 0.5), (0.52, 1.0), (1.0, 2.03)), None),
        (words_at((0.0, 1.0), (0.5, 1.5)), "(1 overlapping)"),
        (words_at((1.0, 1.4), (0.2, 0.6)), "(1 backwards)"),
        (words_at((1.0, 0.4), (1.5, 1.8)), "(1 backwards)"),
        (words_at((0.0, 0.5), (3.0, 4.0), (5.0, 6.0)), "(2 outside the recording)"),
        (words_at((-1.0, 0.5)), "(1 outside the recording)"),
        ((), "the voice gave no times"),
    ],
)
def test_words_with_bad_times_are_told(words: tuple[WordTiming, ...], told: str | None, tmp_path: Path) -> None:
    path = tmp_path / "good.png"
    odd_picture("good", path)
    notes = look_over(*with_picture(path, words))
    assert notes == [] if told is None else (len(notes) == 1 and notes[0].startswith("scene 2: ") and told in notes[0])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_times_that_are_no_numbers_are_refused(bad: float, tmp_path: Path) -> None:
    path = tmp_path / "good.png"
    odd_picture("good", path)
    with pytest.raises(InvalidInput) as caught:
        look_over(*with_picture(path, words_at((0.0, 0.5), (bad, bad))))
    assert caught.value.field == "material.narrations.words" and "scene 2" in str(caught.value)


def spoken(plan: RenderPlan, scene: int, text: str) -> RenderPlan:
    tokens = text.split()
    step = 2.0 / len(tokens)
    words = tuple(WordTiming(text=t, start=n * step, end=(n + 0.9) * step) for n, t in enumerate(tokens))
    narrations = list(plan.material.narrations)
    narrations[scene] = narrations[scene].model_copy(update={"words": words})
    return plan.model_copy(update={"material": plan.material.model_copy(update={"narrations": tuple(narrations)})})


def test_words_and_texts_that_cannot_be_drawn_whole_are_told(tmp_path: Path) -> None:
    path = tmp_path / "good.png"
    odd_picture("good", path)
    plan, files = with_picture(path)
    [note] = look_over(spoken(plan, 1, "the " + "x" * 200 + " end"), files)
    assert note == "scene 2: a word is too long for a line of captions and is broken"
    [note] = look_over(spoken(plan, 0, "A line with \U00012000 in it"), files)
    assert note == "scene 1: signs no font has are left out of the picture: U+12000"
    story = plan.material.story.model_copy(update={"title": "Cuneiform \U00012000"})
    titled = plan.model_copy(update={"material": plan.material.model_copy(update={"story": story})})
    assert look_over(titled, files) == ["the title: signs no font has are left out of the picture: U+12000"]
    with pytest.raises(InvalidInput) as caught:
        look_over(spoken(plan, 1, "\U00012000\U00012001 \U00012002\U00012003"), files)
    assert caught.value.field == "language" and "scene 2" in str(caught.value)
    nasty = "{\\an8} \\N %{} 'q\" \x00 \u202eover\u202c {\\p1}m"
    assert look_over(spoken(plan, 1, nasty), files) == [], "it is only text"


@pytest.mark.parametrize(("field", "style"), [("style.lut", "lut"), ("style.brand.logo", "logo")])
def test_the_styles_files_are_opened_too(field: str, style: str, tmp_path: Path) -> None:
    path, page = tmp_path / "good.png", tmp_path / "page"
    odd_picture("good", path)
    page.write_text("<html>")
    plan, files = with_picture(path)
    ref: AssetRef = keep(page, files)
    style_ = plan.style
    brand = style_.brand.model_copy(update={"logo": ref})
    style_ = style_.model_copy(update={"lut": ref} if style == "lut" else {"brand": brand})
    with pytest.raises(ReelwrightError) as caught:
        look_over(plan.model_copy(update={"style": style_}), files)
    assert caught.value.field == field
