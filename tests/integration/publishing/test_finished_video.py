"""A finished video of the user's own, from the command line to the sandbox's platforms."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from reelwright.domain.formats import Platform
from tests.finished_videos import AAC, H264, SAID, spoken, video

from ..studio.running import LocalStudio, one_json

MAKING = {
    "write_story", "speak_scene", "settle_voice", "draw_scene", "compose_music", "keep_plan", "mix_sound",
    "plan_render", "render_segment", "join_format", "draw_thumbnails", "write_captions", "inspect_video",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
async def files(studio: LocalStudio) -> None:
    said = str(await spoken(studio.folder))
    whole = video(studio.folder / "tides.mp4", sounds=(said,)).read_bytes()
    studio.write("cut.mp4", whole[: len(whole) // 2])
    studio.write("text.mp4", "this is no video")
    studio.write("tides.md", f"# Tides\n\n{SAID}\n")
    video(studio.folder / "silent.mp4", *H264, sounds=())
    video(studio.folder / "two.mp4", sounds=("sine=220", "sine=330"))
    video(studio.folder / "empty.mp4", *H264, "-bsf:v", "noise=drop=1", *AAC)
    video(studio.folder / "long.mp4", "-crf", "40", *H264, *AAC, size="180x320", seconds=150, rate=2)


def test_it_is_posted_on_every_platform_and_nothing_is_made(studio: LocalStudio) -> None:
    done = studio.cli(
        "run", "--video", "tides.mp4", "--script", "tides.md", "--description", "How tides work.", "--auto-approve",
        "--platform", "all", "--id", "own", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = one_json(done.stdout)
    digest = sha256((studio.folder / "tides.mp4").read_bytes()).hexdigest()
    assert [(one["format"], one["sha256"]) for one in report["videos"]] == [("9:16", digest)]
    assert {post["platform"] for post in report["posts"] if post["status"] == "posted"} == set(Platform)
    there = {post["post_id"]: post for post in studio.posts()}
    assert {there[post["post_id"]]["sha256"] for post in report["posts"]} == {digest}
    assert sorted(post["platform"] for post in there.values() if post["sha256"] == digest) == sorted(Platform), "once"
    folder = studio.folder / "out/own"
    assert (folder / "video-9x16.mp4").read_bytes() == (studio.folder / "tides.mp4").read_bytes()
    assert "The moon pulls at the sea." in (folder / "captions.en.srt").read_text().replace("\n", " ")
    assert (folder / "thumbnail-9x16-frame.jpg").stat().st_size > 0
    [review] = report["reviews"]
    assert (review["decision"], review["reviewer"]) == ("approve", "auto-approve")
    shown = studio.temporal("workflow", "show", "--workflow-id", "content-own", "--output", "json")
    events = json.loads(shown.stdout)["events"]
    called = {
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        for event in events
        if "activityTaskScheduledEventAttributes" in event
    }
    assert {"take_media", "finish_video", "time_words", "check_post", "approve_posts"} <= called
    assert called & MAKING == {"write_story"}, "the script is split into its scenes, and no more"


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--video", "silent.mp4"), "video.9:16: silent.mp4 has no sound, not one audio stream"),
        (("--video", "two.mp4"), "video.9:16: two.mp4 has 2 audio streams, not one audio stream"),
        (("--video", "16:9=tides.mp4"), "video.16:9: tides.mp4 has 360x640 pixels, which is not 16:9"),
        (("--video", "9:16=cut.mp4"), "cut.mp4: it"),
        (("--video", "9:16=empty.mp4"), "empty.mp4"),
        (("--video", "text.mp4"), "video: text.mp4 is no video"),
        (("--video", "none.mp4"), "none.mp4"),
        (("--video", "tides.mp4", "--video", "9:16=silent.mp4"), "video: there are two videos for 9:16"),
        (("--video", "tides.mp4", "--format", "9:16"), "formats: finished videos have formats of their own"),
        (("--video", "https://example.com/a.mp4"), "does not tell its format"),
        (("--video", "tides.mp4", "--topic", "Tides"), "topic is for videos that are made"),
        (("--video", "long.mp4", "--platform", "x"), "video: X: X takes 0.5 to 140 s, this one has 150 s"),
    ],
)
@pytest.mark.sample(4)
def test_what_cannot_be_posted_is_refused_in_one_line(studio: LocalStudio, given: tuple[str, ...], said: str) -> None:
    done = studio.cli("run", *given, "--title", "Refused", "--auto-approve")
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Refused" not in json.dumps(studio.posts())


def test_without_a_script_it_needs_a_title(studio: LocalStudio) -> None:
    done = studio.cli("run", "--video", "tides.mp4", "--auto-approve")
    assert (done.returncode, "give it a title" in done.stderr.replace("\n", " ")) == (2, True)
