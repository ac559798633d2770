"""One content on all six platforms, as its user meets it; and one platform that breaks for good."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from reelwright.domain.content.voice import ESPEAK
from reelwright.domain.formats import Platform

from ..studio.running import SCRIPT, LocalStudio, one_json

REFUSED = {
    "error": {
        "message": "The submitted image with aspect ratio cannot be published.", "type": "OAuthException",
        "code": 36003, "error_subcode": 2207009, "is_transient": False, "fbtrace_id": "A",
    }
}  # fmt: skip

SMALL = ("--format", "1:1", "--preset", "draft", "--voice", ESPEAK)
"""A video that every platform takes and that costs little: nobody looks at it here."""


@pytest.fixture(scope="module", autouse=True)
def tides(studio: LocalStudio) -> None:
    studio.write("tides.md", SCRIPT)


def control(studio: LocalStudio, method: str, what: str, **body: Any) -> None:
    url = f"http://127.0.0.1:{studio.state.ports['sandbox']}/_control/{what}"
    httpx.request(method, url, json=body or None, trust_env=False).raise_for_status()


def run_everywhere(studio: LocalStudio, name: str) -> tuple[int, dict[str, Any]]:
    done = studio.cli(
        "run", "--script", "tides.md", *SMALL, "--auto-approve", "--allow-repeat", "--platform", "all", "--id", name,
        "--json",
    )  # fmt: skip
    return done.returncode, one_json(done.stdout)


def test_one_platform_breaks_for_good_and_is_finished_later(studio: LocalStudio) -> None:
    control(studio, "POST", "faults", platform="instagram", point="status", op="publish", status=400, count=1000,
            body=json.dumps(REFUSED))  # fmt: skip
    code, report = run_everywhere(studio, "six")
    assert (code, report["status"]) == (1, "incomplete")
    assert {post["platform"] for post in report["posts"]} == {platform.value for platform in Platform}
    [broken] = [post for post in report["posts"] if post["status"] != "posted"]
    assert broken["platform"] == "instagram"
    assert "aspect" in broken["error"]
    assert "instagram" in report["reason"]
    posted = {post["platform"]: post["post_id"] for post in report["posts"] if post["status"] == "posted"}
    there = {post["post_id"]: post for post in studio.posts()}
    assert {there[post_id]["platform"] for post_id in posted.values()} == set(posted)
    assert {there[post_id]["sha256"] for post_id in posted.values()} == {report["videos"][0]["sha256"]}
    assert "instagram" not in {p["platform"] for p in there.values() if p["sha256"] == report["videos"][0]["sha256"]}

    listed = one_json(studio.cli("posts", "six", "--stage", "failed", "--json").stdout)["posts"]
    assert [(row["platform"], "aspect" in row["detail"]) for row in listed] == [("instagram", True)]
    still = studio.cli("retry", "six", "--platform", "instagram", "--json")
    assert still.returncode == 1, still.stderr
    none = studio.cli("retry", "six", "--platform", "x")
    assert none.returncode == 2
    assert "no failed post" in none.stderr

    control(studio, "DELETE", "faults")
    mended = studio.cli("retry", "six", "--platform", "instagram", "--json")
    assert mended.returncode == 0, mended.stderr
    after = one_json(mended.stdout)
    assert after["status"] == "done"
    assert {post["platform"]: post["post_id"] for post in after["posts"] if post["platform"] != "instagram"} == posted
    assert json.loads((studio.folder / "out/six/report.json").read_text())["status"] == "done"
    video = report["videos"][0]["sha256"]
    assert sorted(p["platform"] for p in studio.posts() if p["sha256"] == video) == sorted(Platform), "once on each"
    fetched = one_json(studio.cli("fetch", "six", "--json").stdout)
    assert fetched["status"] == "done"


@pytest.mark.deep
def test_a_paused_platform_holds_one_post_and_no_other(studio: LocalStudio) -> None:
    paused = studio.cli("platform", "pause", "x", "--note", "rollback")
    assert paused.returncode == 0, paused.stderr
    begun = studio.cli(
        "start", "--script", "tides.md", *SMALL, "--auto-approve", "--allow-repeat", "--platform", "x",
        "--platform", "youtube", "--id", "held", "--title", "Held tides",
    )  # fmt: skip
    assert begun.returncode == 0, begun.stderr

    def stages() -> dict[str, str]:
        rows = one_json(studio.cli("posts", "held", "--json").stdout)["posts"]
        return {row["platform"]: row["stage"] for row in rows}

    studio.wait_for(lambda: stages() == {"youtube": "posted", "x": "paused"}, "one post and one that is held")
    [row] = one_json(studio.cli("posts", "held", "--platform", "x", "--json").stdout)["posts"]
    assert "rollback" in row["detail"]
    resumed = studio.cli("platform", "resume", "x")
    assert resumed.returncode == 0, resumed.stderr
    studio.wait_for(lambda: stages()["x"] == "posted", "the held post")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("posts", "--platform", "myspace"), "unknown platform"),
        (("posts", "--stage", "x' OR ''='"), "unknown stage"),
        (("settle", "six", "--platform", "x"), "--posted POST_ID or --not-posted"),
        (("settle", "six", "--platform", "x", "--posted", "1"), "nobody is asked"),
        (("settle", "nobody", "--platform", "x", "--not-posted"), "there is no content 'nobody'"),
        (("run", "--topic", "Tides", "--publish-at", "2020-01-01T00:00:00Z"), "in the past"),
        (("run", "--topic", "Tides", "--publish-at", "2199-01-01T00:00:00Z"), "365 days"),
        (("run", "--topic", "Tides", "--publish-at", "tomorrow"), "publish_at"),
        (("run", "--topic", "Tides", "--platform", "myspace"), "unknown platform"),
    ],
)
def test_what_cannot_be_done_is_said(studio: LocalStudio, arguments: tuple[str, ...], said: str) -> None:
    done = studio.cli(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr.replace("\n", " ")
