"""Consents of people, and what the user declares of files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from reelwright.domain.consents import Consent
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import Rights
from reelwright.domain.licences import LICENCES
from reelwright.domain.people import Role
from reelwright.domain.text.incoming import cut

from .access import allowed
from .studio import Books

CHARS = 300


@allowed(Role.OPERATOR)
async def add(
    books: Books,
    *,
    person: str,
    use: str,
    document_sha256: str,
    voice: str = "",
    given: str | None = None,
    expires: str | None = None,
    by: str,
) -> Consent:
    """A consent for a cloned voice, if one is named, else for pictures. `given` (today, if it is not named) and
    `expires` are days (UTC); it ends with the end of the last one."""
    given_at = _begin(given or datetime.now(UTC).date().isoformat(), "given")
    expires_at = _end(expires)
    if expires_at is not None and expires_at <= given_at:
        raise InvalidInput("it ends before it begins", field="expires", remedy="give a later day")
    return await books.consents.add(
        person=_said(person, "person"),
        covers="voice" if voice else "picture",
        voice=cut(voice, CHARS),
        use=_said(use, "use"),
        given_at=given_at,
        expires_at=expires_at,
        document_sha256=document_sha256,
        by=by,
    )


@allowed(Role.VIEWER)
async def consents(books: Books) -> Sequence[Consent]:
    """All of them, newest first."""
    return await books.consents.list()


@allowed(Role.OPERATOR)
async def revoke(books: Books, number: int, *, by: str, note: str = "") -> Consent:
    """From now on nothing is posted that needs it."""
    return await books.consents.revoke(number, by=by, note=cut(note, CHARS))


@allowed(Role.OPERATOR)
async def clone_begins(books: Books, number: int, *, provider: str, by: str) -> Consent:
    """The consent by which a voice may be cloned now; on record before the provider is asked."""
    return await books.consents.clone_begins(number, provider=provider, by=by)


@allowed(Role.OPERATOR)
async def cloned(books: Books, number: int, *, provider: str, id: str, by: str) -> None:
    """The clone is there."""
    await books.consents.cloned(number, provider=provider, id=id, by=by)


@allowed(Role.OPERATOR)
async def declare(
    books: Books,
    sha256: str,
    *,
    licence: str,
    terms: str = "",
    expires: str | None = None,
    consent: int | None = None,
    by: str,
) -> Rights:
    """What the user declares of one of the stored files, by its whole sha256."""
    known = next((id for id in LICENCES if id.lower() == licence.lower()), None)
    if known is None:
        raise InvalidInput(
            f"{licence[:60]!r} is no licence that is known here",
            field="licence",
            remedy=f"choose from {', '.join(LICENCES)}",
        )
    rights = Rights(licence=known, terms=cut(terms, CHARS), expires_at=_end(expires), consent=consent)
    return await books.consents.declare(sha256, rights, by=by)


def _said(text: str, field: str) -> str:
    said = cut(text, CHARS)
    if not said:
        raise InvalidInput("it is empty", field=field, remedy="say it in a few words")
    return said


def _end(day: str | None) -> datetime | None:
    return _begin(day, "expires", days=1) if day else None


def _begin(day: str, field: str, days: int = 0) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{day[:40]!r} is no day", field=field, remedy="write it as 2026-12-01") from error
