"""What is looked for, and which of the works found is shown."""

from __future__ import annotations

import pytest

from reelwright.domain.content.credit import Credit
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.providers.stock.choice import fits, kept, ranked, sharpness
from reelwright.providers.stock.source import Rendition, best
from reelwright.providers.stock.words import query_words, search_words, stems


def scene(text: str = "The keeper lights the old lighthouse every evening.", **fields: str) -> Scene:
    return Scene(index=0, text=text, **fields)


def story(*scenes: Scene, title: str = "Lighthouses", language: str = "en") -> Story:
    return Story(title=title, description="", language=language, scenes=scenes or (scene(),), writer="test")


def hit(
    id: str, width: int = 2_400, height: int = 2_400, *, title: str = "", tags: str = "", **fields: object
) -> StockHit:
    return StockHit.model_validate(
        {
            "credit": Credit(provider="pexels", asset=id, title=title, licence="Pexels"),
            "kind": "photo",
            "address": "https://images.example.org/1",
            "width": width,
            "height": height,
            "tags": tuple(tags.split()),
            **fields,
        }
    )


def ids(hits: list[StockHit]) -> list[str]:
    return [each.credit.asset for each in hits]


PHOTOS = StockQuery(words=())
TALL = StockQuery(words=(), kind="clip", shapes=("9:16",), seconds=6)


def searched(scene: Scene, story: Story) -> tuple[str, ...]:
    return tuple(search.words for search in search_words(scene, story))


def test_the_ladder_goes_from_narrow_to_broad_and_has_no_filler() -> None:
    assert searched(scene(), story()) == ("keeper lights old lighthouse", "keeper lights")
    assert searched(scene(), story(title="The keeper of storms")) == (
        "keeper lights old lighthouse",
        "keeper lights",
        "keeper storms",
    )
    assert searched(scene(heading="A lighthouse in the storm"), story()) == ("lighthouse storm",)
    assert searched(scene(brief="a red fishing boat at dawn"), story())[0] == "red fishing boat dawn"
    assert searched(scene("And so it was, and there it is."), story()) == ()


def test_a_writers_own_search_words_are_english_and_go_before_the_texts() -> None:
    given = Scene(index=0, text="Er leuchtet weit.", search=("lighthouse beam at night", "lighthouse"))
    first, second, *rest = search_words(given, story(language="de"))
    assert first == ("lighthouse beam at night", "en") and second == ("lighthouse", "en")
    assert rest[0] == ("leuchtet weit", "de")


def test_a_reviewers_wish_goes_before_all() -> None:
    wished = Scene(index=0, text="It shines.", search=("lighthouse",), wish="show a fishing boat")
    assert searched(wished, story())[:2] == ("show fishing boat", "lighthouse")


def test_other_languages_are_searched_in_their_own_words() -> None:
    assert search_words(scene("Der alte Leuchtturm steht auf einer Klippe."), story(language="de"))[0] == (
        "alte leuchtturm steht klippe",
        "de",
    )


def test_words_of_a_long_prompt_are_few() -> None:
    assert all(len(words.split()) <= 4 for words in query_words("word" + " lighthouse ocean cliff storm" * 90, "en"))


def test_words_are_compared_without_case_accents_and_plurals() -> None:
    assert stems("Lighthouses, Été boxes") == stems("lighthouse ete box")


@pytest.mark.parametrize(
    "width, height, usable",
    [
        (2_400, 2_400, True),
        (6_000, 4_000, True),
        (1_200, 1_200, True),
        (1_000, 1_000, False),
        (1_920, 1_080, False),
        (9_000, 1_200, False),
        (0, 0, False),
    ],
)
def test_a_photo_must_crop_to_every_format_with_enough_pixels(width: int, height: int, usable: bool) -> None:
    assert fits(width, height, PHOTOS, 0.6) == usable


def test_shapes_and_sizes_are_measured() -> None:
    assert kept(1_920, 1_080, "16:9") == 1 and kept(1_080, 1_920, "16:9") == pytest.approx(0.316, abs=1e-3)
    assert sharpness(1_080, 1_920, "9:16", 1_080) == 1 and sharpness(3_840, 2_160, "9:16", 1_080) == 1.125
    assert sharpness(540, 960, "9:16", 1_080) == 0.5


def test_a_work_that_shares_no_word_is_left_out_and_one_that_shares_more_goes_first() -> None:
    hits = [
        hit("globe", title="a spinning globe"),
        hit("sea", title="the sea", tags="waves"),
        hit("both", title="a lighthouse at the sea"),
        hit("untold"),
    ]
    assert ids(ranked(hits, PHOTOS, "lighthouse sea", 0.6)) == ["both", "sea", "untold"]


def test_portrait_clips_go_before_landscape_ones_and_small_ones_are_left_out() -> None:
    told = {"title": "lighthouse", "kind": "clip", "seconds": 9.0}
    hits = [
        hit("4k landscape", 3_840, 2_160, **told),
        hit("hd landscape", 1_920, 1_080, **told),
        hit("portrait", 1_080, 1_920, **told),
        hit("small", 540, 960, **told),
    ]
    assert ids(ranked(hits, TALL, "lighthouse", 0.6)) == ["portrait", "4k landscape"]


def test_a_clip_is_long_enough_or_can_be_repeated() -> None:
    told = {"title": "lighthouse", "kind": "clip"}
    hits = [
        hit("blink", 1_080, 1_920, seconds=1.0, **told),
        hit("short", 1_080, 1_920, seconds=4.0, **told),
        hit("long", 1_080, 1_920, seconds=20.0, **told),
    ]
    assert ids(ranked(hits, TALL, "lighthouse", 0.6)) == ["long", "short"]
    quick = TALL.model_copy(update={"seconds": 0.8})
    assert "blink" in ids(ranked(hits, quick, "lighthouse", 0.6))


def test_of_renditions_the_smallest_that_is_sharp_is_taken_and_mp4_before_others() -> None:
    sizes = [(2_160, 3_840), (720, 1_280), (1_080, 1_920), (270, 480), (0, 0)]
    renditions = [Rendition(f"https://x/{w}", w, h) for w, h in sizes]
    assert best(renditions, TALL, 0.6) == renditions[2]
    assert best(renditions[1:2], TALL, 0.6) == renditions[1]
    assert best(renditions[3:], TALL, 0.6) is None
    webm = Rendition("https://x/webm", 1_080, 1_920, "video/webm")
    assert best([webm, renditions[1]], TALL, 0.6) == renditions[1] and best([webm], TALL, 0.6) == webm
