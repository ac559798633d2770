"""The illustrator: what it reads from words, and what can be measured of what it draws."""

from __future__ import annotations

import asyncio
import io
import itertools
import tomllib
from dataclasses import replace
from importlib import resources
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from reelwright import drawn as images
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.errors import InvalidInput
from reelwright.drawn import DrawnIllustrator
from reelwright.drawn.color import from_oklab, rgb, to_oklab
from reelwright.drawn.composition import paint_subjects
from reelwright.drawn.evidence import CONFIDENT
from reelwright.drawn.finish import finish
from reelwright.drawn.illustrator import paint, set_stage
from reelwright.drawn.layout import spots_of
from reelwright.drawn.reading import SETTINGS, TIMES, SceneReading, Subject, read_scene, subject_names
from reelwright.drawn.scenery import _POLAR as POLAR
from reelwright.drawn.scenery import SCENERY
from reelwright.drawn.stage import Stage
from reelwright.drawn.subjects import SKETCHES

SMALL = 256
LEXICON: dict[str, Any] = tomllib.loads(resources.files(images).joinpath("lexicon.toml").read_text("utf-8"))
BACKS: dict[Any, tuple[np.ndarray, Any]] = {}
"""What is behind the subjects, painted once for all that have the same behind them: the pixels, and the state of chance
afterwards."""


def story_of(*texts: str, title: str = "A story", mood: Any = "curious", language: str = "en") -> Story:
    scenes = tuple(Scene(index=i, text=text) for i, text in enumerate(texts))
    return Story(title=title, description="", mood=mood, scenes=scenes, writer="test", language=language)


def read(text: str, *, title: str = "A story", seed: int = 1, language: str = "en") -> SceneReading:
    story = story_of(text, title=title, language=language)
    return read_scene(story.scenes[0], story=story, seed=seed)


def staged(
    setting: Any, *, time: Any = "day", weather: Any = "clear", subjects: tuple[Subject, ...] = (), index: int = 0
) -> Stage:
    known = SceneReading(setting=setting, time=time, weather=weather, subjects=subjects, read=True)
    return set_stage(known, story=story_of("x"), index=index, seed=3, chance=11, size=SMALL)


def paint_back(stage: Stage) -> None:
    """`SCENERY[...].back`: it depends on place, index, sun and chance, and of the subjects on the polar ones alone."""
    scenery, polar = SCENERY[stage.reading.setting], POLAR & {subject.name for subject in stage.reading.subjects}
    known = replace(stage.reading, subjects=())
    chance = stage.rng.bit_generator
    key = (known, stage.sun, stage.side, stage.shot, stage.horizon, repr(chance.state), bool(polar))
    if key not in BACKS:
        scenery.back(stage)
        BACKS[key] = stage.canvas.pixels.copy(), chance.state
    stage.canvas.pixels[:], chance.state = BACKS[key]


def painted(stage: Stage) -> np.ndarray:
    paint(stage)
    return finish(stage.canvas, stage.rng)


async def drawn(story: Story, *, seed: int = 1, size: int = SMALL) -> list[np.ndarray]:
    artist = DrawnIllustrator(size)
    drawings = [await artist.draw(scene, story=story, seed=seed) for scene in story.scenes]
    return [np.asarray(Image.open(io.BytesIO(drawing.data)).convert("RGB")) for drawing in drawings]


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "setting", "hero"),
    [
        ("en", "An octopus has three hearts.", "abstract", "octopus"),
        ("en", "An octopus waits on the sea floor.", "undersea", "octopus"),
        ("en", "Whales sing in the deep ocean.", "undersea", "whale"),
        ("en", "A lighthouse stands on the cliff.", "coast", "lighthouse"),
        ("en", "A fox ran through the forest.", "forest", "fox"),
        ("en", "A fox ran through the forest in January.", "abstract", "fox"),
        ("en", "A penguin died on the beach.", "abstract", ""),
        ("en", "The whale was sold in the city.", "abstract", "whale"),
        ("en", "Camels live in the desert.", "desert", "camel"),
        ("de", "Der Leuchtturm steht an der Küste.", "coast", "lighthouse"),
        ("es", "El pulpo vive en el océano.", "undersea", "octopus"),
        ("fr", "Le phare se dresse sur la falaise.", "coast", "lighthouse"),
        ("pt", "O foguete voa no espaço.", "space", "rocket"),
    ],
)
def test_the_sentence_decides_place_and_hero(language: str, text: str, setting: str, hero: str) -> None:
    known = read(text, language=language)
    assert (known.setting, "".join(subject.name for subject in known.subjects)) == (setting, hero)
    assert known.read == bool(hero) and (known.sure >= CONFIDENT) == bool(hero)


