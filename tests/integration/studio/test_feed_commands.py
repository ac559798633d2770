"""`reelwright feeds` as a person types it, on the books of a real PostgreSQL and feeds on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import typed
from tests.integration.harvesting.kit import entry, feed
from tests.unit.test_feeds import Page, Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


class Shell:
    def __init__(self, folder: Path, dsn: str) -> None:
        self._folder, self._dsn = folder, dsn

    def type(self, *words: str, code: int = 0, dsn: bool = True) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL", "REELWRIGHT"))}
        env |= {"REELWRIGHT_FEED_ALLOW_PRIVATE": "true", "REELWRIGHT_FEED_HOST_DELAY_S": "0"}
        env |= {"DATABASE_URL": self._dsn} if dsn else {}
        done = typed("feeds", *words, folder=self._folder, env=env)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    def json(self, *words: str) -> Any:
        return json.loads(self.type(*words, "--json").splitlines()[0])


@pytest.fixture
def shell(postgres_dsn: str, tmp_path: Path) -> Shell:
    return Shell(tmp_path, postgres_dsn)


@pytest.mark.lengthy
def test_a_source_from_its_trial_to_its_end(shell: Shell, site: Site, tmp_path: Path) -> None:
    url = f"{site.url}/feed"
    days = [f"Sun, {n:02d} Nov 2026 08:00:00 GMT" for n in (28, 27, 1)]
    site.pages["/feed"] = Page(feed(*(entry(n + 1, title=f"News [b]{n}", day=day) for n, day in enumerate(days))))
    (tmp_path / "posts.json").write_text('{"platforms": ["tiktok"], "auto_approve": true}')

    # Without a studio nothing is compared, and nothing needs one.
    said = shell.type("test", url, "--max-age", "3650", "--most", "2", dsn=False)
    assert "would start\t2026-11-28\tNews [b]0" in said and "2 contents would be started" in said
    assert "1 left for a later harvest (no studio is running" in said
    shell.type("test", "harbour", code=1, dsn=False)

    added = shell.json(
        "add", url, "--name", "harbour", "--channel", "news", "--priority", "2", "--exclude", "advert", "--max-age",
        "3650", "--request", str(tmp_path / "posts.json"), "--by", "ana",
    )  # fmt: skip
    assert (added["name"], added["channel"], added["request"]["platforms"]) == ("harbour", "news", ["tiktok"])
    tried = shell.json("test", "harbour", "--least-words", "1000")
    assert {item["state"] for item in tried["items"]} == {"filtered"} and tried["compared"]
    assert [item["state"] for item in shell.json("test", "harbour")["items"]] == ["new"] * 3
    assert shell.json("show", "harbour")["items"] == [], "a trial writes nothing"
    [listed] = [one for one in shell.json("list", "--channel", "news")["sources"] if one["name"] == "harbour"]
    assert (listed["priority"], listed["failures"], listed["exclude"]) == (2, 0, ["advert"])

    assert "harbour is paused by ben" in shell.type("pause", "harbour", "--by", "ben", "--note", "too many")
    assert "harbour\tnews\t2\tpaused\t-\t-\t-" in shell.type("list")
    assert "paused" in shell.type("show", "harbour")
    shell.type("resume", "harbour")
    shell.type("remove", "harbour")
    assert "there is no source 'harbour'" in shell.type("show", "harbour", code=2)


def test_what_is_wrong_is_told_with_its_field(shell: Shell, site: Site, tmp_path: Path) -> None:
    url = f"{site.url}/feed"
    site.pages["/feed"] = Page(b"<html><link type='application/rss+xml' href='/real.xml'></html>")
    assert "url: this is not a web address" in shell.type("add", "example.org", code=2)
    assert "user name or password" in shell.type("add", "https://u:p@example.org/feed", code=2)
    assert "is not a source's name" in shell.type("add", url, "--name", "a b", code=2)
    assert f"this page's feed is at {site.url}/real.xml" in shell.type("test", url, code=2)
    for text, message in (
        ("[]", "request: "),
        ("no", "is no JSON object"),
        ('{"topic": "x"}', "topic is set by the item or the source"),
        ('{"platforms": ["myspace"]}', "unknown platform 'myspace'"),
        ('{"nonsense": 1}', "nonsense"),
    ):
        (tmp_path / "request.json").write_text(text)
        assert message in shell.type("add", url, "--request", str(tmp_path / "request.json"), code=2)
    assert "no studio is running" in shell.type("harvest", code=1)
