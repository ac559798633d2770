"""`reelwright inspect`: what a file's mark says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from reelwright.domain.errors import InvalidInput
from workers.marking import known_identity
from workers.settings import load_settings

from .console import EXIT_FAILURE, EXIT_OK, print_json
from .tables import print_fields

if TYPE_CHECKING:
    from reelwright.marking.reading import Inspected, Signer

STATES = {
    "unmarked": "it has no C2PA manifest",
    "valid": "valid: unchanged since it was signed",
    "invalid": "not valid",
    "unreadable": "its manifest cannot be read",
}


async def inspect(file: Path, *, trust: Path | None, as_json: bool) -> int:
    """Prints what the manifest says; exit code 0 for a valid one alone."""
    from reelwright.marking.reading import read_mark

    found = await asyncio.to_thread(read_mark, file, anchors=_anchors(trust))
    ours = found.signer is not None and found.signer.serial == _own_serial()
    if as_json:
        print_json({**found.model_dump(mode="json"), "signed_by_this_studio": ours})
    else:
        print_fields([field for field in _fields(found, ours=ours) if field[1]])
    return EXIT_OK if found.state == "valid" else EXIT_FAILURE


def _anchors(trust: Path | None) -> str:
    if trust is None:
        return ""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        text = trust.read_text()
        load_pem_x509_certificates(text.encode())
    except (OSError, ValueError) as error:  # no file, no text, no certificate in it
        raise InvalidInput("it holds no certificates", field="--trust", remedy="name a file of them in PEM") from error
    return text


def _own_serial() -> str:
    identity = known_identity(load_settings())
    return str(identity.leaf.serial_number) if identity else ""


def _fields(found: Inspected, *, ours: bool) -> list[tuple[str, str]]:
    return [
        ("file", found.file),
        ("sha256", found.sha256),
        ("mark", STATES[found.state]),
        *(("why", reason) for reason in found.reasons),
        ("how it was made", ", ".join(map(_term, found.sources))),
        ("IPTC source type", _term(found.iptc_source)),
        ("title", found.title),
        ("signed by", _signer(found.signer, ours=ours) if found.signer else ""),
        ("issuer", _issuer(found)),
        ("made with", found.generator),
        *(("made of", f"{part.title} ({part.relationship})") for part in found.ingredients),
        ("reviewed material", found.material_sha256),
    ]


def _term(source: str) -> str:
    return source.rpartition("/")[2]


def _signer(signer: Signer, *, ours: bool) -> str:
    when = f", {signer.time}" if signer.time else ", without a time stamp"
    return f"{signer.name} ({signer.organization}, {signer.algorithm}{when}){', this studio' if ours else ''}"


def _issuer(found: Inspected) -> str:
    if found.signer is None:
        return ""
    if found.trusted is None:
        return "not checked: anybody can use any name; --trust names certificates to check it against"
    return "trusted" if found.trusted else "not one of the trusted ones"
