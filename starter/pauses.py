"""What `reelwright platform` does: hold a platform's posts, and let them go on."""

from __future__ import annotations

from control import pauses as control
from control.names import platform_of

from .books import books, wake
from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .options import user_name
from .tables import Record, local, print_records


async def pause(platform: str, account: str, note: str) -> int:
    """Writes the pause; every publication checks it before it sends or posts anything."""
    place = platform_of(platform)
    async with books() as opened:
        await control.pause(opened, place, account, by=user_name(), note=note)
    resume_with = f"reelwright platform resume {place.value}{f' --account {account}' if account else ''}"
    say(f"{_whose(place.label, account)} posts nothing from now on, until `{plain(resume_with)}`")
    return EXIT_OK


async def resume(platform: str, account: str) -> int:
    """Ends the pause and wakes who waits for it."""
    place = platform_of(platform)
    async with books() as opened:
        done = await control.resume(opened, place, account, by=user_name())
    if not done.ended:
        say(f"{_whose(place.label, account)} was not paused")
    for each in done.left:
        say(f"still paused: {_whose(place.label, each.account)}, by {plain(each.by)}")
    if not done.ended:
        return EXIT_FAILURE
    say(f"{_whose(place.label, account)} posts again; {await wake(place, account)}")
    return EXIT_OK


async def list_pauses(*, as_json: bool) -> int:
    """All pauses."""
    async with books() as opened:
        pauses = await control.pauses(opened)
    if as_json:
        print_json({"pauses": [each.model_dump(mode="json") for each in pauses]})
        return EXIT_OK
    print_records(
        ("platform", "account", "since", "by"),
        [
            Record((each.platform.value, each.account or "all", local(each.since), each.by), (each.note,))
            for each in pauses
        ],
        nothing="nothing is paused",
    )
    return EXIT_OK


def _whose(label: str, account: str) -> str:
    return f"{label} account {plain(account)}" if account else label
