"""Text cards over scenes: inside their area in every format and script, figures to scale; old plans stay the same."""

from __future__ import annotations

import pytest

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.material_lines import pictures_told
from reelwright.domain.content.picturing import Bar, PictureCard, PictureReading
from reelwright.domain.content.remake import Takes, brief_in
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Picture, Scene, Story, WriteTask
from reelwright.domain.content.style import BrandKit
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import VideoFormat
from reelwright.drawn.cards import card_of
from reelwright.providers.writing.script import ScriptWriter
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.segments import cut_format
from reelwright.render.picture.colour import palette_of
from reelwright.render.picture.overlay import Overlay
from reelwright.render.plan.layout import LAYOUTS, Layout
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text.card_art import card_area, card_parts
from reelwright.render.text.titles import still_overlays

from .test_render_timeline import plan_of

FORMATS = (*(VideoFormat(name) for name in ("16:9", "9:16", "1:1")), VideoFormat("640x360"))
LONG = "a sentence of many words that goes on and on until nobody could read it in the time that is left for it"
CARDS = {
    "phrase": PictureCard(kind="phrase", text=LONG, direction="down"),
    "number": PictureCard(kind="number", text="1,250,000 kilometres", detail=LONG, direction="up"),
    "list": PictureCard(
        kind="list", items=("Flour", "Butter", "A rather long item of a list", "Sugar", "Eggs", "Salt")
    ),
    "quotation": PictureCard(kind="quotation", text=LONG, detail="said somebody with a long name"),
    "date": PictureCard(kind="date", text="13. August 1961", detail="In der Nacht rollten Soldaten Stacheldraht aus"),
    "place": PictureCard(kind="place", text="京都", detail="在京都，春天的街道很安静，樱花开在河边"),
    "arabic": PictureCard(kind="list", items=("طماطم", "ثوم", "زيت الزيتون")),
    "hindi": PictureCard(kind="number", text="8 प्रतिशत", detail="महंगाई 6 प्रतिशत से बढ़कर 8 प्रतिशत हो गई", direction="up"),
    "chart": PictureCard(
        kind="chart",
        detail=LONG,
        bars=tuple(Bar(shown=f"{n} million euros", value=n, label=str(2020 + n)) for n in range(1, 6)),
        direction="up",
    ),
}


def overlays(card: PictureCard, layout: Layout, language: str = "en") -> list[Overlay]:
    parts = card_parts(card, layout, palette_of(BrandKit()), language=language)
    return [made for part in parts if (made := part.make()) is not None]


SEEN = [*((name, FORMATS[at % len(FORMATS)]) for at, name in enumerate(CARDS)), ("chart", FORMATS[1])]


@pytest.mark.parametrize(("name", "format"), SEEN, ids=str)
@pytest.mark.lengthy
@pytest.mark.sample(3)
def test_a_card_stands_where_captions_and_headings_do_not(name: str, format: VideoFormat) -> None:
    layout = LAYOUTS[format]
    made = overlays(CARDS[name], layout, {"arabic": "ar", "hindi": "hi", "place": "zh"}.get(name, "en"))
    assert made, "nothing is drawn"
    area, soft = card_area(layout), 0.5 * layout.title_size  # what a letter's shadow may reach
    for overlay in made:
        assert area.missed_by(overlay.box) <= soft
    # And it is large: not a line lost in the middle.
    assert max(o.box.bottom for o in made) - min(o.box.top for o in made) > 0.12 * layout.height


def test_bars_are_to_scale_and_in_the_scripts_order() -> None:
    bars = (Bar(shown="9 %", value=9.0), Bar(shown="3 %", value=3.0))
    layout = LAYOUTS[VideoFormat("16:9")]
    first, second = overlays(PictureCard(kind="chart", bars=bars, direction="down"), layout)
    longest = first.width - second.width
    assert first.box.top < second.box.top
    # Both carry a figure of one width beside them: the difference is two thirds of the longer bar.
    figure = first.width - longest * 9 / 6
    assert 0 < figure < 0.2 * layout.width


