"""What is laid over and between pictures: time, transitions, cards, overlays."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.style import BrandKit, RenderStyle
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.render.picture import compose
from reelwright.render.picture.colour import palette_of
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.stills import open_still
from reelwright.render.picture.transitions import transition_of
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text.titles import (
    heading_overlay,
    label_overlay,
    lower_third_overlays,
    still_overlays,
    watermark_overlay,
)

from .test_render_picture import SMALL, Made, drawn, keep, make_pictures
from .test_render_timeline import plan_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


# --- time, transitions, cards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [24, 25, 30, 48, 50, 60])
def test_time_is_the_same_at_every_frame_rate(fps: int, made: Made) -> None:
    brand = {"intro": "Hello", "outro": "Goodbye"}
    timeline = build_timeline(made.styled(fps=fps, brand=brand))
    usual = build_timeline(made.styled(brand=brand))
    assert timeline.fps == fps and timeline.samples == timeline.frames * 48_000 // fps
    assert timeline.seconds == pytest.approx(usual.seconds, abs=0.2)
    for one, other in zip(timeline.scenes, usual.scenes, strict=True):
        assert one.speech_first / fps == pytest.approx(other.speech_first / 30, abs=0.15)
        assert one.words[0].start == pytest.approx(one.speech_first / fps)
    assert [frame for _, frames in timeline.owned for frame in frames] == list(range(timeline.frames))


def test_cards_are_spans_without_words() -> None:
    plan = plan_of([1.0, 1.0])
    brand = BrandKit(intro="Hello", outro="Goodbye")
    timeline = build_timeline(plan.model_copy(update={"style": RenderStyle(brand=brand)}))
    intro, outro = timeline.cards
    assert [type(span).__name__ for span in timeline.spans] == ["CardSpan", "SceneSpan", "SceneSpan", "CardSpan"]
    assert intro.first == 0 and outro.last == timeline.frames and len(timeline.scenes) == 2
    assert timeline.scenes[0].speech_first >= intro.last and timeline.scenes[-1].speech_last < outro.first
    assert all(span.transition_in == 15 for span in timeline.spans[1:]) and intro.transition_in == 0
    # Without cards nothing has moved.
    assert build_timeline(plan).frames == 12 + 30 + 12 + 30 + 36


@pytest.mark.parametrize("name", ["crossfade", "dip", "wipe", "push"])
def test_transitions_lead_from_one_picture_to_the_other(name: str, made: Made) -> None:
    composer = made.composer(transition=name)
    scene = composer.timeline.scenes[1]
    u_before, u_after = (float(drawn(composer, frame).u.mean()) for frame in (scene.first - 1, scene.first + 15))
    between = [float(drawn(composer, scene.first + into).u.mean()) for into in range(15)]
    assert abs(between[0] - u_before) < 6 and abs(between[-1] - u_after) < 6
    assert all(abs(a - b) < 0.34 * abs(u_after - u_before) + 2 for a, b in pairwise(between))
    other = made.composer(transition="crossfade" if name != "crossfade" else "push")
    for frame in (scene.first - 1, scene.first + 15):
        # Outside the transition all of them are the same picture.
        assert all(np.array_equal(a, b) for a, b in zip(drawn(composer, frame), drawn(other, frame), strict=True))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_wipe_has_a_soft_edge_and_a_push_a_hard_one(backwards: bool) -> None:
    dark, light = Planes.empty(320, 180), Planes.empty(320, 180)
    for planes, level in ((dark, 40), (light, 200)):
        for plane in planes:
            plane[:] = level
    for name, soft in (("wipe", True), ("push", False)):
        transition = transition_of(name, (16, 128, 128), backwards=backwards)
        before = -1.0
        for share in (0.0, 0.2, 0.5, 0.8, 1.0):
            out = Planes.empty(320, 180)
            transition(dark, light, share, out)
            assert (out.y == out.y[:1]).all()
            line = out.y[0].astype(int)
            steps = np.abs(np.diff(line)).max()
            assert steps <= 8 if soft else steps in (0, 160)
            assert (np.diff(line) <= 0).all() if backwards else (np.diff(line) >= 0).all()
            assert line.mean() > before
            assert abs(float(out.u.mean()) - line.mean()) < 2.5, "chroma lies elsewhere than luma"
            before = float(line.mean())
        assert before == 200


def test_only_what_is_seen_is_opened(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    from reelwright.render.picture import pictures

    opened: list[int] = []

    def spy(path: Path, *, scene: int) -> np.ndarray:
        opened.append(scene)
        return open_still(path, scene=scene)

    monkeypatch.setattr(pictures, "open_still", spy)
    composer = made.composer()
    span, frames = composer.timeline.owned[2]
    for frame in list(frames)[::5]:
        drawn(composer, frame)
    assert opened == [1, 2] and span.transition_in == 15
    assert compose._KEPT == 2


def test_any_frame_is_the_same_drawn_alone(made: Made) -> None:
    style = {
        "transition": "wipe",
        "progress_bar": True,
        "colour": "auto",
        "brand": {"intro": "Hello", "outro": "Goodbye", "lower_third": "Ada, diver", "watermark": "Reel"},
    }
    whole = made.composer(**style)
    for frame in (5, 40, whole.timeline.scenes[1].first + 4, whole.timeline.frames - 30):
        for earlier in range(max(frame - 2, 0), frame):
            drawn(whole, earlier)
        alone = made.composer(**style)
        assert all(np.array_equal(a, b) for a, b in zip(drawn(whole, frame), drawn(alone, frame), strict=True))


def test_another_size_shows_the_same(made: Made) -> None:
    plan = made.styled(brand={"watermark": "Reel"})
    large = drawn(Composer(plan, VideoFormat.WIDE, made.files), 60).y
    draft = drawn(Composer(plan, VideoFormat.WIDE, made.files, size=(640, 360)), 60).y
    assert draft.shape == (360, 640)
    shrunk = cv2.resize(large, (640, 360), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(int) - draft).mean() < 3


def test_cards_move_and_carry_their_text(made: Made) -> None:
    composer = made.composer(brand={"intro": "Hello", "outro": "Goodbye", "accent": "#000000", "text": "#101010"})
    begun, ready, later = (drawn(composer, frame).y.astype(int) for frame in (0, 45, 55))
    assert begun.max() < 120 and ready.max() > 200, "dark text on a dark card was not replaced"
    assert np.quantile(begun, 0.02) > 38, "a detector would call it black"
    assert 0 < np.abs(ready - later).mean() < 3
    outro = composer.timeline.cards[1]
    assert drawn(composer, outro.first + 50).y.max() > 200


def test_a_logo_stands_in_its_corner_with_soft_edges(tmp_path: Path, made: Made) -> None:
    rgba = np.zeros((80, 80, 4), np.uint8)
    cv2.circle(rgba, (40, 40), 36, (255, 255, 255, 255), -1, cv2.LINE_AA)
    Image.fromarray(rgba).save(tmp_path / "logo.png")
    files = dict(made.files)
    logo = keep(tmp_path / "logo.png", files).model_dump()
    frame = build_timeline(made.plan).scenes[1].first + 85 - 15
    with_logo = drawn(Composer(made.styled(brand={"logo": logo}), SMALL, files), frame).y.astype(int)
    changed = with_logo - drawn(made.composer(), frame).y
    rows, columns = np.nonzero(changed)
    assert columns.min() > 0.7 * SMALL.size[0] and rows.max() < 0.25 * SMALL.size[1] and changed.max() > 60
    (tmp_path / "bad.png").write_bytes(b"no")
    bad = keep(tmp_path / "bad.png", files).model_dump()
    with pytest.raises(RenderFailed) as caught:
        Composer(made.styled(brand={"logo": bad}), SMALL, files)
    assert caught.value.field == "style.brand.logo"


def test_the_lower_third_slides_out_above_the_captions() -> None:
    for format in (*STANDARD_FORMATS, SMALL):
        layout = LAYOUTS[format]
        plate, bar = lower_third_overlays("Ada Lovelace — a name %{x} & 'more'", layout, palette_of(BrandKit()))
        assert plate is not None and bar is not None
        height = plate.layers[0].colour.shape[0]
        assert plate.y + height <= layout.caption_y - 1.28 * layout.caption_size
        assert plate.x >= bar.x + bar.width - 2 and plate.x + plate.width <= layout.width - layout.margin
    plan = plan_of([6.0]).model_copy(update={"style": RenderStyle(brand=BrandKit(lower_third="Ada"))})
    timeline = build_timeline(plan)
    third = next(shown for shown in still_overlays(plan, timeline, LAYOUTS[SMALL]) if shown.slides)
    assert (third.last - third.first) / 30 == pytest.approx(4.0, abs=0.1)
    weights = [third.weight(frame) for frame in range(timeline.frames)]
    assert max(weights) == 1.0 and weights[third.first] < 0.05 and weights[third.last - 1] < 0.05


def test_read_from_right_to_left_the_lower_third_slides_out_to_the_left() -> None:
    for format in (*STANDARD_FORMATS, SMALL):
        layout = LAYOUTS[format]
        plate, bar = lower_third_overlays("דנה כהן, צוללת", layout, palette_of(BrandKit()), mirrored=True)
        assert plate is not None and bar is not None
        assert layout.width - layout.margin - 2 <= bar.x + bar.width <= layout.width - layout.margin + 2
        assert bar.x - 2 <= plate.x + plate.width <= bar.x + 2 and plate.x >= layout.margin
    before, half, whole = (Planes.empty(layout.width, layout.height) for _ in range(3))
    for planes in (before, half, whole):
        for plane in planes:
            plane[:] = 128
    hidden = plate.width // 4 * 2
    plate.blend(half, behind=hidden, mirrored=True)
    plate.blend(whole)
    changed = np.flatnonzero((half.y != before.y).any(axis=0))
    assert plate.x + hidden <= changed.min() and changed.max() < plate.x + plate.width
    # What is seen is the plate's own beginning, moved towards the edge it comes from.
    seen, rest = slice(plate.x + hidden, plate.x + plate.width), slice(plate.x, plate.x + plate.width - hidden)
    assert np.array_equal(half.y[:, seen], whole.y[:, rest])


@pytest.mark.parametrize("mirrored", [False, True])
def test_headings_and_the_watermark_stand_on_opposite_sides(mirrored: bool) -> None:
    text = "للأخطبوط ثلاثة قلوب ودمه أزرق" if mirrored else "An octopus has three hearts"
    for format in (*STANDARD_FORMATS, SMALL):
        layout = LAYOUTS[format]
        heading = heading_overlay(text, layout, mirrored=mirrored)
        mark = watermark_overlay("Harbour TV", layout, mirrored=mirrored)
        assert heading is not None and mark is not None
        left, right = (mark, heading) if mirrored else (heading, mark)
        assert left.x + left.width <= right.x, "they stand in each other's way"
        slack = layout.heading_size
        assert left.x >= layout.margin - slack and right.x + right.width <= layout.width - layout.margin + slack
    # The bar is at the outer end of the line, where reading begins.
    plan = plan_of([4.0, 4.0])
    scenes = tuple(scene.model_copy(update={"text": text, "heading": text}) for scene in plan.material.story.scenes)
    story = plan.material.story.model_copy(update={"scenes": scenes})
    plan = plan.model_copy(update={"material": plan.material.model_copy(update={"story": story})})
    timeline, layout = build_timeline(plan), LAYOUTS[VideoFormat.WIDE]
    planes = Planes.empty(layout.width, layout.height)
    for plane, level in zip(planes, (60, 128, 128), strict=True):
        plane[:] = level
    shown = next(s for s in still_overlays(plan, timeline, layout) if s.first > timeline.scenes[1].first)
    shown.blend(planes, (shown.first + shown.last) // 2)
    amber = np.flatnonzero((planes.u[: layout.title_y // 2] < 90).any(axis=0)) * 2
    ink = np.flatnonzero((planes.y[: layout.title_y] > 200).any(axis=0))
    assert amber.size and ink.size
    assert amber.min() > ink.max() if mirrored else amber.max() < ink.min()


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("label", ["AI", "Mit KI hergestellt", "W" * 24])
def test_the_label_of_machine_made_material_is_whole_in_its_corner(label: str, mirrored: bool) -> None:
    logo = np.full((300, 100, 4), 255, np.uint8)
    for format in (*STANDARD_FORMATS, SMALL):
        layout = LAYOUTS[format]
        for text, art in (("", None), ("Harbour TV", None), ("", logo)):
            style = RenderStyle(ai_label=label, brand=BrandKit(watermark=text))
            made = label_overlay(style, layout, art, mirrored=mirrored)
            assert made is not None and layout.shaded.missed_by(made.box) <= 2, "but for a soft shadow"
            assert made.width < layout.width * 0.3 and (made.x < layout.width / 4) is mirrored
            mark = watermark_overlay(text, layout, art, mirrored=mirrored)
            assert mark is None or made.y >= mark.box.bottom - layout.watermark_size, "below the watermark"
    assert label_overlay(RenderStyle(), LAYOUTS[VideoFormat.WIDE]) is None


def test_the_label_is_in_every_scenes_frames_and_nothing_changes_without_it(made: Made) -> None:
    assert "ai_label" not in RenderStyle().model_dump(mode="json"), "segments keep their digests"
    overlay = label_overlay(RenderStyle(ai_label="Made with AI"), LAYOUTS[SMALL])
    assert overlay is not None
    place = np.s_[overlay.y : overlay.box.bottom, overlay.x : overlay.box.right]
    plain, labelled = made.composer(), made.composer(ai_label="Made with AI")
    for frame in (10, plain.timeline.frames // 2, plain.timeline.frames - 10):
        changed = drawn(plain, frame).y != drawn(labelled, frame).y
        assert changed[place].any()
        changed[place] = False
        assert not changed.any()


def test_the_progress_bar_grows_evenly_to_the_end(made: Made) -> None:
    composer = made.composer(progress_bar=True, brand={"accent": "#FFFFFF"})
    last = composer.timeline.frames

    def filled(frame: int) -> float:
        # The final fade is not over the bar.
        return float((drawn(composer, frame).y[-1].astype(float) > 180).mean())

    for frame in (0, last // 3, last - 1):
        assert filled(frame) == pytest.approx((frame + 1) / last, abs=0.01)