@pytest.mark.parametrize(
    ("language", "title", "text", "hero"),
    [
        ("ru", "Маяк", "Маяк стоит на берегу.", "lighthouse"),
        ("nl", "De vuurtoren", "De vuurtoren staat aan de kust.", "lighthouse"),
        ("tr", "Ahtapot", "Bir ahtapot denizde yüzer.", "octopus"),
        ("ar", "البطريق", "البطريق يعيش في القطب الجنوبي.", "penguin"),
        ("zh", "企鹅", "企鹅住在南极。", "penguin"),
        ("hi", "हाथी", "हाथी रेगिस्तान में चलता है।", "elephant"),
        ("ja", "ペンギン", "ペンギンが歩いています。", "penguin"),
        ("ko", "펭귄", "펭귄 걷고 있다.", "penguin"),
    ],
)
def test_languages_without_a_grammar_need_the_title(language: str, title: str, text: str, hero: str) -> None:
    assert [subject.name for subject in read(text, title=title, language=language).subjects] == [hero]
    assert not read(text, title="", language=language).subjects


@pytest.mark.parametrize(
    ("language", "brief", "time", "weather"),
    [
        ("en", "rain in the forest at night", "night", "rain"),
        ("en", "a lake at dawn in the mist", "dawn", "fog"),
        ("en", "a storm over the ocean at sunset", "sunset", "storm"),
        ("en", "a lighthouse", "day", "clear"),
        ("de", "der Wald nachts im Regen", "night", "rain"),
    ],
)
def test_a_brief_decides_hour_and_weather(language: str, brief: str, time: str, weather: str) -> None:
    scene = Scene(index=0, text="x", brief=brief)
    story = Story(title="x", description="", scenes=(scene,), writer="test", language=language)
    known = read_scene(scene, story=story, seed=1)
    assert known.read and (known.time, known.weather) == (time, weather)


@pytest.mark.parametrize(
    ("language", "brief", "wish", "time", "shows"),
    [
        ("en", "a harbour with boats", "make it night", "night", "boat"),
        ("en", "a harbour with boats", "a lighthouse at sunset", "sunset", "lighthouse"),
        ("en", "", "at night, please", "night", "owl"),
        ("de", "ein Leuchtturm", "bei Nacht", "night", "lighthouse"),
        ("de", "ein Leuchtturm", "make it night", "night", "lighthouse"),
    ],
)
def test_a_wish_goes_before_the_brief_or_is_added_to_it(
    language: str, brief: str, wish: str, time: str, shows: str
) -> None:
    scene = Scene(index=0, text="An owl sits in the forest.", brief=brief, wish=wish)
    story = Story(title="Owls", description="", writer="", language=language, scenes=(scene,))
    reading = read_scene(scene, story=story, seed=3)
    assert (reading.time, [subject.name for subject in reading.subjects]) == (time, [shows])


def test_hour_and_weather_are_those_of_the_sentence() -> None:
    known = read("The lighthouse stands on the coast in the rain at night.")
    assert (known.setting, known.time, known.weather) == ("coast", "night", "rain")
    known = read("The lighthouse stands on the coast.")
    assert (known.setting, known.time, known.weather) == ("coast", "day", "clear")


def test_numbers_count_subjects() -> None:
    assert read("Three owls sat there.").subjects == (Subject("owl", 3),)
    assert read("Two small lighthouses stand there.").subjects == (Subject("lighthouse", 2),)
    assert read("A fox left at 7.").subjects == (Subject("fox", 1),)


@pytest.mark.parametrize("name", ["penguin", "sheep", "owl"])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.sample(3)
def test_as_many_are_drawn_as_were_counted(name: str, count: int) -> None:
    stage = staged("coast", subjects=(Subject(name, count),))
    assert len(list(spots_of(stage, SCENERY["coast"]))) == count


