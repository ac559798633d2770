"""`up` and `down`."""

from __future__ import annotations

import logging

from rich.logging import RichHandler

from workers.local.state import StackState
from workers.logs import keep_logs_clean
from workers.settings import load_settings

from .console import EXIT_FAILURE, EXIT_OK, err, plain, say
from .doctor import need_parts
from .inputs import need_space, need_writable
from .reach import stop_stack
from .tables import print_fields


async def up(*, temporal_port: int | None, ui_port: int | None) -> int:
    """Runs the stack in the foreground. Children's logs are in the state directory; this terminal shows events."""
    from workers.local.stack import LocalStack

    keep_logs_clean()
    handler = RichHandler(console=err(), show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    settings = load_settings()
    need_writable(settings.state_dir, field="REELWRIGHT_STATE_DIR")
    need_space(settings.state_dir)
    need_parts()
    stack = LocalStack(settings, temporal_port=temporal_port, ui_port=ui_port)
    await stack.run(lambda state: _announce(state, str(settings.state_dir)))
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
