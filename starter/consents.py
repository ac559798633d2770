"""What `reelwright consent` does."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from control import consents as control
from reelwright.domain.consents import Consent
from reelwright.domain.errors import InvalidInput

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .tables import Record, local, print_records


async def add(
    *,
    person: str,
    use: str,
    document: Path,
    voice: str,
    given: str | None,
    expires: str | None,
    by: str,
    as_json: bool,
) -> int:
    """Records it."""
    sha256 = _digest(document)
    async with books() as opened:
        consent = await control.add(
            opened, person=person, use=use, document_sha256=sha256, voice=voice, given=given, expires=expires, by=by
        )
    if as_json:
        print_json(consent.model_dump(mode="json"))
    else:
        say(f"consent {consent.id} of {plain(consent.person)} is on record")
    return EXIT_OK


async def show(*, as_json: bool) -> int:
    """A line for each."""
    async with books() as opened:
        found = await control.consents(opened)
    if as_json:
        print_json({"consents": [consent.model_dump(mode="json") for consent in found]})
        return EXIT_OK
    now = datetime.now(UTC)
    print_records(
        ("number", "person", "for", "given", "expires", "state"),
        [Record(_cells(consent, now), (consent.use, consent.note)) for consent in found],
        nothing="no consent is on record",
    )
    return EXIT_OK


async def revoke(number: int, *, by: str, note: str, as_json: bool) -> int:
    """Ends it."""
    async with books() as opened:
        consent = await control.revoke(opened, number, by=by, note=note)
    if as_json:
        print_json(consent.model_dump(mode="json"))
    else:
        say(f"consent {consent.id} of {plain(consent.person)} {plain(consent.ended(datetime.now(UTC)))}")
    return EXIT_OK


def _cells(consent: Consent, now: datetime) -> tuple[str, ...]:
    what = f"voice {consent.voice}" if consent.covers == "voice" else "pictures"
    state = consent.ended(now) or "holds"
    return str(consent.id), consent.person, what, local(consent.given_at), local(consent.expires_at), state


def _digest(document: Path) -> str:
    try:
        with document.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(
            f"{document} cannot be read ({error.strerror})", field="document", remedy="name the signed document"
        ) from error
