"""Which faults can strike a publication, and how one is drawn at random. Seeded, so that a run can be repeated."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from reelwright.domain.formats import Platform


@dataclass(frozen=True)
class Calls:
    """A platform's kinds of requests, by the names its sandbox gives them. `every` are those a publication certainly
    makes; `data` carries the bytes, `post` is the irreversible one, `session` finds its upload session gone, `process`
    is where the processing of the upload is made to fail."""

    every: tuple[str, ...]
    data: str
    post: str
    session: str
    process: str


CALLS = {
    Platform.YOUTUBE: Calls(("token", "start", "put", "final", "probe", "read"), "put", "final", "put", "read"),
    Platform.INSTAGRAM: Calls(("start", "put", "poll", "publish", "read"), "put", "publish", "put", "poll"),
    Platform.TIKTOK: Calls(("token", "creator", "start", "put", "final", "poll"), "put", "final", "put", "poll"),
    Platform.FACEBOOK: Calls(("start", "put", "poll", "publish", "read"), "put", "publish", "put", "poll"),
    Platform.X: Calls(
        ("token", "start", "append", "finalize", "poll", "publish"), "append", "publish", "append", "poll"
    ),
    Platform.LINKEDIN: Calls(("token", "start", "put", "finish", "poll", "publish"), "put", "publish", "put", "finish"),
    Platform.BLUESKY: Calls(
        ("token", "auth", "start", "put", "finish", "poll", "publish"), "put", "publish", "put", "poll"
    ),
}

PICTURE_CALLS = {
    Platform.INSTAGRAM: Calls(("start", "poll", "publish", "read"), "start", "publish", "poll", "start"),
    Platform.FACEBOOK: Calls(("put", "publish", "read"), "put", "publish", "publish", "put"),
    Platform.X: Calls(("token", "append", "write", "publish"), "append", "publish", "write", "poll"),
    Platform.LINKEDIN: Calls(("token", "start", "put", "publish"), "put", "publish", "put", "put"),
}
"""The same of a picture post, on the platforms that have them."""


def calls_of(platform: Platform, *, pictures: bool = False) -> Calls:
    """The requests of a video's post, or of a picture post."""
    return PICTURE_CALLS[platform] if pictures else CALLS[platform]


# What servers, proxies and load balancers answer when they are in trouble, in no one's envelope.
BODIES = (
    ("", "text/plain"),
    ("<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"),
    ('{"unexpected": ["shape"]}', "application/json"),
    ('{"error": {"message": "backend', "application/json"),
)
# Only of the publishing call: elsewhere it is taken at its word, and an hour is waited.
# The trap that doubled posts in production: "limit reached", and the post is live (docs/platforms/instagram.md#errors).
THOUGH_LIVE = (
    '{"error": {"message": "Application request limit reached", "type": "OAuthException", "code": 4,'
    ' "error_subcode": 2207051, "is_transient": false, "fbtrace_id": "x"}}'
)


def draw(rng: random.Random, platform: Platform, account: str, size: int, *, pictures: bool = False) -> dict[str, Any]:
    """One fault for one publication. Half of them strike the irreversible call or the bytes: there it hurts most."""
    calls = calls_of(platform, pictures=pictures)
    op = rng.choice([rng.choice(calls.every), rng.choice((calls.post, calls.data))])
    fault: dict[str, Any] = {"platform": platform.value, "account": account, "op": op, "skip": rng.choice((0, 0, 0, 1))}
    kinds = (_broken, _broken, _errors, _errors, _throttled, _bytes, _bytes, _session, _token, _quota, _processing)
    fault |= rng.choice(kinds)(rng, calls, op, size)
    if (
        platform in (Platform.INSTAGRAM, Platform.FACEBOOK)
        and fault["point"] == "error_though_done"
        and op == "publish"
    ):
        fault |= {"status": 400, "body": THOUGH_LIVE}
    return fault


def _broken(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": rng.choice(("before_commit", "after_commit_before_reply"))}


def _errors(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    body, kind = rng.choice(BODIES)
    point, status = rng.choice(("status", "error_though_done")), rng.choice((500, 502, 503, 504))
    return {"point": point, "status": status, "body": body, "content_type": kind, "count": rng.choice((1, 1, 3))}


def _throttled(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": "status", "status": 429, "retry_after": rng.choice((None, 1, 3)), "body": rng.choice(BODIES)[0]}


def _bytes(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    if rng.random() < 0.5:
        return {"point": "reset_at_byte", "op": "", "skip": 0, "at_byte": rng.randrange(size)}
    return {"point": "partial_commit", "op": "", "skip": 0, "keep": rng.randrange(size)}


def _session(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": "expire_session", "op": calls.session}


def _token(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": "expire_token", "op": rng.choice((calls.data, calls.post, *calls.every[1:]))}


def _quota(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": "quota", "op": rng.choice((calls.every[-1], calls.post)), "skip": 0}


def _processing(rng: random.Random, calls: Calls, op: str, size: int) -> dict[str, Any]:
    return {"point": "fail_processing", "op": calls.process, "skip": 0, "reason": "internal"}
