"""Reads a file's mark back: what its manifest says, who signed it, and whether it is whole. Nothing is fetched.

All texts of a manifest are foreign: anybody can write one.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import foreign

from .marker import SETTINGS
from .xmp import source_in

State = Literal["unmarked", "valid", "invalid", "unreadable"]
_UNTRUSTED = "signingCredential.untrusted"
_MOST = 50
"""So many ingredients, actions and reasons of a foreign manifest are shown."""


class Signer(Model):
    """Who signed, as the certificate says."""

    name: str
    organization: str
    serial: str
    algorithm: str
    time: str = ""


class Action(Model):
    """What was done, when how it was made is said, by which program."""

    action: str
    source: str = ""
    by: str = ""


class Part(Model):
    """One ingredient."""

    title: str
    format: str
    relationship: str


class Inspected(Model):
    """A file and its mark. `trusted` is None where there was nothing to check the issuer against. `reasons`: why it is
    not valid. `iptc_source` is the XMP's digital source type, `sources` those of the manifest's actions."""

    file: str
    sha256: str
    size: int
    state: State
    trusted: bool | None = None
    reasons: tuple[str, ...] = ()
    signer: Signer | None = None
    generator: str = ""
    title: str = ""
    sources: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    ingredients: tuple[Part, ...] = ()
    material_sha256: str = ""
    iptc_source: str = ""
    manifests: int = 0


def read_mark(path: Path, *, anchors: str = "") -> Inspected:
    """Reads a file's mark. `anchors` are certificates in PEM that are trusted. Raises `InvalidInput` for a file that
    cannot be read, or is of a kind that holds no mark."""
    from c2pa import C2paError, Context, Reader, Settings

    told = _file(path)
    media_type = mimetypes.guess_type(path.name)[0] or ""
    if media_type not in Reader.get_supported_mime_types():
        raise InvalidInput(
            f"{path.name}: no C2PA manifest is kept in files of this kind",
            field="file",
            remedy="name an MP4, a JPEG or a PNG",
        )
    settings: dict[str, Any] = dict(SETTINGS)
    if anchors:
        settings["trust"] = {"user_anchors": anchors}
        settings["verify"] = {**settings["verify"], "verify_trust": True}
    try:
        with (
            path.open("rb") as stream,
            Reader(media_type, stream, context=Context(Settings.from_dict(settings))) as reader,
        ):
            found = json.loads(reader.json())
    except C2paError.ManifestNotFound:
        return told
    except C2paError as error:
        return told.model_copy(update={"state": "unreadable", "reasons": (foreign(str(error)),)})
    return told.model_copy(update=_read(found, trust_checked=bool(anchors)))


def _file(path: Path) -> Inspected:
    try:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        size = path.stat().st_size
    except OSError as error:
        why = f"{path.name} cannot be read: {error.strerror}"
        raise InvalidInput(why, field="file", remedy="name a file") from error
    digits = digest.hexdigest()
    return Inspected(file=str(path), sha256=digits, size=size, state="unmarked", iptc_source=_iptc(path))


def _iptc(path: Path) -> str:
    """Of pictures alone; what Pillow cannot open has none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return ""
    return foreign(source_in(packet.encode() if isinstance(packet, str) else packet))


def _read(found: Mapping[str, Any], *, trust_checked: bool) -> dict[str, Any]:
    manifests = _dict(found.get("manifests"))
    active = _dict(manifests.get(str(found.get("active_manifest"))))
    failures = [_dict(one) for one in _list(found.get("validation_status"))]
    # Without anchors every issuer is unknown, which says nothing about it.
    reasons = [
        f"{foreign(str(one.get('code', '')))}: {foreign(str(one.get('explanation', '')))}"
        for one in failures
        if one.get("code") != _UNTRUSTED
    ]
    valid = found.get("validation_state") in ("Valid", "Trusted")
    if not valid and not reasons:
        reasons = [foreign(str(found.get("validation_state") or "its validation has no result"))]
    actions = list(_actions(active))
    reviewed = next(_data(active, "org.reelwright.reviewed"), {})
    return {
        "state": "valid" if valid else "invalid",
        "trusted": found.get("validation_state") == "Trusted" if trust_checked else None,
        "reasons": tuple(reasons[:_MOST]),
        "signer": _signer(_dict(active.get("signature_info"))),
        "generator": ", ".join(_named(one) for one in _list(active.get("claim_generator_info"))[:_MOST]),
        "title": foreign(str(active.get("title") or "")),
        "sources": tuple(dict.fromkeys(action.source for action in actions if action.source)),
        "actions": tuple(actions),
        "ingredients": tuple(
            Part(
                title=foreign(str(part.get("title") or "")),
                format=foreign(str(part.get("format") or "")),
                relationship=foreign(str(part.get("relationship") or "")),
            )
            for part in map(_dict, _list(active.get("ingredients"))[:_MOST])
        ),
        "material_sha256": foreign(str(reviewed.get("material_sha256") or "")),
        "manifests": len(manifests),
    }


def _signer(told: Mapping[str, Any]) -> Signer | None:
    if not told:
        return None
    time = told.get("time")
    return Signer(
        name=foreign(str(told.get("common_name") or "")),
        organization=foreign(str(told.get("issuer") or "")),
        serial=foreign(str(told.get("cert_serial_number") or "")),
        algorithm=foreign(str(told.get("alg") or "")),
        time=foreign(str(time)) if time else "",
    )


def _actions(manifest: Mapping[str, Any]) -> Iterator[Action]:
    for data in (*_data(manifest, "c2pa.actions.v2"), *_data(manifest, "c2pa.actions")):
        for action in map(_dict, _list(data.get("actions"))[:_MOST]):
            agent = action.get("softwareAgent") or ""
            yield Action(
                action=foreign(str(action.get("action") or "")),
                source=foreign(str(action.get("digitalSourceType") or "")),
                by=_named(agent) if isinstance(agent, dict) else foreign(str(agent)),
            )


def _data(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    for assertion in map(_dict, _list(manifest.get("assertions"))):
        if assertion.get("label") == label:
            yield _dict(assertion.get("data"))


def _named(told: Any) -> str:
    told = _dict(told)
    return foreign(" ".join(str(told[key]) for key in ("name", "version") if told.get(key)))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
