"""OpenMoji's drawings where there is none of ours: only what the words surely mean, lit as the picture is, credited."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.material_lines import credits_of, pictures_told
from reelwright.domain.content.story import Scene, Story
from reelwright.drawn import DrawnIllustrator, art, lexicon
from reelwright.drawn.reading import SceneReading, read_scene
from reelwright.drawn.subjects import SKETCHES, sketch_of
from reelwright.openmoji import CREDIT, folder

from .test_render_timeline import plan_of

pytestmark = pytest.mark.skipif(folder() is None, reason="emosvg and resvg-py, the extra for emoji, are not installed")
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "zh")


def story_of(text: str, language: str = "en", title: str = "") -> Story:
    return Story(title=title, description="", language=language, writer="test", scenes=(Scene(index=0, text=text),))


def read(text: str, language: str = "en", title: str = "") -> SceneReading:
    story = story_of(text, language, title)
    return read_scene(story.scenes[0], story=story, seed=1)


def shown(text: str, language: str = "en") -> list[tuple[str, int]]:
    return [(subject.name, subject.count) for subject in read(text, language).subjects]


@pytest.mark.parametrize(
    ("language", "text", "subject"),
    [
        ("en", "Lions live in prides of up to thirty.", "lion"),
        ("en", "Three zebras graze in the open.", "zebra"),
        ("en", "The guitar stood in a corner.", "guitar"),
        ("en", "Potatoes need half an hour.", "potato"),
        ("en", "The wolf is back.", "wolf"),
        ("en", "A candle burns down in an hour.", "candle"),
        ("de", "Ein Igel raschelt im Laub.", "hedgehog"),
        ("de", "Der Wolf ist zurück.", "wolf"),
        ("de", "Wölfe leben im Rudel.", "wolf"),
        ("en", "Dolphins play in the bow wave.", "dolphin"),
        ("fr", "Le citron vient en dernier.", "lemon"),
        ("de", "Die Karotten kommen dazu.", "carrot"),
        ("fr", "Une girafe mange les feuilles.", "giraffe"),
        ("es", "El cocodrilo espera en la orilla.", "crocodile"),
        ("it", "Il pavone apre la coda.", "peacock"),
        ("pt", "O trator puxa o arado.", "tractor"),
    ],
)
def test_what_is_named_is_drawn(language: str, text: str, subject: str) -> None:
    assert subject in [name for name, _ in shown(text, language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Bake the carrot cake for an hour."),
        ("en", "She signed with Lemon Records last year."),
        ("en", "Hammer the point home."),
        ("en", "There are no lions in this country."),
        ("en", "An S3 bucket holds the files."),
        ("en", "A headlamp is better than a flashlight."),
        ("en", "He ran two hours, while a bus takes longer."),
        ("es", "Un puesto vende queso de cabra."),
        ("de", "Die Wölfinnen hatten Welpen."),
        ("de", "Der Krebs wurde früh erkannt."),
        ("es", "Aprendió flamenco en Sevilla."),
        ("fr", "L'avocat plaide l'acquittement."),
        ("fr", "Le paresseux perd son emploi."),
        ("it", "Un riccio di capelli le cade sulla fronte."),
        ("pt", "A preguiça custa caro."),
        ("ja", "カバーのサイズを選びます。"),
    ],
)
def test_what_only_sounds_like_it_is_a_card(language: str, text: str) -> None:
    assert not shown(text, language)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("Two carrots go in first.", [("carrot", 2)]),
        ("Garlic goes in next.", [("garlic", 1)]),
        ("Honey keeps for years.", [("honey pot", 1)]),
    ],
)
def test_it_is_the_right_number_of_the_right_noun(text: str, subjects: list[tuple[str, int]]) -> None:
    assert shown(text) == subjects


def test_each_word_names_one_drawing() -> None:
    """And none is shown for another of the kind."""
    assert len(art.arts()) > 150 and not set(art.arts()) & set(SKETCHES)
    for language in LANGUAGES:
        names = lexicon.lexicon_of(language).subjects.whole
        for one in art.arts().values():
            sure = [word for word in one.words(language).split() if not word.endswith("?")]
            assert all(set(names[word]) == {one.name} for word in sure), (language, one.name)


@pytest.mark.parametrize("name", sorted(art.arts()) if folder() else [])
def test_each_has_a_drawing_of_its_own_size(name: str) -> None:
    sketch = sketch_of(name)
    assert 0.3 < sketch.width < 4.0 and 0.1 < sketch.size < 0.5


def test_a_scene_that_names_nothing_does_not_show_it_again() -> None:
    story = story_of("We now send everything by email.", title="The printer that never worked")
    assert not read_scene(story.scenes[0], story=story, seed=1).subjects


async def test_it_stands_in_the_middle_in_the_colours_of_the_hour() -> None:
    drawn = DrawnIllustrator(size=256)
    with_it, without = (
        story_of(text) for text in ("An ambulance waits on the road at night.", "At night the road is empty.")
    )
    one = await drawn.draw(with_it.scenes[0], story=with_it, seed=3)
    again = await drawn.draw(with_it.scenes[0], story=with_it, seed=3)
    assert one.data == again.data and one.reading is not None and one.reading.shows == ("ambulance",)
    pixels = np.asarray(Image.open(io.BytesIO(one.data)).convert("RGB"), int)
    middle = pixels[90:190, 80:176]
    assert middle.std() > 25, "something stands there"
    assert pixels.max(axis=2).mean() < 140, "at night nothing is as bright as the drawing's own white"
    other = await drawn.draw(without.scenes[0], story=without, seed=3)
    assert other.reading is not None and not other.reading.credit and one.reading.credit == CREDIT


async def test_what_is_owed_is_told_once_and_stands_in_every_post() -> None:
    story = story_of("A lion sleeps in the grass.")
    drawing = await DrawnIllustrator(size=64).draw(story.scenes[0], story=story, seed=3)
    material = plan_of([1.0, 1.0]).material
    pictures = tuple(p.model_copy(update={"reading": drawing.reading}) for p in material.pictures)
    credited = material.model_copy(update={"pictures": pictures})
    assert credits_of(credited) == (CREDIT,) and credits_of(material) == ()
    assert [line for line in pictures_told(credited) if CREDIT in line] == [f"credit, in each post: {CREDIT}"]


def test_without_the_extra_nothing_of_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(art, "drawing_of", lambda sign: None)
    for cached in (art.arts, lexicon.lexicon_of):
        cached.cache_clear()
    try:
        assert not art.arts() and not shown("A giraffe eats leaves.")
    finally:
        for cached in (art.arts, lexicon.lexicon_of):
            cached.cache_clear()


async def test_a_studio_may_do_without() -> None:
    story = story_of("A giraffe eats leaves.")
    drawing = await DrawnIllustrator(size=64, openmoji=False).draw(story.scenes[0], story=story, seed=3)
    assert drawing.card is not None and drawing.reading is not None and not drawing.reading.credit
    assert DrawnIllustrator(openmoji=False).name == "drawn-own" != DrawnIllustrator().name
