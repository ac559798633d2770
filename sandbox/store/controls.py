"""What a test or a person sets: settings, the clock, faults that are to happen."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from typing import Any

from ..settings import Settings, SettingsT
from .database import Database


class Controls(Database):
    """Settings by name, those of a platform as `<platform>.<name>`; faults in the order they were added."""

    def settings(self) -> Settings:
        """The settings in force."""
        rows = self._db.execute("select name, value from settings where name not like '%.%'").fetchall()
        values = {row["name"]: _frozen(json.loads(row["value"])) for row in rows}
        return replace(Settings(), **values)

    def change_settings(self, changes: dict[str, Any]) -> Settings:
        """Raises `ValueError` naming the setting that does not exist or has the wrong type."""
        self._change(asdict(Settings()), changes, "")
        return self.settings()

    def platform_settings(self, kind: type[SettingsT]) -> SettingsT:
        """The settings of one platform in force; `kind` is its frozen dataclass with a class variable `PLATFORM`."""
        rows = self._db.execute("select name, value from settings where name like ?", (f"{kind.PLATFORM}.%",))
        values = {row["name"].partition(".")[2]: _frozen(json.loads(row["value"])) for row in rows}
        return replace(kind(), **values)

    def change_platform_settings(self, kind: type[SettingsT], changes: dict[str, Any]) -> SettingsT:
        """Raises `ValueError` naming the setting that does not exist or has the wrong type."""
        self._change(asdict(kind()), changes, f"{kind.PLATFORM}.")
        return self.platform_settings(kind)

    def _change(self, known: dict[str, Any], changes: dict[str, Any], prefix: str) -> None:
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"{name}: there is no such setting; there are {', '.join(known)}")
            wanted: Any = (int, float) if isinstance(known[name], float) else type(known[name])
            wanted = list if wanted is tuple else wanted
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise ValueError(f"{name}: {value!r} is of the wrong type")
            self._db.execute("insert or replace into settings values (?, ?)", (prefix + name, json.dumps(value)))

    def now(self) -> float:
        """Seconds since the epoch, by the sandbox's clock."""
        return time.time() + self.settings().clock_offset_s

    def add_fault(self, spec: dict[str, Any]) -> int:
        """Queues a fault; faults are taken in the order they were added."""
        cursor = self._db.execute("insert into faults (spec) values (?)", (json.dumps(spec),))
        return int(cursor.lastrowid or 0)

    def faults(self) -> list[tuple[int, dict[str, Any]]]:
        """The faults that are still to happen."""
        rows = self._db.execute("select id, spec from faults order by id")
        return [(row["id"], json.loads(row["spec"])) for row in rows]

    def faults_for(self, platform: str, account: str) -> list[tuple[int, dict[str, Any]]]:
        """Faults of a platform that may apply to a request of this account: its own, and those of no account. Thousands
        may be waiting, each for another account, and every request calls this."""
        rows = self._db.execute(
            "select id, spec from faults where json_extract(spec, '$.platform') = ?"
            " and json_extract(spec, '$.account') in ('', ?) order by id",
            (platform, account),
        )
        return [(row["id"], json.loads(row["spec"])) for row in rows]

    def change_fault(self, number: int, spec: dict[str, Any] | None) -> None:
        """Replaces a fault, or deletes it."""
        if spec is None:
            self._db.execute("delete from faults where id = ?", (number,))
        else:
            self._db.execute("update faults set spec = ? where id = ?", (json.dumps(spec), number))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
