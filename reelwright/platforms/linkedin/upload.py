"""LinkedIn's multi-part upload (docs/platforms/linkedin.md#upload): the addresses that the platform returns, and a
session's progress.

A session's parts each have a pre-signed address of their own, good without our token (and never sent it) until
`uploadUrlsExpireAt`. LinkedIn has no call that lists the parts it holds, so the ETags that acknowledge them are kept in
the session's state, and finalizing names them in order: in another order LinkedIn answers 200 and scrambles the video.

`UploadSession.state`, all JSON:
`author` (URN), `opened` and `expires` (seconds since the epoch, 0 unknown), `video` and `token` as returned, `parts`
(`url`, `first`, `size`, `etag` once it was received), `captions`/`thumbnail` (addresses, "" when there is none),
`image`/`image_url` of an article, `sent` (names of what was sent besides the parts), `finalized` (seconds since the
epoch), `tried` (a post was attempted), `notes` (notes for people).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import PlatformTransient, SessionLost
from reelwright.domain.ports.publishing import Checkpoint
from reelwright.domain.publishing.posting import UploadProgress, UploadSession

from ..common.caller import TIMEOUT
from ..common.http import body_kind, unreachable
from ..common.source import Pieces
from .errors import read_problem
from .post import IMAGE, VIDEO, under, urn

LARGEST_PART = 64 << 20
"""A part is held in memory whole; LinkedIn's are 4 MiB."""
_ETAG = re.compile(r"[\x21-\x7e]{1,2000}")
_HOSTS = ("linkedin.com", "licdn.com")


def trusted(address: Any, api_url: str) -> bool:
    """Whether a video's bytes may be sent to a handed-out address: LinkedIn over HTTPS, or the API's own host."""
    if not isinstance(address, str):
        return False
    try:
        there, home = urlsplit(address), urlsplit(api_url)
        there_port, home_port = there.port, home.port
    except ValueError:
        return False
    if there.username is not None or there.password is not None:
        return False
    if (there.scheme, there.hostname, there_port) == (home.scheme, home.hostname, home_port):
        return True
    host = there.hostname or ""
    ours = any(host == name or host.endswith(f".{name}") for name in _HOSTS)
    return there.scheme == "https" and ours and there_port in (None, 443)


def odd(what: str) -> PlatformTransient:
    """An answer that makes no sense."""
    return PlatformTransient(f"LinkedIn {what}", field="upload", remedy="it is tried again")


def read_video(answer: dict[str, Any] | None, total: int, api_url: str) -> dict[str, Any]:
    """The state from `videos?action=initializeUpload`. Raises `PlatformTransient` for anything but parts that cover
    the file without gaps; the last one may reach beyond the file's end."""
    value = under(answer, "value")
    video, token, given = (
        urn(under(value, "video"), VIDEO),
        under(value, "uploadToken"),
        under(value, "uploadInstructions"),
    )
    if not video or not isinstance(given, list) or not given or not isinstance(token, str | None):
        raise odd("opened an upload without saying where to send it")
    parts: list[dict[str, Any]] = []
    at = 0
    for item in sorted(given, key=lambda item: _number(under(item, "firstByte"))):
        first, last, url = _number(under(item, "firstByte")), _number(under(item, "lastByte")), under(item, "uploadUrl")
        size = min(last, total - 1) - first + 1
        if first != at or not 0 < size <= LARGEST_PART or not trusted(url, api_url):
            raise odd("opened an upload whose parts make no sense")
        parts.append({"url": url, "first": first, "size": size, "etag": ""})
        at += size
    if at != total:
        raise odd("opened an upload whose parts do not make up the file")
    extras = {name: under(value, f"{name}UploadUrl") for name in ("captions", "thumbnail")}
    return {
        "video": video,
        "token": token or "",
        "parts": parts,
        "expires": max(0, _number(under(value, "uploadUrlsExpireAt"))) / 1_000,
        **{name: url if trusted(url, api_url) else "" for name, url in extras.items()},
    }


def read_image(answer: dict[str, Any] | None, api_url: str) -> dict[str, Any]:
    """The state from `images?action=initializeUpload`."""
    image, url = urn(under(answer, "value", "image"), IMAGE), under(answer, "value", "uploadUrl")
    if not image or not trusted(url, api_url):
        raise odd("opened an upload for a picture without saying where to send it")
    expires = max(0, _number(under(answer, "value", "uploadUrlExpiresAt"))) / 1_000
    return {"image": image, "image_url": url, "expires": expires}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def committed(session: UploadSession) -> int:
    """Bytes that LinkedIn has acknowledged."""
    if session.state.get("finalized"):
        return session.total
    sent: int = sum(image["size"] for image in session.state.get("images", ()) if image["sent"])
    parts: int = sum(part["size"] for part in session.state.get("parts", ()) if part["etag"])
    return sent + parts


def progress_of(session: UploadSession) -> UploadProgress:
    """For the caller."""
    return UploadProgress(committed=committed(session), total=session.total)


class Standing:
    """The session as it now stands. Every change is stored before anything else is done."""

    def __init__(self, session: UploadSession, checkpoint: Checkpoint) -> None:
        self.session = session
        self._checkpoint = checkpoint

    def __getitem__(self, name: str) -> Any:
        return self.session.state.get(name, "")

    async def change(self, **changes: Any) -> None:
        """Puts it on record."""
        self.session = self.session.model_copy(update={"state": {**self.session.state, **changes}})
        await self._checkpoint(self.session, committed(self.session))

    async def acknowledge(self, number: int, etag: str) -> None:
        """A part has arrived."""
        parts = [{**part, "etag": etag} if n == number else part for n, part in enumerate(self["parts"])]
        await self.change(parts=parts)

    async def sent(self, name: str, note: str = "") -> None:
        """Captions, a thumbnail or a picture has been handled; `note` gives the reason if it is missing."""
        notes = [*(self["notes"] or []), *([note] if note else [])]
        await self.change(sent=[*(self["sent"] or []), name], notes=notes)


async def put(client: httpx.AsyncClient, url: str, data: bytes) -> str:
    """Sends bytes to a pre-signed address, without our token; its ETag, or "". Repeating it changes nothing.

    Raises `SessionLost` when the address has expired and `PlatformTransient`."""
    pieces = Pieces(data)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
    try:
        response = await client.put(url, content=pieces, headers=headers, timeout=TIMEOUT, follow_redirects=False)
    except httpx.HTTPError as error:
        raise unreachable("LinkedIn's upload", error) from None
    finally:
        pieces.let_go()
    judge(response)
    etag = response.headers.get("etag", "").strip()
    return etag if _ETAG.fullmatch(etag) else ""


def judge(response: httpx.Response) -> None:
    """Passes 200 and 201. What an expired address answers is not documented: 400 with a code, 401, 403, 404 and 410
    all mean that a new upload must be begun."""
    status, problem = response.status_code, read_problem(response)
    if status in (200, 201):
        return
    expired = status in (401, 403, 404, 410) or (problem is not None and "EXPIRED" in " ".join(problem.codes))
    if expired:
        raise SessionLost(
            f"LinkedIn no longer takes bytes for this upload (HTTP {status})",
            field="upload",
            remedy="a new upload is begun",
        )
    told = problem.message if problem and problem.message else body_kind(response)
    raise PlatformTransient(
        f"LinkedIn's upload answered HTTP {status} ({told})", field="upload", remedy="it is tried again"
    )
