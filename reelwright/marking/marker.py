"""Signs files with c2pa-python: `C2paMarker`, the port `domain.ports.marking.Marker`."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.marking import Ingredient, Mark
from reelwright.domain.text.incoming import foreign

from .identity import CERTIFICATE, Identity
from .xmp import with_source

if TYPE_CHECKING:
    from c2pa import Builder

GENERATOR = "Reelwright"
SETTINGS = {
    # No picture of the file in its own manifest, no look at the result that every reader takes again, no network.
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True)
class C2paMarker:
    """`identity` gives what signs, anew for each file: a certificate may be renewed while a worker runs."""

    identity: Callable[[], Identity]

    async def mark(self, file: Path, media_type: str, mark: Mark, original: Path | None = None) -> Path:
        """Writes `<name>.marked<suffix>`."""
        return await asyncio.to_thread(self._mark, file, media_type, mark, original)

    def _mark(self, file: Path, media_type: str, mark: Mark, original: Path | None) -> Path:
        from c2pa import Builder, C2paError, Context, Settings

        identity, target = self.identity(), file.with_suffix(f".marked{file.suffix}")
        try:
            context, definition = Context(Settings.from_dict(SETTINGS)), manifest(mark)
            source = original or file
            format = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
            known = format in Builder.get_supported_mime_types()
            if mark.edited and not known:  # a container that C2PA does not know, such as Matroska
                definition["ingredients"].append(_parent(format))
            with Builder(json.dumps(definition), context) as builder:
                if mark.edited and known:
                    with source.open("rb") as stream:  # a manifest that it has is kept
                        builder.add_ingredient(json.dumps(_parent(format)), format, stream)
                if media_type == "image/jpeg":
                    _sign(builder, identity, media_type, _with_source(file, mark), target)
                else:
                    _sign(builder, identity, media_type, file, target)
        except C2paError as error:
            why = foreign(str(error))
            if "ertificate" in why or "CoseX509" in why or "CoseSignature" in why:
                raise InvalidInput(
                    f"it cannot sign: {why}", field=CERTIFICATE, remedy="docs/marking.md says what C2PA asks of one"
                ) from error
            raise RenderFailed(f"it cannot be signed: {why}", field="marking", remedy="render it again") from error
        return target


def manifest(mark: Mark) -> dict[str, Any]:
    """The manifest's definition, as `c2pa.Builder` takes it (C2PA 2.x: the first action says how the file began)."""
    agent = {"name": GENERATOR, "version": version("reelwright")}
    ingredients = [_ingredient(part, number) for number, part in enumerate(mark.ingredients)]
    if mark.edited:
        first = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_ORIGINAL]}}
        actions = [first, {"action": "c2pa.edited", "softwareAgent": agent, "digitalSourceType": mark.source.value}]
    else:
        actions = [{"action": "c2pa.created", "softwareAgent": agent, "digitalSourceType": mark.source.value}]
    for number, part in enumerate(mark.ingredients):
        if part.relationship == "componentOf":
            source = {"digitalSourceType": part.source.value} if part.source else {}
            actions.append({"action": "c2pa.placed", "parameters": {"ingredientIds": [_label(number)]}, **source})
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]
    if mark.material_sha256:
        assertions.append({"label": "org.reelwright.reviewed", "data": {"material_sha256": mark.material_sha256}})
    return {
        "claim_generator_info": [agent],
        "title": mark.title,
        "assertions": assertions,
        "ingredients": ingredients,
    }


_ORIGINAL = "original"


def _label(number: int) -> str:
    return f"part-{number}"


def _ingredient(part: Ingredient, number: int) -> dict[str, str]:
    told = {
        "label": _label(number),
        "title": part.title,
        "format": part.format,
        "relationship": part.relationship,
    }
    return {**told, "instance_id": f"sha256:{part.sha256}"} if part.sha256 else told


def _parent(format: str) -> dict[str, str]:
    return {"label": _ORIGINAL, "title": "original", "format": format, "relationship": "parentOf"}


def _with_source(file: Path, mark: Mark) -> Path:
    told = file.with_suffix(f".xmp{file.suffix}")
    told.write_bytes(with_source(file.read_bytes(), mark.source))
    return told


def _sign(builder: Builder, identity: Identity, media_type: str, source: Path, target: Path) -> None:
    from c2pa import C2paSignerInfo, C2paSigningAlg, Signer

    identity.require_valid(datetime.now(UTC))
    alg = C2paSigningAlg[identity.alg]
    with (
        Signer.from_info(C2paSignerInfo(alg, identity.chain.encode(), identity.key, None)) as signer,
        source.open("rb") as given,
        target.open("w+b") as made,
    ):
        builder.sign(signer, media_type, given, made)
