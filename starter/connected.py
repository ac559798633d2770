"""What `reelwright account test` and `account remove --revoke` do."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from control import accounts as accounts_control
from control import connected as control
from control.connected import Checked
from control.names import named, platform_of
from reelwright.domain.errors import InvalidInput

from .connecting import desk, losses
from .console import EXIT_FAILURE, EXIT_INPUT, EXIT_OK, plain, print_json, say
from .options import user_name
from .tables import Record, print_records


async def test(account: str | None, platform: str | None, *, as_json: bool) -> int:
    """Asks each platform once. Exit 0: all work; 1: one is broken; 2: one works with losses."""
    place = named(platform)
    async with desk() as opened:
        found = await control.check_all(opened, account, place)
    states = {each.state for each in found}
    code = EXIT_FAILURE if "broken" in states else EXIT_INPUT if "losses" in states else EXIT_OK
    if as_json:
        print_json({"accounts": [_as_json(each) for each in found]})
        return code
    print_records(
        ("platform", "account", "state", "who", "id"),
        [_record(each) for each in found],
        nothing="no accounts yet; see `reelwright account connect --help`",
    )
    return code


def _record(found: Checked) -> Record:
    lines = (
        *found.problems,
        *losses([use for use in found.lacks if not use.needed]),
        *(f"note: {note}" for note in found.notes),
    )
    return Record((found.platform.value, found.account, found.state, found.name, found.external_id), lines)


def _as_json(found: Checked) -> dict[str, Any]:
    return found.model_dump(mode="json")


async def remove_and_revoke(platform: str, account: str, *, yes: bool) -> int:
    """Takes the grant back on the platform, and then deletes the account. The others of the grant stay, and must be
    connected again."""
    place = platform_of(platform)
    async with desk() as opened:
        others = [each for each in await control.siblings(opened, place, account) if each != (place, account)]
        names = ", ".join(f"{of.label} {name}" for of, name in others)
        if others and not yes:
            await _confirmed(names)
        await control.revoke(opened, place, account, by=user_name())
        gone = await accounts_control.remove(opened.books, place, account, by=user_name())
    if names:
        say(f"[yellow]note[/] the same grant was that of {plain(names)}: connect them again")
    say(f"{place.label} account {plain(account)} is taken back and {'forgotten' if gone else 'was not there'}")
    return EXIT_OK


async def _confirmed(names: str) -> None:
    question = f"the same grant is that of {names}, which end with it"
    if not sys.stdin.isatty():
        raise InvalidInput(question, field="--revoke", remedy="say --yes, if that is meant")
    if (await asyncio.to_thread(input, f"{question}. Go on? [y/N] ")).strip().lower() not in ("y", "yes"):
        raise InvalidInput("nothing was taken back", field="--revoke")
