"""`reelwright audit`: prints who decided or changed what, and whether the chain of hashes holds."""

from __future__ import annotations

import json
from datetime import UTC

from control import audit as control
from reelwright.domain.audit import AuditRow

from .books import books
from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .tables import Record, count, local, print_records, say_more


async def show(about: str | None, *, limit: int, cursor: str | None, as_json: bool) -> int:
    """A line for each row; at a terminal what was before and is after stands below it."""
    async with books() as opened:
        page = await control.audit(opened, about, limit=limit, cursor=cursor)
    if as_json:
        rows = [row.model_dump(mode="json") for row in page.rows]
        print_json({"audit": rows, "next_cursor": page.next_cursor or ""})
        return EXIT_OK
    print_records(
        ("row", "at", "who", "action", "subject"),
        [
            Record((str(row.sequence), local(row.at), row.who, row.action, row.subject), _lines(row))
            for row in page.rows
        ],
        nothing="nothing is on record yet" if about is None else f"nothing is on record about {plain(about)}",
    )
    say_more(page.next_cursor)
    return EXIT_OK


async def verify(expected: str | None, *, as_json: bool) -> int:
    """The outcome, and where the first broken link is."""
    async with books() as opened:
        found = await control.verify(opened, expected)
    broken = found.broken
    if as_json:
        at = broken.at.astimezone(UTC).isoformat() if broken and broken.at else None
        link = {"sequence": broken.sequence, "at": at, "differs": broken.differs} if broken else None
        print_json({"whole": broken is None, "rows": found.rows, "head": found.head, "broken": link})
    elif broken is None:
        say(f"the chain is whole: {count(found.rows, 'row')}, the last hash is {found.head}")
    else:
        when = f" ({local(broken.at)})" if broken.at else ""
        say(f"the chain is broken at row {broken.sequence}{when}: {plain(broken.differs)}")
    return EXIT_OK if broken is None else EXIT_FAILURE


def _lines(row: AuditRow) -> tuple[str, ...]:
    states = (("before", row.before), ("after", row.after))
    return tuple(f"{name}: {json.dumps(state, ensure_ascii=False)}" for name, state in states if state is not None)
