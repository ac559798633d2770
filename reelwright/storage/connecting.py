"""The `connections` table: accounts that are being connected, from the button to the pick.

A state is taken once. It is compared and marked as used in one transaction, before its code is exchanged, so that of
two answers with the same state one alone gets the verifier (RFC 9700, 4.7).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.connecting import PICK_LIFE, STATE_LIFE, Asked, Connection, Granted, Way
from reelwright.domain.redaction import know

from .audit import WHO_CHARS
from .database import transaction
from .vault import Vault

_ROW = """id, platform, origin, account, way, app, redirect, scopes, replace, begun_by, begun_at, expires_at, used_at,
    sealed_granted is not null as held"""


class PostgresConnections:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def begin(
        self,
        asked: Asked,
        *,
        platform: Platform,
        origin: Origin,
        account: str,
        way: Way,
        session: str,
        replace: bool,
        by: str,
    ) -> Connection:
        """A new one. What has expired is forgotten on the way."""
        id = secrets.token_urlsafe(12)
        state, verifier = asked.state.get_secret_value(), asked.verifier.get_secret_value()
        know(state, verifier)
        sealed = self._vault.seal(json.dumps({"state": state, "verifier": verifier}), _owner(id))
        async with transaction(self._pool) as connection:
            await connection.execute("delete from connections where expires_at < now()")
            row = await connection.fetchrow(
                f"""insert into connections (id, state_sha256, platform, origin, account, way, app, redirect, scopes,
                        replace, session_sha256, sealed_asked, begun_by, expires_at)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now() + $14) returning {_ROW}""",  # noqa: S608
                id, _digest(state), platform.value, origin.value, account, way.value, asked.app, asked.redirect,
                list(asked.scopes), replace, _session(session), sealed, by[:WHO_CHARS], STATE_LIFE,
            )  # fmt: skip
        return _connection(row)

    async def find(self, id: str) -> Connection | None:
        """One that has not expired."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"select {_ROW} from connections where id = $1 and expires_at > now()",  # noqa: S608
                id.replace("\0", ""),
            )
        return _connection(row) if row else None

    async def asked(self, id: str, *, session: str = "") -> Asked | None:
        """What to ask the platform with; None once an answer has come, and for another session."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                """select * from connections
                   where id = $1 and session_sha256 = $2 and expires_at > now() and used_at is null""",
                id.replace("\0", ""),
                _session(session),
            )
        return self._asked(row) if row else None

    async def take(self, platform: Platform, state: str, *, session: str = "") -> tuple[Connection, Asked]:
        """The connection of a state, which is used up by this. Raises `InvalidInput` (field `state`) for one that is
        unknown, expired, used, of another platform or of another session; such an answer changes nothing."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                "select *, expires_at > now() as alive from connections where state_sha256 = $1 for update",
                _digest(state),
            )
            why = _mismatch(row, platform, session)
            if why or row is None:
                raise InvalidInput(why, field="state", remedy="begin the connection again, and finish it in one window")
            asked = self._asked(row)
            taken = await connection.fetchrow(
                f"""update connections set used_at = now(), sealed_asked = null where id = $1
                    returning {_ROW}""",  # noqa: S608
                row["id"],
            )
        return _connection(taken), asked

    async def knows(self, platform: Platform, state: str) -> bool:
        """Whether an answer with this state is awaited."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                "select *, expires_at > now() as alive from connections where state_sha256 = $1", _digest(state)
            )
        return row is not None and row["platform"] == platform.value and row["alive"] and row["used_at"] is None

    async def hold(self, id: str, granted: Granted) -> Connection:
        """Seals what was granted until somebody picks from it. Raises `InvalidInput` when it was cancelled."""
        sealed = self._vault.seal(revealed(granted), _owner(id))
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"""update connections set sealed_granted = $2, expires_at = now() + $3 where id = $1
                    returning {_ROW}""",  # noqa: S608
                id,
                sealed,
                PICK_LIFE,
            )
        if row is None:
            raise InvalidInput("it was cancelled", field="connection", remedy="begin the connection again")
        return _connection(row)

    async def held(self, id: str, *, session: str = "") -> tuple[Connection, Granted]:
        """What there is to pick from. Raises `InvalidInput` when there is nothing, or it is another session's."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"""select {_ROW}, sealed_granted from connections
                    where id = $1 and session_sha256 = $2 and expires_at > now()""",  # noqa: S608
                id.replace("\0", ""),
                _session(session),
            )
        if row is None or row["sealed_granted"] is None:
            raise InvalidInput(
                "there is nothing to pick from: it has expired, or was cancelled",
                field="connection",
                remedy="begin the connection again",
            )
        granted = Granted.model_validate_json(self._vault.open(row["sealed_granted"], _owner(id)))
        for token in (granted.kept, *(choice.token for choice in granted.choices)):
            if token is not None:
                know(token.access_token, token.refresh_token)
        return _connection(row), granted

    async def drop(self, id: str, *, session: str | None = None) -> bool:
        """Forgets it, with all that is sealed; whether it was there. With a session only one of that session."""
        async with transaction(self._pool) as connection:
            gone = await connection.fetchval(
                """delete from connections where id = $1 and ($2::text is null or session_sha256 = $2)
                   returning true""",
                id.replace("\0", ""),
                None if session is None else _session(session),
            )
        return bool(gone)

    def _asked(self, row: Any) -> Asked:
        secret = json.loads(self._vault.open(row["sealed_asked"], _owner(row["id"])))
        know(secret["state"], secret["verifier"])
        return Asked(
            redirect=row["redirect"],
            state=SecretStr(secret["state"]),
            verifier=SecretStr(secret["verifier"]),
            scopes=tuple(row["scopes"]),
            app=row["app"],
        )


def _mismatch(row: Any, platform: Platform, session: str) -> str:
    """Why an answer is not taken, empty when it is."""
    if row is None:
        return "nobody asked for this answer"
    if row["platform"] != platform.value:
        return "the answer came to another platform's address"
    if row["session_sha256"] != _session(session):
        return "the connection was begun in another session, or at the command line"
    if row["used_at"] is not None:
        return "the answer was taken already"
    return "" if row["alive"] else "the connection has expired: it waits ten minutes"


def revealed(model: BaseModel) -> str:
    """A model as JSON with its secrets in the clear, to be sealed at once."""

    def plain(value: Any) -> Any:
        return value.get_secret_value() if isinstance(value, SecretStr) else _text(value)

    return json.dumps(model.model_dump(), default=plain)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not sealed")


def _session(session: str) -> str:
    return _digest(session) if session else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _owner(id: str) -> str:
    return f"connection/{id}"


def _connection(row: Any) -> Connection:
    return Connection.model_validate(dict(row))
