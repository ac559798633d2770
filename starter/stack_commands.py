"""`up` and `down`."""

from __future__ import annotations

import logging

from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table

from workers.local.state import StackState
from workers.logs import keep_logs_clean
from workers.settings import load_settings

from .console import EXIT_FAILURE, EXIT_OK, err, say
from .doctor import need_parts
from .inputs import need_space, need_writable
from .reach import stop_stack


async def up(*, temporal_port: int | None, ui_port: int | None) -> int:
    """Runs the stack in the foreground. Children's logs are in the state directory; this terminal shows events."""
    from workers.local.stack import LocalStack

    keep_logs_clean()
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
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
    say(f"no studio is up in {escape(str(settings.state_dir))}")
    return EXIT_FAILURE


def _announce(state: StackState, folder: str) -> None:
    table = Table(title="The studio is up", title_justify="left", box=None, show_header=False, pad_edge=False)
    ports, env = state.ports, state.env
    if "TEMPORAL_ADDRESS" in env:
        table.add_row("Temporal", env["TEMPORAL_ADDRESS"])
        table.add_row("Temporal UI", f"http://127.0.0.1:{ports['ui']}")
    if "postgres" in state.children:
        table.add_row(
            "PostgreSQL", f"127.0.0.1:{ports['postgres']} (address with password: DATABASE_URL in stack.json)"
        )
    table.add_row("Media", escape(env["REELWRIGHT_MEDIA_URL"]))
    if "sandbox" in state.children:
        table.add_row("Sandbox channel", f"http://127.0.0.1:{ports['sandbox']}/")
    table.add_row("Pools", "cpu, render")
    table.add_row("State and logs", escape(folder))
    err.print(table)
    if env.get("TEMPORAL_ADDRESS", "127.0.0.1:7233") != "127.0.0.1:7233":
        say(f"\nfor the Temporal CLI: export TEMPORAL_ADDRESS={env['TEMPORAL_ADDRESS']}")
    say("\nCtrl-C stops it; running contents go on with the next `reelwright up`.")
