"""What a list prints works in every command, and what has ended is told after Temporal has forgotten it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from typing import Any

import pytest

from reelwright.domain.content.voice import ESPEAK

from .running import LocalStudio, one_json

TEXT = "The harbour opens at six in the morning and closes at ten at night."
# The voice that costs least: nobody listens here.
DRAFT = {
    "script": TEXT, "formats": ["320x240"], "style": {"preset": "draft"}, "voice": {"voice": ESPEAK}, "platforms": [],
}  # fmt: skip
OPTIONS = ("--script", "harbour.md", "--format", "320x240", "--preset", "draft", "--voice", ESPEAK)
OLD = (*OPTIONS, "--auto-approve", "--id", "old", "--json")


@pytest.fixture(scope="module", autouse=True)
def harbour(studio: LocalStudio) -> None:
    studio.write("harbour.md", TEXT)


@pytest.fixture(scope="module")
def old(studio: LocalStudio) -> subprocess.CompletedProcess[str]:
    """The command that made and posted the content `old`."""
    made = studio.cli("run", *OLD)
    assert made.returncode == 0, made.stderr
    return made


def started(studio: LocalStudio, workflow_id: str, **fields: Any) -> None:
    """As Temporal's own command line, or a schedule, starts one."""
    done = studio.temporal(
        "workflow", "start", "--type", "ContentPipeline", "--task-queue", "reelwright",
        "--workflow-id", workflow_id, "--input", json.dumps({**DRAFT, **fields}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def listed(studio: LocalStudio, *words: str) -> dict[str, dict[str, Any]]:
    """The rows of `list` by workflow id; each workflow is there once."""
    rows = one_json(studio.cli("list", "--limit", "100", "--json", *words).stdout)["contents"]
    assert len({row["workflow_id"] for row in rows}) == len(rows)
    return {row["workflow_id"]: row for row in rows}


def reviews(studio: LocalStudio) -> dict[str, dict[str, Any]]:
    rows = one_json(studio.cli("review", "list", "--json").stdout)["reviews"]
    return {row["workflow_id"]: row for row in rows}


def stage(studio: LocalStudio, id: str) -> str:
    return str(one_json(studio.cli("status", id, "--json").stdout)["stage"])


@pytest.mark.deep
def test_a_content_keeps_the_version_of_its_channel_that_it_began_with(studio: LocalStudio) -> None:
    text = 'name = "harbour"\nlanguages = ["de"]\n[request]\nplatforms = []\nprivacy = "unlisted"\n'
    studio.write("harbour.toml", text)
    assert studio.cli("channel", "apply", "harbour.toml").returncode == 0
    begun = studio.cli("start", *OPTIONS, "--channel", "harbour", "--id", "inherits")
    assert begun.returncode == 0 and "posted nowhere" in begun.stderr and "harbour, version 1" in begun.stderr
    studio.wait_for(lambda: "content-inherits" in reviews(studio), "the review")
    studio.write("harbour.toml", text.replace("de", "fr"))
    changed = one_json(studio.cli("channel", "apply", "harbour.toml", "--json").stdout)["channels"]
    assert [one["version"] for one in changed] == [2]
    told = one_json(studio.cli("status", "inherits", "--json").stdout)
    assert told["steps"]["channel"] == "harbour, version 1"
    assert listed(studio)["content-inherits"]["channel"] == "harbour"
    assert studio.cli("review", "reject", "inherits", "--reviewer", "anna").returncode == 0
    studio.wait_for(lambda: stage(studio, "inherits") == "rejected", "the end")
    report = one_json(studio.cli("fetch", "inherits", "--out", "inherited", "--json").stdout)
    assert (report["channel"], report["channel_version"], report["language"]) == ("harbour", 1, "de")


def test_every_id_that_is_printed_reaches_the_content(studio: LocalStudio) -> None:
    ids = ("my-video-7", "content-daily-2026-11-29T10:00:00Z", "a b/ü c")
    for workflow_id in ids:
        started(studio, workflow_id)
    studio.wait_for(lambda: set(ids) <= set(reviews(studio)), "three reviews")
    for workflow_id in ids:
        row = reviews(studio)[workflow_id]
        assert row["title"] == TEXT.rstrip(".")
        for id in {row["id"], row["content_id"], workflow_id}:
            shown = studio.cli("review", "show", id)
            assert shown.returncode == 0 and TEXT in shown.stdout, shown.stderr
            told = one_json(studio.cli("status", id, "--json").stdout)
            assert (told["content_id"], told["workflow_id"]) == (row["content_id"], workflow_id)
    assert studio.cli("review", "approve", "a b/ü c", "--reviewer", "anna").returncode == 0
    assert studio.cli("review", "reject", reviews(studio)["my-video-7"]["id"]).returncode == 0
    assert studio.cli("cancel", ids[1]).returncode == 0
    studio.wait_for(lambda: [stage(studio, id) for id in ids] == ["rejected", "cancelled", "done"], "three ends")
    fetched = studio.cli("fetch", "a b/ü c", "--out", "fetched", "--json")
    assert fetched.returncode == 0, fetched.stderr
    report = one_json(fetched.stdout)
    assert report == json.loads((studio.folder / "fetched/report.json").read_text())
    assert (studio.folder / report["folder"] / report["videos"][0]["path"]).stat().st_size == report["videos"][0][
        "size"
    ]
    assert [(one["decision"], one["reviewer"]) for one in report["reviews"]] == [("approve", "anna")]
    assert [scene["text"] for scene in report["scenes"]] == [TEXT] and report["scenes"][0]["start_s"] > 0
    assert report["request"]["script"] == TEXT and report["times"]["closed"] and report["posts"] == []
    assert studio.cli("posts", "a b/ü c").returncode == 0
    unknown = studio.cli("status", "nobody")
    assert unknown.returncode == 2 and unknown.stderr.startswith("error id: there is no content 'nobody'")


@pytest.mark.deep
def test_an_id_that_could_be_two_names_both(studio: LocalStudio) -> None:
    started(studio, "content-twin")
    started(studio, "twin", title="Another")
    studio.wait_for(lambda: "content-twin" in reviews(studio), "a review")
    studio.wait_for(lambda: listed(studio)["twin"]["stage"] == "failed", "the refusal of the second")
    asked = studio.cli("status", "twin")
    assert asked.returncode == 2 and "'content-twin'" in asked.stderr and "workflow 'twin'" in asked.stderr
    assert one_json(studio.cli("status", "content:twin", "--json").stdout)["stage"] == "review"
    assert one_json(studio.cli("status", "workflow:twin", "--json").stdout)["stage"] == "failed"
    for workflow_id in ("twin", "content-twin"):
        printed = listed(studio)[workflow_id]["id"]
        assert one_json(studio.cli("status", printed, "--json").stdout)["workflow_id"] == workflow_id


@pytest.mark.deep
def test_a_dead_run_is_called_dead_and_a_reset_is_one_content(studio: LocalStudio) -> None:
    for workflow_id in ("content-killed", "content-again"):
        started(studio, workflow_id)
    studio.wait_for(lambda: {"content-killed", "content-again"} <= set(reviews(studio)), "the reviews")
    assert (
        studio.temporal("workflow", "terminate", "--workflow-id", "content-killed", "--reason", "why").returncode == 0
    )
    told = one_json(studio.cli("status", "killed", "--json").stdout)
    assert (told["stage"], told["review"]) == ("terminated", None)
    assert "why" in told["error"] and "takes it up again" in told["remedy"]
    studio.wait_for(lambda: "content-killed" in listed(studio, "--stage", "terminated"), "the list")
    assert "content-killed" not in listed(studio, "--stage", "review")
    reset = studio.temporal(
        "workflow", "reset", "--workflow-id", "content-again", "--type", "FirstWorkflowTask", "--reason", "try"
    )
    assert reset.returncode == 0, reset.stderr
    studio.wait_for(lambda: stage(studio, "again") == "review", "the review of the new run")
    assert listed(studio)["content-again"]["stage"] == "review"
    assert "content-again" not in listed(studio, "--stage", "terminated")
    assert studio.cli("cancel", "again").returncode == 0


def test_what_temporal_has_forgotten_is_told_from_the_database(
    studio: LocalStudio, old: subprocess.CompletedProcess[str]
) -> None:
    before = one_json(old.stdout)
    assert [post["status"] for post in before["posts"]] == ["posted"]
    assert studio.temporal("workflow", "delete", "--workflow-id", "content-old", "--yes").returncode == 0
    studio.wait_for(
        lambda: studio.temporal("workflow", "describe", "--workflow-id", "content-old").returncode != 0, "the deletion"
    )
    told = one_json(studio.cli("status", "old", "--json").stdout)
    assert (told["stage"], told["percent"], told["title"]) == ("done", 100, before["title"])
    assert listed(studio)["content-old"]["stage"] == "done"
    assert "content-old" in listed(studio, "--stage", "done")
    fetched = studio.cli("fetch", "content-old", "--out", "kept", "--json")
    assert fetched.returncode == 0, fetched.stderr
    assert one_json(fetched.stdout) | {"folder": before["folder"]} == before
    again = studio.cli("run", *OLD)
    assert again.returncode == 0 and "already known" in again.stderr, again.stderr
    assert one_json(again.stdout) == before
    assert studio.temporal("workflow", "describe", "--workflow-id", "content-old").returncode != 0, (
        "nothing was started"
    )
    other = studio.cli("start", "--topic", "Another thing", "--id", "old")
    assert other.returncode == 2 and "already belongs to another request" in other.stderr
    assert studio.cli("posts", "old").returncode == 0


def test_up_says_how_long_temporal_keeps_what_has_ended(studio: LocalStudio) -> None:
    described = studio.temporal("operator", "namespace", "describe", "--namespace", "default", "-o", "json")
    assert "2592000s" in described.stdout or "720h" in described.stdout, described.stdout


def test_a_post_that_cannot_be_asked_hides_no_other(studio: LocalStudio, old: subprocess.CompletedProcess[str]) -> None:
    assert "it will be posted to YouTube (account default, public); that is the default" in old.stderr
    [post] = one_json(studio.cli("posts", "old", "--json").stdout)["posts"]
    assert post["stage"] == "posted"
    ghost = "content-ghost/publish/youtube/default"  # on a queue that nobody polls: it can never answer
    begun = studio.temporal(
        "workflow", "start", "--type", "PublishYouTube", "--task-queue", "nobody", "--workflow-id", ghost,
        "--search-attribute", 'ReelPlatform="youtube"', "--search-attribute", 'ReelContentId="ghost"',
        "--search-attribute", 'ReelStage="waiting_quota"',
    )  # fmt: skip
    assert begun.returncode == 0, begun.stderr

    def rows() -> dict[str, dict[str, Any]]:
        done = studio.cli("posts", "--json")
        assert done.returncode == 0, done.stderr
        return {row["workflow_id"]: row for row in one_json(done.stdout)["posts"]}

    studio.wait_for(lambda: ghost in rows(), "the post that cannot be asked")
    assert "does not answer" in rows()[ghost]["error"]
    assert rows()[post["workflow_id"]] == post
    in_a_pipe = [line.split("\t") for line in studio.cli("posts").stdout.splitlines()]
    assert post["url"] in next(line for line in in_a_pipe if line[0] == "old"), "whole, in one field"
    assert studio.temporal("workflow", "terminate", "--workflow-id", ghost).returncode == 0
    studio.wait_for(lambda: rows()[ghost]["stage"] == "terminated", "the end of the other")
    assert studio.cli("posts", "--stage", "posted").stdout.startswith("old\tyoutube\tdefault\tauto\tposted\t")


def test_a_decision_holds_only_for_what_was_shown(studio: LocalStudio) -> None:
    started(studio, "content-shown")
    studio.wait_for(lambda: "content-shown" in reviews(studio), "the review")
    told = one_json(studio.cli("review", "show", "shown", "--json").stdout)
    shown = told["artifact_sha256"]
    page = studio.folder / told["page"]
    assert page == studio.folder / "out/shown/review" / shown[:12] / "index.html"
    assert f"review approve shown --artifact {shown[:16]}" in page.read_text(encoding="utf-8")
    kept = studio.folder / ".reelwright/shown-reviews.json"
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    wrong = studio.cli("review", "approve", "shown", "--artifact", "0" * 8)
    assert wrong.returncode == 2 and "is not what is to be judged" in wrong.stderr
    # Somebody else sends it back: what was shown is no longer the question.
    done = studio.cli("review", "revise", "shown", "--artifact", shown[:8], "--note", "brighter")
    assert done.returncode == 0, done.stderr
    studio.wait_for(lambda: "content-shown" in reviews(studio), "the next review")
    studio.wait_for(lambda: stage(studio, "shown") == "review", "the next review")
    refused = studio.cli("review", "approve", "shown")
    assert refused.returncode == 2 and "has changed since you looked at it" in refused.stderr
    assert "page elsewhere/index.html" in studio.cli("review", "show", "shown", "--output", "elsewhere").stdout
    assert "another picture" in (studio.folder / "elsewhere/index.html").read_text(encoding="utf-8")
    assert list((studio.folder / "elsewhere").glob("scene-1-before-*"))
    taken = studio.cli("review", "reject", "shown", "--reviewer", "ben")
    assert taken.returncode == 0, taken.stderr
    studio.wait_for(lambda: stage(studio, "shown") == "rejected", "the end")
    said = studio.cli("fetch", "shown").stderr
    assert "rejected by ben" in said and "rejected rejected" not in said and "rejected :" not in said


def test_without_a_look_before_the_decision_shows_and_sends_what_it_showed(studio: LocalStudio) -> None:
    started(studio, "content-unseen")
    studio.wait_for(lambda: "content-unseen" in reviews(studio), "the review")
    done = studio.cli("review", "approve", "unseen")
    assert done.returncode == 0, done.stderr
    assert TEXT in done.stdout
    [artifact] = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("artifact ")]
    studio.wait_for(lambda: stage(studio, "unseen") == "done", "the end")
    report = one_json(studio.cli("fetch", "unseen", "--json").stdout)
    assert [one["artifact_sha256"] for one in report["reviews"]] == [artifact]
