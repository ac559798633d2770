"""What consent remembers: applications, switches, pages that are open, codes, and who asked how."""

from __future__ import annotations

import json
import secrets
from typing import Any

from ..store import SandboxStore
from .model import CLIENT, SECRET, App, Switches


class ConsentBooks:
    """Over a store, for one platform."""

    def __init__(self, store: SandboxStore, platform: str) -> None:
        self._store = store
        self._platform = platform

    # --- papers: JSON by kind and key ---------------------------------------------------------------------------------

    def _paper(self, kind: str, key: str) -> Any:
        row = self._store.database.execute(
            "select body from papers where platform = ? and kind = ? and key = ?", (self._platform, kind, key)
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def _put(self, kind: str, key: str, body: Any) -> None:
        self._store.database.execute(
            "insert or replace into papers values (?, ?, ?, ?)", (self._platform, kind, key, json.dumps(body))
        )

    def app(self, client_id: str) -> App | None:
        """A registered application; the sandbox's own is always there."""
        found = self._paper("app", client_id)
        if found is not None:
            return App.model_validate(found)
        return App(platform=self._platform, client_id=CLIENT, secret=SECRET) if client_id == CLIENT else None

    def register(self, app: App) -> None:
        """Registers an application, or changes it."""
        self._put("app", app.client_id, app.model_dump())

    def apps(self) -> list[dict[str, Any]]:
        """The registered ones, without their secrets."""
        rows = self._store.database.execute(
            "select body from papers where platform = ? and kind = 'app' order by key", (self._platform,)
        )
        return [{**json.loads(row["body"]), "secret": ""} for row in rows]

    def switches(self) -> Switches:
        """As they are now."""
        return Switches.model_validate(self._paper("switches", "") or {})

    def switch(self, changes: dict[str, Any]) -> Switches:
        """Changes some. Raises `pydantic.ValidationError`."""
        changed = Switches.model_validate({**self.switches().model_dump(), **changes})
        self._put("switches", "", changed.model_dump())
        return changed

    def open_page(self, asked: dict[str, Any]) -> str:
        """A consent page that waits for a person; its ticket."""
        ticket = secrets.token_urlsafe(16)
        self._put("page", ticket, asked)
        return ticket

    def page(self, ticket: str) -> dict[str, Any] | None:
        """What was asked for on a page."""
        found: dict[str, Any] | None = self._paper("page", ticket)
        return found

    def add_code(self, spec: dict[str, Any]) -> str:
        """A code, of which only its digest would be needed; random, unlike the old ones."""
        code = f"sc-{secrets.token_urlsafe(24)}"
        self._put("code", code, {**spec, "tries": 0, "issued": []})
        return code

    def code(self, code: str) -> dict[str, Any] | None:
        """What a code stands for."""
        found: dict[str, Any] | None = self._paper("code", code)
        return found

    def change_code(self, code: str, spec: dict[str, Any]) -> None:
        """Replaces it."""
        self._put("code", code, spec)

    def keep(self, kind: str, key: str, body: Any) -> None:
        """Notes something of the platform's own."""
        self._put(kind, key, body)

    def kept(self, kind: str, key: str) -> Any:
        """What was noted; None where nothing was."""
        return self._paper(kind, key)

    def note(self, what: str, **told: Any) -> None:
        """A line of the log; without secrets."""
        self._store.database.execute(
            "insert into asked (platform, what, told) values (?, ?, ?)", (self._platform, what, json.dumps(told))
        )

    def log(self) -> list[dict[str, Any]]:
        """All lines, oldest first."""
        rows = self._store.database.execute(
            "select what, told from asked where platform = ? order by seq", (self._platform,)
        )
        return [{"what": row["what"], **json.loads(row["told"])} for row in rows]
