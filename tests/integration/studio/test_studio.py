"""The main job, end to end, as its user meets it: real server, database, speech, pictures, encoder, uploads."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from reelwright.domain.content.voice import ESPEAK

from .running import SCRIPT, LocalStudio, one_json


def test_a_script_becomes_a_video_and_a_post(studio: LocalStudio) -> None:
    studio.write("tides.md", SCRIPT)
    arguments = ("run", "--script", "tides.md", "--format", "1:1", "--auto-approve", "--id", "tides", "--json")
    done = studio.cli(*arguments)
    assert done.returncode == 0, done.stderr
    report = one_json(done.stdout)

    assert (report["content_id"], report["workflow_id"], report["status"]) == ("tides", "content-tides", "done")
    [video] = report["videos"]
    assert (video["format"], video["width"], video["height"]) == ("1:1", 1080, 1080)
    folder = studio.folder / report["folder"]
    data = (folder / video["path"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == video["sha256"]
    assert {(track["language"], track["kind"]) for track in report["captions"]} == {("en", "srt"), ("en", "vtt")}
    for item in (*report["captions"], *report["thumbnails"]):
        assert (folder / item["path"]).stat().st_size == item["size"] > 0
    [post] = report["posts"]
    assert (post["platform"], post["account"], post["status"]) == ("youtube", "default", "posted")
    assert report["cost"]["usd"] == 0.0
    assert set(report["cost"]["by_step"]) >= {"writing", "speech", "images", "music", "render"}
    assert json.loads((studio.folder / "out/tides/report.json").read_text()) == report
    assert "1 video and report.json in out/tides" in done.stderr

    [on_channel] = [p for p in studio.posts() if p["post_id"] == post["post_id"]]
    assert (on_channel["sha256"], on_channel["size"]) == (video["sha256"], len(data))

    again = one_json(studio.cli(*arguments).stdout)
    assert again["posts"] == report["posts"]
    assert len([p for p in studio.posts() if p["sha256"] == video["sha256"]]) == 1


def test_temporals_own_command_line_carries_a_topic_to_posted(studio: LocalStudio) -> None:
    request = {
        "topic": "Why octopuses have three hearts", "formats": ["320x240"], "style": {"preset": "draft"},
        "voice": {"voice": ESPEAK},
    }  # fmt: skip
    started = studio.temporal(
        "workflow", "start", "--type", "ContentPipeline", "--task-queue", "reelwright",
        "--workflow-id", "content-hello", "--input", json.dumps(request),
    )  # fmt: skip
    assert started.returncode == 0, started.stderr

    def stage() -> str:
        answer = studio.temporal(
            "workflow", "query", "--workflow-id", "content-hello", "--type", "status", "-o", "json"
        )
        return str(one_json(answer.stdout)["queryResult"][0]["stage"])

    studio.wait_for(lambda: stage() == "review", "the review")
    assert "hello" in studio.cli("review", "list").stdout
    refused = studio.cli("review", "approve", "hello")
    assert refused.returncode == 2 and "must look at hello first" in refused.stderr, "it comes from templates"
    shown = studio.cli("review", "show", "hello").stdout
    assert "without a language model" in shown
    signalled = studio.temporal(
        "workflow", "signal", "--workflow-id", "content-hello", "--name", "review",
        "--input", '{"decision": "approve", "reviewer": "editor-1"}',
    )  # fmt: skip
    assert signalled.returncode == 0, signalled.stderr
    result = studio.temporal("workflow", "result", "--workflow-id", "content-hello", "-o", "json")
    assert one_json(result.stdout)["result"]["status"] == "done"
    fetched = studio.cli("fetch", "hello", "--json")
    assert fetched.returncode == 0, fetched.stderr
    assert len(one_json(fetched.stdout)["posts"]) == 1
    listed = studio.temporal("workflow", "list", "--query", "ReelContentId = 'hello' AND ReelPlatform = 'youtube'")
    assert "content-hello/publish/youtube/default" in listed.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"topik": "x"}', "topik: there is no such field"),
        ('{"topic": "a b", "formats": ["4:3"]}', "unknown format '4:3'"),
        ('"just text"', "request: "),
        ("17", "request: "),
        ("[]", "request: "),
    ],
)
def test_bad_json_through_temporals_command_line(studio: LocalStudio, given: str, said: str) -> None:
    done = studio.temporal(
        "workflow", "execute", "--type", "ContentPipeline", "--task-queue", "reelwright", "--input", given
    )
    assert done.returncode == 1
    assert said in done.stdout + done.stderr


def test_bad_input_is_one_line_and_leaves_nothing(studio: LocalStudio) -> None:
    studio.write("big.md", b"word " * 2_000_000)
    studio.write("latin1.md", b"caf\xe9 au lait")
    studio.write("empty.md", b"")
    studio.write("one.md", b"Word")
    studio.write("page.xml", b"<html><body>no feed</body></html>")
    studio.write(
        "mute.xml", b"<rss version='2.0'><channel><title>t</title><item><title>x</title></item></channel></rss>"
    )
    before = sorted(path.name for path in studio.folder.iterdir())
    cases = [
        (("--script", "big.md"), "script"), (("--script", "latin1.md"), "script"), (("--script", "empty.md"), "script"),
        (("--script", "one.md"), "script"), (("--script", "gone.md"), "script"), (("--feed", "page.xml"), "feed"),
        (("--feed", "mute.xml"), "feed"), (("--topic", "a b", "--format", "4:3"), "formats"),
        (("--topic", "a b", "--platform", "myspace"), "platforms"),
        (("--topic", "a b", "--language", "xx"), "language"),
    ]  # fmt: skip
    for arguments, field in cases:
        done = studio.cli("run", *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert done.stderr.startswith(f"error {field}: "), (arguments, done.stderr)
        assert done.stderr.count("\n") == 1, (arguments, done.stderr)
    assert sorted(path.name for path in studio.folder.iterdir()) == before


def test_a_feed_that_may_not_be_read_is_wrong_input(studio: LocalStudio) -> None:
    done = studio.cli("run", "--feed", "http://127.0.0.1:9/feed.xml", "--auto-approve", "--json")
    assert done.returncode == 2
    assert one_json(done.stdout)["reason"].startswith("feed: 127.0.0.1: port 9 is not a public web port; ")


def test_an_id_belongs_to_one_request(studio: LocalStudio) -> None:
    studio.write("one.md", "One thing.")
    assert studio.cli("start", "--script", "one.md", "--id", "taken").returncode == 0
    again = studio.cli("start", "--script", "one.md", "--id", "taken", "--json")
    assert one_json(again.stdout) == {"content_id": "taken", "workflow_id": "content-taken", "started": False}
    other = studio.cli("start", "--topic", "Another thing", "--id", "taken")
    assert other.returncode == 2
    assert "'taken' already belongs to another request" in other.stderr
    assert studio.cli("cancel", "taken").returncode == 0
    studio.wait_for(lambda: one_json(studio.cli("status", "taken", "--json").stdout)["stage"] == "cancelled", "the end")
    assert studio.cli("review", "approve", "taken").returncode == 2
    assert studio.cli("status", "nobody").returncode == 2


def test_a_second_up_names_the_first(studio: LocalStudio) -> None:
    second = studio.cli("up")
    assert second.returncode == 1
    assert studio.state.supervisor is not None
    assert f"pid {studio.state.supervisor.pid}" in second.stderr


def test_doctor_finds_everything_in_order(studio: LocalStudio) -> None:
    done = studio.cli("doctor", "--json")
    assert done.returncode == 0, done.stdout
    found = {finding["part"]: finding["state"] for finding in one_json(done.stdout)["findings"]}
    assert found["queue reelwright"] == found["queue reelwright-render"] == found["database"] == found["fonts"] == "ok"


def test_a_child_that_dies_is_started_again(studio: LocalStudio) -> None:
    before = dict(studio.state.children)
    assert set(before) == {"temporal", "postgres", "sandbox", "cpu", "render"}
    for name in ("cpu", "sandbox"):
        os.kill(before[name].pid, signal.SIGKILL)

    def back() -> bool:
        now = studio.state.children
        return all(name in now and now[name].pid != before[name].pid for name in ("cpu", "sandbox"))

    studio.wait_for(back, "the children to be back")
    time.sleep(2)
    assert studio.state.children["temporal"].pid == before["temporal"].pid
    assert studio.cli("list").returncode == 0


def test_no_secret_is_in_histories_logs_or_reports(studio: LocalStudio) -> None:
    env = studio.state.env
    secrets = {env["DATABASE_URL"].split(":")[2].split("@")[0], env["REELWRIGHT_SECRET_KEY"], "1//sandbox-default"}
    history = studio.temporal("workflow", "show", "--workflow-id", "content-tides", "-o", "json").stdout
    texts = {"history": history, "report": (studio.folder / "out/tides/report.json").read_text()}
    for path in Path(studio.folder / ".reelwright/logs").glob("*.log"):
        texts[path.name] = path.read_text(errors="replace")
    for secret in secrets:
        assert not [name for name, text in texts.items() if secret in text]