@pytest.mark.parametrize("text", ["", "Xyzzy plugh.", "…", "これは何ですか", "مرحبا بالعالم", "🜁🜂🜃"])
def test_words_without_a_reading_are_not_drawn(text: str) -> None:
    known = read(text, title="")
    assert not known.read and not known.subjects and known.sure == 0.0


def test_small_words_of_one_language_do_not_mislead_another() -> None:
    for text in ("The end of it all at the door.", "He ate on the mat with them.", "We can sing and pay rent."):
        assert not read(text, title="").read


def test_lexicon_names_only_what_exists() -> None:
    data = LEXICON
    assert {kind for entry in data["domains"].values() for kind in entry["shows"].split()} <= {
        entry["kind"] for entry in data["subjects"].values()
    }
    assert set(data["settings"]) == set(SETTINGS) == set(SCENERY)
    assert set(data["times"]) == set(TIMES)
    assert set(subject_names()) == set(SKETCHES) and len(SKETCHES) >= 30
    assert {entry["home"] for entry in data["subjects"].values()} <= {"", *SETTINGS}


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.lengthy
async def test_default_picture_is_large_enough_for_every_crop() -> None:
    story = story_of("An octopus has three hearts.")
    drawing = await DrawnIllustrator().draw(story.scenes[0], story=story, seed=1)
    picture = Image.open(io.BytesIO(drawing.data))
    assert (picture.format, picture.size, picture.mode) == ("JPEG", (2304, 2304), "RGB")
    assert drawing.media_type == "image/jpeg" and drawing.usd == 0.0
    assert 100_000 < len(drawing.data) < 4_000_000


@pytest.mark.lengthy
async def test_same_input_same_bytes_even_side_by_side() -> None:
    story = story_of("Rain falls on the city at night.", "A fox in the forest.", "A planet in space.", title="Three")
    once = [await DrawnIllustrator(SMALL).draw(scene, story=story, seed=5) for scene in story.scenes]
    again = await asyncio.gather(*(DrawnIllustrator(SMALL).draw(scene, story=story, seed=5) for scene in story.scenes))
    other = await DrawnIllustrator(SMALL).draw(story.scenes[0], story=story, seed=6)
    assert [drawing.data for drawing in once] == [drawing.data for drawing in again]
    assert other.data != once[0].data


def test_pictures_of_another_size_go_on_record_under_another_name() -> None:
    assert (DrawnIllustrator().name, DrawnIllustrator(SMALL).name) == ("drawn", "drawn-256")


@pytest.mark.lengthy
async def test_scenes_with_the_same_words_still_look_different() -> None:
    pictures = await drawn(story_of(*["A tree stands there."] * 5))
    small = [to_oklab(cv2.resize(p, (24, 24), interpolation=cv2.INTER_AREA) / 255) for p in pictures]
    for a, b in itertools.combinations(small, 2):
        assert float(np.sqrt(((a - b) ** 2).sum(axis=-1)).mean()) > 0.03