def test_cards_in_arabic_are_mirrored() -> None:
    layout = LAYOUTS[VideoFormat("16:9")]
    bars = tuple(Bar(shown=f"{n} في المئة", value=n) for n in (9, 3))
    made = overlays(PictureCard(kind="chart", bars=bars, detail="انخفض التضخم"), layout, "ar")[1:]
    assert len({o.box.right // 8 for o in made}) == 1 and len({o.box.left // 8 for o in made}) == 2


def with_card(plan: RenderPlan, card: PictureCard | None) -> RenderPlan:
    pictures = tuple(picture.model_copy(update={"card": card}) for picture in plan.material.pictures)
    return plan.model_copy(update={"material": plan.material.model_copy(update={"pictures": pictures})})


def test_a_card_is_seen_between_the_transitions_and_decides_the_segment() -> None:
    plain = plan_of([4.0, 4.0])
    carded = with_card(plain, CARDS["list"])
    timeline = build_timeline(carded)
    layout = LAYOUTS[VideoFormat("16:9")]
    extra = len(still_overlays(carded, timeline, layout)) - len(still_overlays(plain, timeline, layout))
    assert extra == 0 or extra == 2 * len(CARDS["list"].items)
    for shown in still_overlays(carded, timeline, layout):
        for scene in timeline.scenes[1:]:
            assert shown.weight(scene.first) == 0.0, "it stands in a transition"
    digests = [
        {segment.digest for segment in cut_format(plan, VideoFormat("16:9"), EncodeSettings()).segments}
        for plan in (plain, carded, with_card(plain, CARDS["list"].model_copy(update={"items": ("a", "b", "c")})))
    ]
    assert not digests[0] & digests[1] and digests[1] != digests[2]


# --- on record: what is new leaves no trace in what is old ----------------------------------------------------------


def test_old_records_keep_their_json() -> None:
    image = plan_of([1.0]).material.pictures[0].image
    assert set(Picture(scene=0, image=image, provider="x").model_dump()) == {"usd", "scene", "image", "provider"}
    assert Scene(index=0, text="x").model_dump() == {"index": 0, "text": "x", "heading": ""}
    assert "briefs" not in Takes().model_dump()


def test_what_pictures_show_is_told_a_line_a_scene() -> None:
    material = plan_of([1.0, 1.0]).material
    reading = PictureReading(kind="drawing", shows=("fox", "owl"), place="forest", sure=0.85)
    told = material.model_copy(
        update={"pictures": (material.pictures[0].model_copy(update={"reading": reading}), material.pictures[1])}
    )
    assert pictures_told(told) == ("scene 1: fox and owl (85% sure)",)
    assert pictures_told(material) == ()


# --- briefs ---------------------------------------------------------------------------------------------------------

FILLER = "and then there were enough words in this paragraph to make a scene of its own"


async def scenes_of(script: str) -> tuple[Scene, ...]:
    request = ContentRequest(script=script)
    return (await ScriptWriter().write(WriteTask(content_id="b", request=request))).scenes


async def test_a_brief_belongs_to_its_paragraph_or_to_the_next_one() -> None:
    scenes = await scenes_of(
        f"# Title\n\n![a harbour at dawn]\n\nOne {FILLER}.\n\nTwo ![two owls] {FILLER}.\n\n"
        f"## Heading\n\n- ![a fox]\n- Three {FILLER}.\n\n![the moon]\n\n---\n\nFour {FILLER}. ![alt](x.png)"
    )
    assert [scene.brief for scene in scenes] == ["a harbour at dawn", "two owls", "a fox, the moon", ""]
    assert all("!" not in scene.text and not any(ord(c) > 0xE000 for c in scene.text) for scene in scenes)
    assert scenes[1].text == f"Two {FILLER}." and scenes[3].text.endswith("alt")


async def test_a_brief_alone_between_two_breaks_is_not_spoken_and_breaks_nothing() -> None:
    scenes = await scenes_of(f"One {FILLER}.\n\n---\n\n![a fox]\n\n---\n\nTwo {FILLER}.")
    assert [scene.text for scene in scenes] == [f"One {FILLER}.", f"Two {FILLER}."]
    assert [scene.brief for scene in scenes].count("a fox") <= 1


async def test_a_script_of_briefs_alone_says_nothing() -> None:
    with pytest.raises(InvalidInput, match="script: there is nothing to say"):
        await scenes_of("![a harbour at dawn]")


def test_a_reviewers_note_for_a_scene_is_its_brief() -> None:
    story = Story(
        title="t", description="", writer="script", scenes=(Scene(index=0, text="a"), Scene(index=1, text="b"))
    )

    def after(note: str, takes: Takes | None = None) -> Takes:
        decision = ReviewDecision(decision="revise", reviewer="r", note=note)
        return (takes or Takes()).after(decision, story)

    takes = after("Scene 2: a lighthouse at night")
    assert (takes.brief("a"), takes.brief("b"), takes.of("b")) == ("", "a lighthouse at night", 1)
    assert after("scene 2", takes).brief("b") == "a lighthouse at night"
    assert brief_in("other music for scene 2") == ""
    assert len(brief_in("scene 1 " + "x" * 999)) == 300


@pytest.mark.parametrize(
    ("language", "text", "detail"),
    [
        ("ja", "「富士山は山の上に立つ山だ」と、ある学者は言います。", "ある学者は言います"),
        ("ko", '"우리는 결코 멈추지 않을 것이다"라고 그는 말했다.', "그는 말했다"),
        ("en", '"We will never stop here," said the captain.', "said the captain"),
    ],
)
def test_a_particle_behind_a_quotation_is_no_speaker(language: str, text: str, detail: str) -> None:
    scene = Scene(index=0, text=text)
    card = card_of(scene, Story(title="t", description="", writer="script", language=language, scenes=(scene,)))
    assert (card.kind, card.detail) == ("quotation", detail)


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", "The ball leaves the racket at 263 kilometres an hour.", "263 kilometres an hour"),
        ("de", "Der Zug fährt 300 Kilometer pro Stunde.", "300 Kilometer pro Stunde"),
        ("es", "El plan cuesta 12 euros al mes.", "12 euros al mes"),
        ("en", "It sold 40 a day for 12 dollars.", "12 dollars"),
    ],
)
def test_a_rate_belongs_to_its_figure(language: str, text: str, shown: str) -> None:
    scene = Scene(index=0, text=text)
    card = card_of(scene, Story(title="t", description="", writer="script", language=language, scenes=(scene,)))
    assert (card.kind, card.text) == ("number", shown)
