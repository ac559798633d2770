"""Files that a source names: from its own domain, public, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelwright.providers.common.downloading import BadDownload, Rule, download, same_domain
from tests.stand_ins.server import Answer, Asked, Server, serving

DATA = b"\xff\xd8 the bytes of a picture" * 40
RULE = Rule(most_bytes=10_000, allow_private=True)


@pytest.fixture
def server() -> Iterator[Server]:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/round/"):
            return Answer(302, b"", {"Location": f"/round/{int(asked.path.split('/')[2]) + 1}"})
        if asked.path == "/near":
            return Answer(302, b"", {"Location": "/file#part"})
        if asked.path == "/away":
            return Answer(302, b"", {"Location": f"http://localhost:{server_port}/file"})
        return Answer(200, DATA, {"Content-Type": "application/octet-stream"})

    with serving(answer) as made:
        server_port = made.url.rpartition(":")[2]
        yield made


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("images.pexels.com", "videos.pexels.com", True),
        ("a.example.co.uk", "b.example.co.uk", True),
        ("a.co.uk", "b.co.uk", False),
        ("upload.wikimedia.org", "wikimedia.org.evil.net", False),
        ("127.0.0.1", "127.0.0.2", False),
        ("localhost", "localhost", True),
    ],
)
def test_domains_are_compared_as_they_are_registered(one: str, other: str, same: bool) -> None:
    assert same_domain(one, other) == same


async def test_a_file_is_written_whole_under_its_name(server: Server, tmp_path: Path) -> None:
    told: list[float] = []
    sha1 = hashlib.sha1(DATA, usedforsecurity=False).hexdigest().upper()
    to = await download(f"{server.url}/near", tmp_path / "file", RULE, sha1=sha1, progress=told.append)
    assert to.read_bytes() == DATA and told[-1] == 1.0 and [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "path, rule, why",
    [
        ("/away", RULE, "does not name"),
        ("/round/1", RULE, "redirects more than 4 times"),
        ("/file", Rule(most_bytes=100, allow_private=True), "more than 100 bytes"),
        ("/file", Rule(most_bytes=10_000), "only https"),
    ],
    ids=("another domain", "in circles", "too large", "not https"),
)
async def test_what_is_refused_leaves_nothing(server: Server, tmp_path: Path, path: str, rule: Rule, why: str) -> None:
    with pytest.raises(BadDownload, match=why) as caught:
        await download(server.url + path, tmp_path / "file", rule)
    assert not caught.value.later and list(tmp_path.iterdir()) == []


async def test_a_persons_own_address_may_lead_elsewhere(server: Server, tmp_path: Path) -> None:
    rule = Rule(most_bytes=10_000, allow_private=True, anywhere=True)
    assert (await download(f"{server.url}/away", tmp_path / "file", rule)).read_bytes() == DATA


async def test_what_was_there_before_stays_when_a_download_fails(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    server.next = [Answer(200, DATA[:50], {"Content-Type": "image/jpeg"}, announced=len(DATA))]
    with pytest.raises(BadDownload) as caught:
        await download(f"{server.url}/file", tmp_path / "file", RULE)
    assert caught.value.later and (tmp_path / "file").read_bytes() == b"before"


@pytest.mark.parametrize("address", ("ftp://example.org/x", "https://", "no address", "https://user:pw@example.org/"))
async def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadDownload):
        await download(address, tmp_path / "file", Rule(most_bytes=10))