@pytest.mark.lengthy
def test_the_hour_decides_the_light() -> None:
    pictures = {time: painted(staged("meadow", time=time)) for time in TIMES}
    brightness = {time: picture.mean() for time, picture in pictures.items()}
    assert brightness["night"] < 0.6 * brightness["day"]
    assert brightness["sunset"] < brightness["day"]
    red, _, blue = pictures["sunset"][: SMALL // 2].reshape(-1, 3).mean(axis=0)
    assert red > blue


@pytest.mark.lengthy
@pytest.mark.parametrize("name", sorted(SKETCHES))
@pytest.mark.sample(12)
def test_the_subject_stands_in_the_middle(name: str) -> None:
    """What the subject changes on its scene lies, but for glows and shadows, where all crops see it."""
    home = LEXICON["subjects"][name]["home"]
    side = len(name) % 2
    setting = home or ("meadow", "abstract")[side]
    stage = staged(setting, subjects=(Subject(name),), index=side)
    scenery = SCENERY[setting]
    paint_back(stage)
    before = stage.canvas.pixels.copy()
    paint_subjects(stage, scenery)
    change = np.abs(stage.canvas.pixels - before).max(axis=2)
    change[change < 0.06] = 0
    total = change.sum()
    assert (change > 0).mean() > 0.004, "hardly to be seen"
    low, high = int(SMALL * 0.219), int(SMALL * 0.781)
    assert change[low:high].sum() > 0.93 * total, "cut in 16:9"
    zoomed = change[int(SMALL * 0.255) : int(SMALL * 0.745)]
    assert zoomed.sum() > 0.86 * total, "cut in 16:9 at the end of the slow zoom"
    wide = 0.75 if SKETCHES[name].habitat == "rise" else 0.93
    assert change[:, low:high].sum() > wide * total, "cut in 9:16"
    y, x = (change * np.indices(change.shape)).sum(axis=(1, 2)) / total / SMALL
    assert 0.36 < x < 0.64 and 0.28 < y < 0.72


async def test_company_stays_in_the_crops() -> None:
    subjects = (Subject("octopus"), Subject("heart", 3))
    stage, scenery = staged("undersea", subjects=subjects), SCENERY["undersea"]
    scenery.back(stage)
    before = stage.canvas.pixels.copy()
    paint_subjects(stage, scenery)
    change = np.abs(stage.canvas.pixels - before).max(axis=2) > 0.12
    columns = np.flatnonzero(change.any(axis=0)) / SMALL
    assert columns.min() > 0.219 and columns.max() < 0.781


@pytest.mark.lengthy
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.sample(3)
def test_every_setting_in_every_weather(setting: Any) -> None:
    pictures = []
    for i, weather in enumerate(("rain", "snow", "storm", "fog")):
        stage = staged(setting, time=TIMES[i % 4], weather=weather, subjects=(Subject("person"),), index=i)
        picture = painted(stage)
        assert np.isfinite(stage.canvas.pixels).all()
        assert picture.std() > 12, "flat"
        assert (picture.max(axis=2) < 8).mean() < 0.35, "black"
        assert (picture.min(axis=2) > 247).mean() < 0.10, "burnt out"
        pictures.append(picture)
    assert len({p.tobytes() for p in pictures}) == len(pictures)


@pytest.mark.lengthy
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.sample(3)
def test_white_captions_can_be_read(setting: Any) -> None:
    """In the lower third of each crop the ground is dark enough for white letters with a thin outline."""
    for i, time in enumerate(TIMES):
        linear = (painted(staged(setting, time=time, index=i)) / 255.0) ** 2.2
        luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
        for top, bottom in ((0.62, 0.78), (0.66, 0.90)):
            band = luminance[int(top * SMALL) : int(bottom * SMALL), SMALL // 4 : -SMALL // 4]
            assert 1.05 / (band.mean() + 0.05) > 2.2, (time, top)


def test_gradients_are_dithered() -> None:
    """A clear sky has no steps from row to row and is not the same value along a row."""
    picture = painted(staged("desert", time="day")).astype(float)
    rows = picture[2:60].mean(axis=1)
    assert np.abs(np.diff(rows, axis=0)).max() < 8
    assert (picture[2:60].std(axis=1) > 0.4).all()


@pytest.mark.lengthy
async def test_outside_text_is_only_words() -> None:
    nasty = "drawtext='%{eif\\:1}':[in]; rm -rf / \0 \u202e ../../etc/passwd {{7*7}} <svg onload=1> " + "sea " * 5000
    for picture in await drawn(story_of(nasty, "🐙" * 400, "", title="'; DROP TABLE story;--")):
        assert picture.shape == (SMALL, SMALL, 3)


@pytest.mark.parametrize("size", [0, -5, 63, 100_000])
def test_an_impossible_size_is_told(size: int) -> None:
    with pytest.raises(InvalidInput, match=r"size: .*64 to 8192"):
        DrawnIllustrator(size)


def test_oklab_round_trip() -> None:
    colors = np.random.default_rng(1).random((200, 3)).astype(np.float32)
    assert np.abs(from_oklab(to_oklab(colors)) - colors).max() < 1e-4
    assert to_oklab(rgb("#ffffff"))[0] == pytest.approx(1.0, abs=1e-4)
