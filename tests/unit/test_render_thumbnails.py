"""Thumbnails: what is stressed in a title, where it stands, whether it can be read, and that the three differ."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.picturing import PictureCard, PictureReading
from reelwright.domain.content.story import Picture
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import VARIANTS, RenderPlan
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.render.picture.colour import READABLE
from reelwright.render.picture.grounds import HIDDEN, MOST_COVERED, ink_on
from reelwright.render.picture.thumbnail import MAX_BYTES, Sheet, ThumbnailMaker, draw_thumbnails
from reelwright.render.plan.covers import cover_of
from reelwright.render.plan.layout import LAYOUTS, Box
from reelwright.render.text.headlines import headline

from .test_render_picture import Made, keep, make_pictures, scene_picture
from .test_render_timeline import plan_of

SMALL = {name: VideoFormat(name) for name in ("426x240", "240x426", "240x240", "640x256", "320x300", "240x720")}
TITLES = {
    "number": ("en", "7 ways to boil an egg"),
    "money": ("en", "How she made $3.5 million from a garden shed"),
    "one word": ("en", "Volcanoes"),
    "long": (
        "en",
        "The complete history of the Roman Empire, from its founding to its fall, and why it still matters today",
    ),
    "long word": ("de", "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente"),
    "Arabic": ("ar", "لماذا القرص مضيء جدا في هذه الصورة"),
    "Hebrew": ("he", "10 דברים שלא ידעתם על חתולים"),
    "Chinese": ("zh", "为什么猫总是四脚着地"),
    "Japanese": ("ja", "知らないと損する7つの習慣"),
    "Thai": ("th", "วิธีต้มไข่ให้อร่อย"),
    "Hindi": ("hi", "बिल्लियाँ हमेशा पैरों पर क्यों गिरती हैं"),
    "emoji": ("en", "Why 🌋 erupt and 🐝 do not"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


def pictured(folder: Path, *pictures: np.ndarray, card: PictureCard | None = None) -> Made:
    """A plan with a scene for each picture."""
    files: dict[str, Path] = {}
    shown = []
    for index, rgb in enumerate(pictures):
        Image.fromarray(rgb).save(folder / f"{index}.png")
        reading = PictureReading(kind="card", shows=("number",), sure=1.0) if card else None
        image = keep(folder / f"{index}.png", files)
        shown.append(Picture(scene=index, image=image, provider="t", card=card, reading=reading))
    plan = plan_of([2.0] * len(pictures))
    return Made(
        plan.model_copy(update={"material": plan.material.model_copy(update={"pictures": tuple(shown)})}), files
    )


def titled(made: Made, title: str, language: str = "en", **style: object) -> RenderPlan:
    material = made.plan.material
    story = material.story.model_copy(update={"title": title, "language": language})
    return made.plan.model_copy(
        update={
            "material": material.model_copy(update={"story": story}),
            "style": RenderStyle.model_validate(style),
        }
    )


def three(made: Made, format: VideoFormat, title: str, language: str = "en", **style: object) -> dict[str, Sheet]:
    maker = ThumbnailMaker(titled(made, title, language, **style), format, made.files)
    return {variant: maker.draw(variant) for variant in VARIANTS}


def overlaps(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """How different two pictures look: the mean distance of their pixels where fine detail is blurred away."""
    small = [cv2.resize(rgb, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32) for rgb in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


# --- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "strong"),
    [
        ("en", "7 ways to boil an egg", "7"),
        ("en", "How she made $3.5 million from a garden shed", "$3.5 million"),
        ("en", "Save 50% today", "50%"),
        ("en", "100,000 bees and one very patient man", "100,000"),
        ("en", "Apollo 11: the landing nobody saw", "Apollo 11"),
        ("en", "The secret life of octopuses", "octopuses"),
        ("en", "How the Roman Empire really ended", "Roman Empire"),
        ("en", "What COVID-19 did to cities", "COVID-19"),
        ("en", "Volcanoes", ""),
        ("en", "", ""),
        ("de", "So sparen Sie 30 % beim Heizen", "30 %"),
        ("de", "3,2 Millionen Euro für einen Apfel", "3,2 Millionen"),
        ("fr", "L'histoire de l'horloge qui a changé le monde", "horloge"),
        ("es", "¿Por qué los gatos siempre caen de pie?", "gatos"),
        ("ar", "كيف ربحت 3 ملايين دولار", "3 ملايين"),
        ("ar", "لماذا القرص مضيء جدا في هذه الصورة", "القرص"),
        ("he", "10 דברים שלא ידעתם על חתולים", "10"),
        ("hi", "भारत ने 3 लाख करोड़ कैसे कमाए", "3 लाख करोड़"),
        ("zh", "三分钟了解黑洞的秘密", "三分钟"),
        ("zh", "为什么猫总是四脚着地", "四脚着地"),
        ("ja", "知らないと損する7つの習慣", "7つ"),
        ("ko", "하루 10분으로 건강해지는 법", "10분으로"),
        ("th", "5 วิธีประหยัดเงิน", "5"),
    ],
)
def test_a_number_is_stressed_or_else_the_rarest_content_word(language: str, title: str, strong: str) -> None:
    found = headline(title, language)
    assert found.strong == strong and found.text == title


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Sourdough for beginners: everything you need to know before your first loaf", "Sourdough for beginners"),
        ("A slow morning in the old harbour | 12 boats that go out to fish", "12 boats that go out to fish"),
        ("How the moon was made, told in the voices of those who found out (full film)",
         "How the moon was made, told in the voices of those who found out"),
        ("Sourdough: a short guide", "Sourdough: a short guide"),
    ],
)  # fmt: skip
def test_a_long_title_is_set_without_its_subtitle(title: str, kept: str) -> None:
    assert headline(title, "en").text == kept


# --- the picture -----------------------------------------------------------------------------------------------------


def _pairs() -> list[tuple[str, str]]:
    """Each title in one shape or two; all shapes for those that are hardest to place."""
    shapes = list(SMALL)
    pairs = [(shape, title) for title in ("number", "long", "Arabic") for shape in shapes]
    rest = [title for title in TITLES if title not in ("number", "long", "Arabic")]
    return pairs + [(shapes[(at + turn) % 3], title) for at, title in enumerate(rest) for turn in (0, 1)]


@pytest.mark.parametrize(("shape", "kind"), _pairs())
@pytest.mark.lengthy
@pytest.mark.sample(8)
def test_a_title_is_whole_readable_and_clear_of_what_platforms_draw(made: Made, shape: str, kind: str) -> None:
    format, (language, title) = SMALL[shape], TITLES[kind]
    cover = cover_of(LAYOUTS[format])
    for variant, sheet in three(made, format, title, language).items():
        assert sheet.block is not None
        assert sheet.contrast >= READABLE, variant
        assert sheet.covered <= MOST_COVERED, variant
        box = sheet.block.box
        assert cover.safe.missed_by(box) <= 1, (variant, box, cover.safe)
        assert not overlaps(box, cover.stamp), variant
        assert sheet.block.least >= 0.045 * cover.unit, variant
        inks = [line.ink for line in sheet.block.lines]
        assert not any(overlaps(*pair) for pair in combinations(inks, 2)), variant


@pytest.mark.parametrize("format", list(SMALL.values())[:3], ids=list(SMALL)[:3])
@pytest.mark.sample(1)
def test_the_three_differ_in_more_than_colour(made: Made, format: VideoFormat) -> None:
    sheets = three(made, format, "7 ways to see a bright disc")
    for one, other in combinations(sheets.values(), 2):
        assert distance(one.rgb, other.rgb) > 12
        assert one.block is not None and other.block is not None
        assert one.block.box != other.block.box
    said = [
        " ".join(line.before + line.strong + line.after for line in sheet.block.lines)
        for sheet in sheets.values()
        if sheet.block
    ]
    assert said[1] == "7 ways" and said[0] == said[2] != said[1]


@pytest.mark.parametrize("level", [255, 128, 0])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.sample(3)
def test_a_title_can_be_read_on_any_picture(tmp_path: Path, level: int, variant: str) -> None:
    rgb = np.full((480, 640, 3), level, np.uint8)
    rgb[::12] = 255
    made = pictured(tmp_path, rgb)
    sheet = three(made, SMALL["426x240"], "A title that is long enough for two lines")[variant]
    assert sheet.block is not None and sheet.contrast >= READABLE
    # Read again from the pixels: the lines' own ink, letters against what is around them.
    for line in sheet.block.lines:
        ink = line.ink
        grey = np.asarray(Image.fromarray(sheet.rgb).convert("L"), np.float32)[
            ink.top : ink.bottom, ink.left : ink.right
        ]
        assert np.quantile(grey, 0.98) - np.quantile(grey, 0.02) > 90
    # A shade that hid the picture would be a panel: outside the letters' box something of it is left.
    shown = np.abs(sheet.rgb.astype(np.float32) - rgb[0, 0]).mean(axis=2)
    assert (shown < 255 * HIDDEN).mean() > 1 - MOST_COVERED or level == 0


@pytest.mark.parametrize("accent", ["#FFB938", "#101840", "#F4F4F0", "#7A1020"])
def test_letters_on_a_panel_can_be_read_in_any_accent(made: Made, accent: str) -> None:
    sheets = three(made, SMALL["426x240"], "7 ways to boil an egg", brand={"accent": accent})
    assert min(sheet.contrast for sheet in sheets.values()) >= READABLE
    colour, ink = ink_on((16, 24, 64))
    assert ink == (255, 255, 255) and colour == (16, 24, 64)


def test_a_right_to_left_title_stands_at_the_other_side(made: Made) -> None:
    wide = SMALL["426x240"]
    middle = {}
    for language, title in (TITLES["number"], TITLES["Hebrew"]):
        sheets = three(made, wide, title, language)
        middle[language] = {
            name: (s.block.box.left + s.block.box.right) / 2 / 426 for name, s in sheets.items() if s.block
        }
    assert middle["en"]["text"] < 0.5 < middle["he"]["text"]
    assert middle["en"]["frame"] < 0.5 < middle["he"]["frame"]


def test_the_subject_is_large_and_beside_the_title(tmp_path: Path) -> None:
    made = pictured(tmp_path, scene_picture((60, 70, 90), at=0.5, size=(960, 540)))
    disc = {}
    for variant, sheet in three(made, SMALL["426x240"], "Why the disc is bright").items():
        bright = (
            (sheet.rgb[..., 0] > 235)
            & (sheet.rgb[..., 1] > 225)
            & (sheet.rgb[..., 2] > 190)
            & (sheet.rgb[..., 2] < 230)
        )
        columns = np.nonzero(bright.sum(axis=0) > 3)[0]
        disc[variant] = columns.max() - columns.min(), columns.mean() / 426
    # In the picture as it is the disc is 60 pixels wide.
    assert disc["frame"][0] > disc["text"][0] >= 60
    assert disc["text"][1] > 0.55


def test_a_cards_own_words_are_not_in_the_picture(tmp_path: Path) -> None:
    ground = scene_picture((60, 50, 90))
    for name in "ab":
        (tmp_path / name).mkdir()
    card = PictureCard(kind="number", text="12 percent", detail="more than before")
    carded = pictured(tmp_path / "a", ground, card=card)
    other = pictured(tmp_path / "b", ground, card=card.model_copy(update={"text": "99 999"}))
    title = "Profit grew by 12 percent"
    for one, two in zip(
        three(carded, SMALL["426x240"], title).values(), three(other, SMALL["426x240"], title).values(), strict=True
    ):
        assert np.array_equal(one.rgb, two.rgb)


def test_without_a_title_they_differ_by_their_cut(made: Made) -> None:
    sheets = three(made, SMALL["426x240"], "", brand={"watermark": "Reel"})
    assert all(sheet.block is None for sheet in sheets.values())
    assert all(distance(one.rgb, other.rgb) > 3 for one, other in combinations(sheets.values(), 2))


@pytest.mark.lengthy
def test_files_of_each_format(made: Made, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = titled(made, "Why the disc is bright", brand={"watermark": "Reel"})
    for format in (*STANDARD_FORMATS[:1], SMALL["240x426"]):
        paths = draw_thumbnails(plan, format, made.files, scratch, tmp_path)
        again = {name: path.read_bytes() for name, path in paths.items()}
        assert list(paths) == ["text", "frame", "brand"]
        for path in paths.values():
            assert path.stat().st_size <= MAX_BYTES
            with Image.open(path) as image:
                assert image.format == "JPEG" and image.size == format.size
        if format.size[0] < 1000:  # the same input gives the same bytes
            assert again == {
                name: path.read_bytes()
                for name, path in draw_thumbnails(plan, format, made.files, scratch, tmp_path).items()
            }
    assert not list(scratch.iterdir()), "an unfinished file was left"
