"""The page of a review: what it shows, and that nothing from outside is taken for more than text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from control.differences import Part, scenes_paired, words_changed
from control.review_show import PageScene, PageStill, PageText, PageTrack, PageVideo, ReviewPage, _commands
from control.view import ContentView
from reelwright.domain.content.shown import ShownMaterial, ShownText
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.content.story import ModerationFinding
from reelwright.domain.formats import Platform
from starter.review_page import html_of, write_page

ARTIFACT = "a1" * 32
EVIL = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(2)> & \"'"


def told(parts: tuple[Part, ...]) -> str:
    marks = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return "".join(marks[part.kind].format(part.text) for part in parts)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("The sea is blue.", "The sea is green.", "The sea is -blue-+green+."),
        ("One two.", "One two.", "One two."),
        ("One two.", "One big two.", "One+ big+ two."),
        ("潮水来了", "潮水走了", "潮水-来-+走+了"),
        ("", "New.", "+New.+"),
        ("Old.", "", "-Old.-"),
        ("", "", ""),
    ],
)
def test_a_difference_is_told_by_the_word(before: str, after: str, shown: str) -> None:
    assert told(words_changed(before, after)) == shown


def test_a_very_long_scene_is_told_as_a_whole() -> None:
    long = "word " * 3_000
    assert [part.kind for part in words_changed(long, f"{long}more")] == ["removed", "added"]


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "ac", [(0, 0), (1, None), (2, 1)]),
        ("ac", "abc", [(0, 0), (None, 1), (1, 2)]),
        ("abc", "axyc", [(0, 0), (1, 1), (None, 2), (2, 3)]),
        ("", "a", [(None, 0)]),
    ],
)
def test_scenes_are_compared_with_what_they_were(before: str, after: str, pairs: list[tuple[int, int]]) -> None:
    assert [(pair.before, pair.after) for pair in scenes_paired(before, after)] == pairs


def page(text: str = "A sea.", **changes: object) -> ReviewPage:
    view = ContentView(
        content_id="it's here", workflow_id="content-it", stage="review", percent=35, cost_usd=0.25, notes=(text,)
    )
    finding = ModerationFinding(
        place="scene 1", rule="personal-data/phone", decision="review", score=0.8, reason=text, cure="take it out"
    )
    shown = ShownMaterial(
        artifact_sha256=ARTIFACT, revision=1, title=text, description=text, language="en", hooks=(text,)
    )
    post = ShownText(platform=Platform.X, account="default", title=text, text=text, tags=(text,), first_comment=text)
    scene = PageScene(
        1, "changed", text, words_changed("Old", text), "scene-1.png", "scene-1-before.png", told=text,
        narration="voice-1.wav", findings=(finding,),
    )  # fmt: skip
    review = ReviewWanted(artifact_sha256=ARTIFACT, revision=1, reasons=(text,), note_effect=text)
    values = {
        "view": view,
        "review": review,
        "shown": shown,
        "title": words_changed("Old", text),
        "videos": (),
        "scenes": (scene,),
        "texts": (PageText(post, (finding,)),),
        "stills": (),
        "findings": (finding,),
        "commands": _commands("it's here", review),
        **changes,
    }
    return ReviewPage(**values)  # type: ignore[arg-type]


class Read(HTMLParser):
    """The tags with their attributes, and the text that is seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data


def test_outside_text_stays_text() -> None:
    read = Read(html_of(page(EVIL)))
    assert not [tag for tag, _ in read.tags if tag in ("script", "iframe", "link", "object", "form", "a")]
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    sources = [attributes.get("src") for tag, attributes in read.tags if "src" in attributes]
    assert set(sources) == {"scene-1.png", "scene-1-before.png", "voice-1.wav"}
    assert read.text.count(EVIL) >= 10


def test_the_policy_of_the_page_admits_its_own_style_and_files_alone() -> None:
    html = html_of(page())
    [policy] = [a["content"] for tag, a in Read(html).tags if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
    assert rules["default-src"] == "'none'" and "script-src" not in rules
    assert rules["img-src"] == rules["media-src"] == "'self' file: data:"
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert rules["style-src"] == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    assert " style=" not in html


def test_the_page_says_what_is_judged_and_what_to_type() -> None:
    text = Read(html_of(page())).text
    assert ARTIFACT in text and "revision 1" in text and "$0.2500" in text
    assert f"reelwright review approve 'it'\"'\"'s here' --artifact {ARTIFACT[:16]}" in text
    assert "Cure: take it out" in text and "personal-data/phone, 0.80" in text


def test_videos_have_their_captions_in_the_page_and_thumbnails_their_number(tmp_path: Path) -> None:
    track = PageTrack("en", "data:text/vtt;base64,V0VCVlRU")
    video = PageVideo("9:16", "preview-9x16.mp4", 540, 960, 3.0, ARTIFACT, "thumbnail-9x16-1.jpg", (track,))
    still = PageStill("9:16", 1, "text", "thumbnail-9x16-1.jpg", ARTIFACT)
    written = write_page(page(videos=(video,), stills=(still,), scenes=()), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [written.name] == ["index.html"]
    read = Read(written.read_text(encoding="utf-8"))
    tags = dict(read.tags)
    assert (tags["video"]["src"], tags["video"]["poster"]) == ("preview-9x16.mp4", "thumbnail-9x16-1.jpg")
    assert (tags["track"]["src"], tags["track"]["srclang"]) == (track.data, "en")
    assert "number 1, 9:16: goes with posts" in read.text
