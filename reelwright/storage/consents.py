"""The tables `consents`, `consent_revocations` and `media_rights`: what people and licences allow. Rows are added and
never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from reelwright.domain.consents import Consent, Covers, need_voice
from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.evidence import Rights

from .audit import record
from .database import transaction

_CONSENT = """select c.id, c.person, c.covers, c.voice, c.use, c.given_at, c.expires_at, c.document_sha256, c.added_by,
    c.added_at, r.revoked_at, coalesce(r.revoked_by, '') as revoked_by, coalesce(r.note, '') as note
    from consents c left join consent_revocations r on r.consent = c.id"""
_RIGHTS = "licence, terms, expires_at, consent, declared_by, declared_at"


class PostgresConsents:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def add(
        self,
        *,
        person: str,
        covers: Covers,
        voice: str,
        use: str,
        given_at: datetime,
        expires_at: datetime | None,
        document_sha256: str,
        by: str,
    ) -> Consent:
        """A new one, with its number."""
        async with transaction(self._pool) as connection:
            number = await connection.fetchval(
                """insert into consents (person, covers, voice, use, given_at, expires_at, document_sha256, added_by)
                   values ($1, $2, $3, $4, $5, $6, $7, $8) returning id""",
                person,
                covers,
                voice,
                use,
                given_at,
                expires_at,
                document_sha256,
                by,
            )
            consent = await _one(connection, number)
            after = consent.model_dump(mode="json", exclude={"id", "added_by", "added_at"}, exclude_defaults=True)
            await record(connection, "consent.add", f"consent/{number}", by=by, after=after)
        return consent

    async def revoke(self, number: int, *, by: str, note: str) -> Consent:
        """Ends it from now on; one that was revoked stays as it was. Raises `InvalidInput` for an unknown number."""
        async with transaction(self._pool) as connection:
            before = await _one(connection, number)
            new = await connection.fetchval(
                """insert into consent_revocations (consent, revoked_by, note) values ($1, $2, $3)
                   on conflict do nothing returning true""",
                number,
                by,
                note,
            )
            if new:
                told = {"person": before.person, "covers": before.covers}
                await record(
                    connection, "consent.revoke", f"consent/{number}", by=by, before=told, after={"note": note}
                )
            return await _one(connection, number)

    async def list(self) -> Sequence[Consent]:
        """All of them, newest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(f"{_CONSENT} order by c.id desc")
        return [Consent.model_validate(dict(row)) for row in rows]

    async def clone_begins(self, number: int, *, provider: str, by: str) -> Consent:
        """The consent for a voice that is about to be made of a person's at a provider; the audit says so first. Raises
        `InvalidInput` (field `consent`) for one that does not cover a voice, or does not hold."""
        async with transaction(self._pool) as connection:
            consent = await _one(connection, number)
            voice = need_voice(consent, await connection.fetchval("select clock_timestamp()"))
            told = {"provider": provider, "voice": voice}
            await record(connection, "voice.clone", f"consent/{number}", by=by, after=told)
        return consent

    async def cloned(self, number: int, *, provider: str, id: str, by: str) -> None:
        """The voice is there, under an id of the provider's."""
        async with transaction(self._pool) as connection:
            told = {"provider": provider, "id": id}
            await record(connection, "voice.cloned", f"consent/{number}", by=by, after=told)

    async def declare(self, sha256: str, rights: Rights, *, by: str) -> Rights:
        """What the user declares of a file of their own, from now on. Raises `InvalidInput` for an unknown consent."""
        async with transaction(self._pool) as connection:
            before = (await rights_of(connection, [sha256])).get(sha256)
            try:
                row = await connection.fetchrow(
                    f"""insert into media_rights (sha256, licence, terms, expires_at, consent, declared_by)
                        values ($1, $2, $3, $4, $5, $6) returning {_RIGHTS}""",  # noqa: S608
                    sha256,
                    rights.licence,
                    rights.terms,
                    rights.expires_at,
                    rights.consent,
                    by,
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise _no_consent(rights.consent) from error
            told = Rights.model_validate(dict(row))
            await record(
                connection,
                "media.rights",
                f"media:{sha256}",
                by=by,
                before=before and _plain(before),
                after=_plain(told),
            )
        return told


async def rights_of(connection: Any, sha256s: Iterable[str]) -> dict[str, Rights]:
    """What was last declared of these files."""
    rows = await connection.fetch(
        f"""select distinct on (sha256) sha256, {_RIGHTS} from media_rights where sha256 = any($1::text[])
            order by sha256, id desc""",  # noqa: S608
        list(sha256s),
    )
    return {row["sha256"]: Rights.model_validate(dict(row)) for row in rows}


async def consents_of(connection: Any, numbers: Iterable[int], voices: Iterable[str]) -> list[Consent]:
    """Those of these numbers, and those of these voices."""
    rows = await connection.fetch(
        f"{_CONSENT} where c.id = any($1::bigint[]) or (c.voice <> '' and c.voice = any($2::text[])) order by c.id",
        list(numbers),
        list(voices),
    )
    return [Consent.model_validate(dict(row)) for row in rows]


async def _one(connection: Any, number: int) -> Consent:
    row = None
    if 0 < number < 2**63:
        row = await connection.fetchrow(f"{_CONSENT} where c.id = $1", number)
    if row is None:
        raise _no_consent(number)
    return Consent.model_validate(dict(row))


def _no_consent(number: int | None) -> InvalidInput:
    return NotFound(f"there is no consent {number}", field="consent", remedy="see `reelwright consent list`")


def _plain(rights: Rights) -> dict[str, Any]:
    return rights.model_dump(mode="json", exclude={"declared_by", "declared_at"}, exclude_defaults=True)
