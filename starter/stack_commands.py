"""`up` and `down`."""

from __future__ import annotations

import asyncio
import sys

from reelwright.domain.errors import ReelwrightError
from workers.local.state import StackState
from workers.settings import load_settings

from .console import EXIT_FAILURE, EXIT_OK, err, plain, say
from .folders import need_space, need_writable
from .reach import stop_stack
from .tables import print_fields


async def up(*, temporal_port: int | None, ui_port: int | None) -> int:
    """Runs the stack in the foreground. Children's logs are in the state directory; this terminal shows events."""
    import logging

    from rich.logging import RichHandler

    from workers.local.stack import LocalStack
    from workers.logs import keep_logs_clean

    from .doctor import need_parts

    keep_logs_clean()
    handler = RichHandler(console=err(), show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    settings = load_settings()
    need_writable(settings.state_dir, field="REELWRIGHT_STATE_DIR")
    need_space(settings.state_dir)
    need_parts()
    stack = LocalStack(settings, temporal_port=temporal_port, ui_port=ui_port)
    greeting: set[asyncio.Task[None]] = set()

    def announce(state: StackState) -> None:
        _announce(state, str(settings.state_dir))
        if "console" in state.children:
            greeting.add(asyncio.create_task(_first_start()))

    await stack.run(announce)
    say("the studio is down; `reelwright up` goes on where it was")
    return EXIT_OK


async def down() -> int:
    """Stops the live stack of this state directory."""
    settings = load_settings()
    if await stop_stack(settings):
        say("the studio is down; `reelwright up` goes on where it was")
        return EXIT_OK
    say(f"no studio is up in {plain(str(settings.state_dir))}")
    return EXIT_FAILURE


async def _first_start() -> None:
    """Where nobody can sign in yet, the link that makes the first admin. It goes to a person, and into no log."""
    from .people import FIRST_MINUTES, first_start, nobody_yet

    try:
        if not sys.stderr.isatty():
            if await nobody_yet():
                say("\nnobody can sign in to the console yet: `reelwright people first` prints the link to begin with")
        elif link := await first_start():
            say(f"\nnobody can sign in to the console yet. This makes the first admin, within {FIRST_MINUTES} minutes:")
            err().print(link, markup=False, soft_wrap=True)
    except ReelwrightError as error:
        say(f"\n[yellow]note[/] the console's first admin: {plain(error)}")


def _announce(state: StackState, folder: str) -> None:
    ports, env = state.ports, state.env
    fields = [("Media", env["REELWRIGHT_MEDIA_URL"]), ("Pools", "cpu, render"), ("State and logs", folder)]
    if "sandbox" in state.children:
        fields.insert(0, ("Sandbox channel", f"http://127.0.0.1:{ports['sandbox']}/"))
    if "postgres" in state.children:
        where = f"127.0.0.1:{ports['postgres']} (address with password: DATABASE_URL in stack.json)"
        fields.insert(0, ("PostgreSQL", where))
    if "TEMPORAL_ADDRESS" in env:
        fields[:0] = [("Temporal", env["TEMPORAL_ADDRESS"]), ("Temporal UI", f"http://127.0.0.1:{ports['ui']}")]
    if "console" in state.children:
        fields.insert(0, ("Console", f"http://127.0.0.1:{ports['console']}/"))
    say("the studio is up")
    print_fields(fields, to=err())
    if env.get("TEMPORAL_ADDRESS", "127.0.0.1:7233") != "127.0.0.1:7233":
        say(f"\nfor the Temporal CLI: export TEMPORAL_ADDRESS={env['TEMPORAL_ADDRESS']}")
    say("\nCtrl-C stops it; running contents go on with the next `reelwright up`.")
