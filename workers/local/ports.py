"""Free ports on loopback: chosen, never assumed."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from reelwright.domain.errors import ReelwrightError

HOST = "127.0.0.1"


class NoFreePort(ReelwrightError):
    """Every port is taken, or the requested one is."""


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int, timeout_s: float = 0.5) -> bool:
    """Whether something accepts connections on `port` of loopback."""
    try:
        with socket.create_connection((HOST, port), timeout_s):
            return True
    except OSError:
        return False


def choose(*preferred: int | None) -> int:
    """The first preferred port that is free, else any. A server keeps its port over restarts that way."""
    for port in preferred:
        if port and is_free(port):
            return port
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """`count` different free ports."""
    with ExitStack() as held:
        try:
            sockets = [held.enter_context(socket.socket()) for _ in range(count)]
            for one in sockets:
                one.bind((HOST, 0))
            return [one.getsockname()[1] for one in sockets]
        except OSError as error:
            raise NoFreePort(
                f"no free port on {HOST} ({error.strerror})", field="port", remedy="end a server you do not need"
            ) from error


def wanted(port: int | None, option: str) -> int | None:
    """A port that a person named: free, or a clear error; never silently another one."""
    if port and not is_free(port):
        raise NoFreePort(f"port {port} is taken", field=option, remedy="name another, or leave it out")
    return port
