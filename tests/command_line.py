"""`reelwright ...` as a process of its own for each command, without a second of imports for each.

A server process has loaded the command line once. For each command it forks; the fork takes on the command's folder,
environment, arguments and streams, and runs the real `starter.cli.main` until that ends the process. What is about
loading itself (what a command imports, the console script) starts a new interpreter instead.
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOADED = (
    *("starter.commands", "starter.reviewing", "starter.publication_commands", "starter.deploying", "starter.doctor"),
    *("starter.accounts", "starter.quotas", "starter.pauses", "starter.stack_commands", "starter.watch"),
    *(
        "starter.starting",
        "starter.channels",
        "starter.media",
        "starter.styles",
        "starter.finished_files",
        "starter.feeds",
    ),
    *("starter.review_shown", "reelwright.render.finished.shape", "reelwright.storage.migrate", "workers.wiring"),
)
_DETECTION = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"
"""The one environment variable that Typer's commands depend on."""
_MOST = 1 << 17
"""Bytes of one request."""


def typed(
    *words: str,
    folder: Path,
    env: Mapping[str, str],
    stdin: str = "",
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """What `reelwright ...` answers in that folder with that environment."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        ended, telling = os.pipe()
        try:
            request = json.dumps({"words": words, "folder": str(folder), "env": dict(env)}).encode()
            assert len(request) <= _MOST, "the environment is too large"
            socket.send_fds(_server(), [request], [telling, given.fileno(), out.fileno(), err.fileno()])
        finally:
            os.close(telling)
        try:
            if not select.select([ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(["reelwright", *words], timeout)
            code = os.read(ended, 16)
        finally:
            os.close(ended)
        assert code, f"the server of the command line is gone: {_said(err)}"
        return subprocess.CompletedProcess(["reelwright", *words], int(code), _said(out), _said(err))


def _said(stream: tempfile._TemporaryFileWrapper[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace").replace("\r\n", "\n")


@functools.cache
def _server() -> socket.socket:
    """The connection to this process's server. It ends when the connection does."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _MOST)
    with there:
        command = [sys.executable, "-m", "tests.command_line", str(there.fileno())]
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[there.fileno()])

    def end() -> None:
        here.close()
        server.wait()

    atexit.register(end)
    return here


# --- the server ------------------------------------------------------------------------------------------------------


def serve(asked: socket.socket) -> None:
    """Forks for each request, and says of each fork how it ended."""
    running: dict[int, tuple[int, int]] = {}
    while True:
        for ready in select.select([asked.fileno(), *running], [], [])[0]:
            if ready != asked.fileno():
                command, telling = running.pop(ready)
                _, status = os.waitpid(command, 0)
                with suppress(BrokenPipeError):  # whoever asked has given up
                    os.write(telling, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(telling)
                os.close(ready)
                continue
            request, fds, _, _ = socket.recv_fds(asked, _MOST, 4)
            if not request:
                return
            telling, *streams = fds
            command = os.fork()
            if command == 0:
                asked.close()
                for fd in (telling, *running, *(other for _, other in running.values())):
                    os.close(fd)
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                    os.close(stream)
                _run(**json.loads(request))
            for fd in streams:
                os.close(fd)
            running[os.pidfd_open(command)] = (command, telling)


def _run(words: list[str], folder: str, env: dict[str, str]) -> None:
    """As the console script does; ends the process."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["reelwright", *words]
    from starter.cli import main

    main()


def load() -> None:
    """All that a command needs before it reads its words: the modules, and Typer's commands, which take as long to make
    from the functions as most of them take to run."""
    for module in LOADED:
        __import__(module)
    import typer

    from starter.cli import app

    make = typer.main.get_command
    made = functools.cache(lambda app, _detection: make(app))
    typer.main.get_command = lambda app: made(app, os.environ.get(_DETECTION))
    typer.main.get_command(app)
    # What is here stays. A fork whose garbage collector went through it would make each page of it its own.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load()
    serve(socket.socket(fileno=int(sys.argv[1])))
