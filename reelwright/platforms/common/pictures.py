"""What all picture posts have in common: the checks before anything is sent, and the addresses pictures are fetched
from."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from reelwright.domain.errors import PostRejected
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.publishing.posting import PostDraft, PostKind, PostPicture

_LOCAL_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".test", ".invalid")


def is_pictures(draft: PostDraft) -> bool:
    """Whether the draft is a picture post."""
    return draft.kind is PostKind.PICTURES or bool(draft.pictures)


def check_pictures(draft: PostDraft, rules: PictureRules, label: str) -> None:
    """Raises `PostRejected` naming the picture and what the platform would refuse about it."""
    if draft.kind is not PostKind.PICTURES:
        raise PostRejected("it has pictures, but another kind", field="kind", remedy="use pictures")
    if not 1 <= len(draft.pictures) <= rules.most:
        count = f"{len(draft.pictures)} pictures are" if draft.pictures else "no picture is"
        raise PostRejected(f"{count} not between 1 and {label}'s {rules.most}", field="pictures", remedy="post others")
    for number, picture in enumerate(draft.pictures):
        if why := _fault(picture, rules):
            raise PostRejected(f"{why} on {label}", field=f"pictures[{number}]", remedy="give another picture")
    first = draft.pictures[0]
    for number, picture in enumerate(draft.pictures):
        if rules.one_ratio and first.width * picture.height != first.height * picture.width:
            raise PostRejected(
                f"{picture.width}x{picture.height} would be cut to the shape of the first ({first.width}x"
                f"{first.height}) on {label}",
                field=f"pictures[{number}]",
                remedy="give all pictures the same shape",
            )


def _fault(picture: PostPicture, rules: PictureRules) -> str:
    """What makes a picture impossible, or ""."""
    file, width, height = picture.file, picture.width, picture.height
    if file.media_type not in rules.types:
        return f"{file.media_type[:40]} is not taken"
    if not 0 < file.size <= rules.most_bytes:
        return f"{file.size:,} bytes is not between 1 and {rules.most_bytes:,}"
    if width < rules.narrowest or height < 1 or width * height > rules.most_pixels:
        return f"{width}x{height} is too small or too large"
    if not rules.ratios[0] - 0.005 <= width / height <= rules.ratios[1] + 0.005:
        return f"{width}x{height} is too narrow or too wide"
    if len(picture.alt) > rules.alt_chars:
        return f"an alternative text of {len(picture.alt):,} characters is more than {rules.alt_chars:,}"
    return ""


def require_public(address: str, api_url: str, label: str) -> None:
    """Raises `PostRejected` for an address that the platform cannot fetch from. An API that is reached over plain HTTP
    is on this machine or its network (the sandbox), and reaches what is there."""
    try:
        there = urlsplit(address)
        host, scheme = there.hostname or "", there.scheme
    except ValueError:
        host, scheme = "", ""
    local = urlsplit(api_url).scheme == "http"
    if host and ((scheme == "https" and _is_public(host)) or (local and scheme in ("http", "https"))):
        return
    raise PostRejected(
        f"{label} fetches pictures from a public https address, and {scheme or 'no scheme'}://{host[:80]} is none",
        field="REELWRIGHT_PUBLIC_MEDIA_URL",
        remedy="set it to the https address at which the media store can be reached from the internet, or store media "
        "in a bucket on a public S3 endpoint",
    )


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_LOCAL_NAMES)
