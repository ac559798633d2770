"""Runs `postgres` in the foreground and ends it *fast* on the signals that supervisors send.

Run as a file, not as a module: `python postmaster.py [--user NAME] -- postgres -D ...`. It needs nothing but the
standard library, so that it starts quickly and wherever the interpreter does.

Why a process of its own: PostgreSQL takes SIGTERM for "smart" shutdown, which waits for every client to leave, and
supervisors send SIGTERM. Here SIGTERM, SIGINT and SIGHUP all become SIGINT, PostgreSQL's "fast" shutdown
(https://www.postgresql.org/docs/18/server-shutdown.html). The server is also shut down when the supervisor is
killed, so that no database is left behind holding the folder.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from types import FrameType
from typing import Any

PARENT_POLL_S = 1.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _die_with_parent() -> None:
    """Runs in the child before exec: the kernel sends SIGINT should this wrapper be killed. Linux only."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _watch_parent(parent: int, stop: Any) -> None:
    """Ends the server once this process has another parent, which means that its own has ended."""
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    stop()


def run(command: list[str], user: str | None) -> int:
    """Runs until the server ends; returns its exit code, or 128 + the signal that killed it."""
    parent = os.getppid()
    options: dict[str, Any] = {}
    if user:
        options = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    if sys.platform == "linux":
        options["preexec_fn"] = _die_with_parent  # no other thread exists yet
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        server.send_signal(signal.SIGINT)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    threading.Thread(target=_watch_parent, args=(parent, stop), daemon=True).start()
    code = server.wait()
    return code if code >= 0 else 128 - code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--user", help="system user the server runs as (only when started as root)")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    return run(given.command, given.user)


if __name__ == "__main__":
    sys.exit(main())
