"""What `reelwright media` does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from control import own_media as control
from reelwright.domain.content.media import is_address
from reelwright.domain.errors import InvalidInput

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .media_commands import KINDS
from .own_files import BY_SHA256, OwnFile, opened_file, taken_in
from .tables import Record, local, print_fields, print_records
from .ticking import regular_lines

if TYPE_CHECKING:
    from control.studio import Books
    from reelwright.domain.content.taken import StoredMedia
    from reelwright.domain.ports.media import MediaIntake

FIELD = "file"


async def add(files: Sequence[str], *, as_json: bool) -> int:
    """Checks each file, stores it and prints its address."""
    async with books() as opened:
        intake = await control.taking(opened, _intake(opened))
        added = [await _added(file, intake) for file in files]
    if as_json:
        print_json({"media": [_json(media) for media in added]})
        return EXIT_OK
    print_records(
        ("address", "kind", "size", "length", "name"),
        [Record((f"{BY_SHA256}{one.file.sha256}", *_cells(one))) for one in added],
        nothing="nothing was added",
    )
    for media in added:
        for note in media.notes:
            say(f"[yellow]note[/] {plain(note)}")
    return EXIT_OK


async def list_media(*, kind: str | None, limit: int, as_json: bool) -> int:
    """The newest ones."""
    if kind is not None and kind not in KINDS:
        raise InvalidInput(f"unknown kind {kind[:40]!r}", field="kind", remedy=f"choose from {', '.join(KINDS)}")
    async with books() as opened:
        rows = await control.newest(opened, limit, kind)
    if as_json:
        print_json({"media": [_json(row.media, row.added_at) for row in rows]})
        return EXIT_OK
    print_records(
        ("address", "kind", "size", "length", "name", "added"),
        [Record((f"{BY_SHA256}{r.media.file.sha256}", *_cells(r.media), local(r.added_at))) for r in rows],
        nothing="no media has been added yet",
    )
    return EXIT_OK


async def rights(
    sha256: str, *, licence: str, terms: str, expires: str | None, consent: int | None, by: str, as_json: bool
) -> int:
    """Declares what allows the use of one of them."""
    from control import consents  # a list needs no evidence

    async with books() as opened:
        media, _ = await _found(opened, sha256)
        told = await consents.declare(
            opened, media.file.sha256, licence=licence, terms=terms, expires=expires, consent=consent, by=by
        )
    if as_json:
        print_json({"address": f"{BY_SHA256}{media.file.sha256}", **told.model_dump(mode="json")})
    else:
        until = f", until {local(told.expires_at)}" if told.expires_at else ""
        of = f", with consent {told.consent}" if told.consent is not None else ""
        say(f"{plain(media.name)}: {told.licence}{of}{until}")
    return EXIT_OK


async def show(sha256: str, *, as_json: bool) -> int:
    """One of them."""
    async with books() as opened:
        media, added_at = await _found(opened, sha256)
    if as_json:
        print_json(_json(media, added_at))
        return EXIT_OK
    facts = media.clip or media.picture or media.sound
    print_fields(
        [
            ("address", f"{BY_SHA256}{media.file.sha256}"),
            ("name", media.name),
            ("added", local(added_at)),
            ("kind", media.kind),
            ("type", media.file.media_type),
            ("bytes", f"{media.file.size:,}"),
            *((name, str(value)) for name, value in (facts.model_dump() if facts else {}).items()),
            *([("codecs", ", ".join(media.codecs))] if media.codecs else []),
            *([("used as", media.used.media_type)] if media.used != media.file else []),
            *(("note", note) for note in media.notes),
        ]
    )
    return EXIT_OK


async def _found(opened: Books, sha256: str) -> tuple[StoredMedia, datetime]:
    """The stored file whose sha256 begins so, and when it was added."""
    row = await control.find(opened, sha256)
    return row.media, row.added_at


def _intake(opened: Books) -> MediaIntake:
    from workers.media import media_store, own_intake
    from workers.settings import load_settings

    settings = load_settings()
    return own_intake(settings, opened.pool, media_store(settings))


async def _added(file: str, intake: MediaIntake) -> StoredMedia:
    if not is_address(file):
        return await _taken(opened_file(Path(file), FIELD), intake)
    with TemporaryDirectory(prefix="reelwright-media-") as folder:
        async with regular_lines(lambda: "fetching it"):
            return await intake.find(file, field=FIELD, workdir=Path(folder), progress=lambda share: None)


async def _taken(opened: tuple[int, OwnFile], intake: MediaIntake) -> StoredMedia:
    os.close(opened[0])
    return await taken_in(opened[1], intake)


def _cells(media: StoredMedia) -> tuple[str, str, str, str]:
    """Kind, size, length and name."""
    shown = media.clip or media.picture
    size = f"{shown.width}x{shown.height}" if shown else "-"
    timed = media.clip or media.sound
    return media.kind, size, f"{timed.duration_s:.1f} s" if timed else "-", media.name


def _json(media: StoredMedia, added_at: datetime | None = None) -> dict[str, object]:
    told: dict[str, object] = {"address": f"{BY_SHA256}{media.file.sha256}", **media.model_dump(mode="json")}
    return told | ({"added_at": added_at.astimezone(UTC).isoformat()} if added_at else {})
