"""The audit: one row for each decision and each change of configuration, in a chain of hashes. docs/evidence.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .base import Model
from .ids import sha256_of

SYSTEM = "reelwright"
"""Who has done what the program does by itself."""
START = "0" * 64
"""What the first row names as the hash of the row before it."""


class AuditRow(Model):
    """One row. `subject` is what it is about (a content's id, `platform/account`, a channel), `before` and `after` are
    its state as JSON data, without secrets; None where there was, or is, nothing."""

    sequence: int
    at: datetime
    who: str
    action: str
    subject: str
    content_id: str | None = None
    before: Any = None
    after: Any = None
    previous: str
    hash: str

    @property
    def computed(self) -> str:
        """The hash that the row must have."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name not in ("at", "hash")}
        return sha256_of({**told, "at": self.at.astimezone(UTC).isoformat(timespec="microseconds")})

    def sealed(self) -> AuditRow:
        """The same with its hash."""
        return self.model_copy(update={"hash": self.computed})


@dataclass(frozen=True)
class BrokenLink:
    """The first place where the chain does not hold: the row's sequence and time, and what differs there."""

    sequence: int
    at: datetime | None
    differs: str


@dataclass(frozen=True)
class Verified:
    """The outcome of a verification: the rows that were checked, the last hash, and the first broken link, if any."""

    rows: int
    head: str
    broken: BrokenLink | None = None


class Chain:
    """Checks rows one after the other, in the order of their sequence."""

    def __init__(self, expected: str = "") -> None:
        """`expected` is the beginning of a hash that was noted elsewhere: one of the rows must have it."""
        self.rows = 0
        self.head = START
        self._expected = expected
        self._found = not expected
        self.broken: BrokenLink | None = None

    def check(self, rows: Iterable[AuditRow]) -> None:
        """Goes on with these rows, up to the first broken link."""
        for row in rows:
            if self.broken is None:
                self._check(row)

    def _check(self, row: AuditRow) -> None:
        wanted = self.rows + 1
        if row.sequence != wanted:
            missing = f"{wanted}" if row.sequence == wanted + 1 else f"{wanted} to {row.sequence - 1}"
            self._break(row, f"row {missing} is missing before it")
        elif row.computed != row.hash:
            self._break(row, "what stands in the row is not what its hash was made of: it was altered")
        elif row.previous != self.head:
            what = f"row {row.sequence - 1} as it is now" if self.rows else "the beginning of the chain"
            self._break(row, f"it names another hash before it than that of {what}")
        else:
            self.rows, self.head = row.sequence, row.hash
            self._found = self._found or row.hash.startswith(self._expected)

    def end(self, sequence: int, hash: str) -> Verified:
        """The outcome. `sequence` and `hash` are of the last row as it was noted when it was written (0 and `START`:
        none)."""
        if self.broken is None and (self.rows, self.head) != (sequence, hash):
            if self.rows < sequence:
                missing = (
                    f"row {sequence} is" if sequence == self.rows + 1 else f"rows {self.rows + 1} to {sequence} are"
                )
                self.broken = BrokenLink(self.rows + 1, None, f"{missing} missing at the end")
            elif self.rows > sequence:
                self.broken = BrokenLink(sequence + 1, None, "the row was added by something else than this program")
            else:
                self.broken = BrokenLink(self.rows, None, "the last row has another hash than was noted for it")
        if self.broken is None and not self._found:
            self.broken = BrokenLink(self.rows, None, f"no row has the hash {self._expected}: the chain is another one")
        return Verified(self.rows, self.head, self.broken)

    def _break(self, row: AuditRow, differs: str) -> None:
        self.broken = BrokenLink(row.sequence, row.at, differs)
