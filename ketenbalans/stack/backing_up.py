"""Make a backup of the embedded warehouse while it works, and put one back."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ketenbalans.stack import processes
from ketenbalans.stack.backups import (
    BASE,
    DATA,
    INCREMENTAL,
    NOTE,
    Backup,
    BackupUnusable,
    backups_in,
    chain_to,
    check,
)
from ketenbalans.stack.errors import StackError
from ketenbalans.stack.home import Home
from ketenbalans.stack.postgres import PORT, SUPERUSER, WAREHOUSE, Server
from ketenbalans.stack.postgres_installation import binaries, system_user
from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import write_whole

BESIDE = ("audit-checkpoints.jsonl",)
"""Files of the home that are no secret and belong to what the warehouse was then."""

Say = Callable[[str], None]


class BackupFailed(StackError):
    """A program of PostgreSQL ended with an error; nothing of the backup or the warehouse was changed."""


class WarehouseRuns(StackError):
    """A backup cannot be put back under a server that runs."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"the warehouse of {home} runs; stop the stack with `ketenbalans down`, and restore then")


def make_backup(home: Home, to: Path, *, base: bool, say: Say) -> Backup:
    """Make a backup of the warehouse that runs: what changed since the newest one, or a base where there is none.

    It is whole or not there: one that was broken off has no note, and is removed by the next.

    Args:
        home: whose warehouse; it goes on working.
        to: the folder of backups, closed to others; made when it is not there.
        base: make a base though an incremental one could be made.
        say: is given what happens.

    Raises:
        BackupUnusable: a note in the folder cannot be read, or the newest backup is of another server.
        BackupFailed: PostgreSQL could not make it; the message has its last line.
    """
    server = Server(home)
    with private_files():
        to.mkdir(parents=True, exist_ok=True)
    known, system = backups_in(to), _system_of(server)
    _remove_what_was_broken_off(to)
    after = known[-1] if known and not base else None
    if after is not None and after.system != system:
        message = (
            f"the backups in {to} are of another warehouse, which this one does not go on from; give another folder, "
            "or `--base` to begin anew in this one"
        )
        raise BackupUnusable(message)
    number = known[-1].number + 1 if known else 1
    began = datetime.now(UTC)
    kind = BASE if after is None else INCREMENTAL
    folder = to / f"{number:04}-{kind}-{began:%Y%m%dT%H%M%SZ}"
    say(f"making {folder.name}" + ("" if after is None else f" after {after.folder.name}"))
    with private_files():
        folder.mkdir()
    _run(
        home,
        "pg_basebackup",
        "--pgdata", folder / DATA,
        "--host", server.socket_folder,
        "--port", str(PORT),
        "--username", SUPERUSER,
        "--checkpoint=fast",
        "--wal-method=stream",
        "--manifest-checksums=SHA256",
        *(() if after is None else (f"--incremental={after.manifest}",)),
    )  # fmt: skip
    for name in BESIDE:
        if (home.path / name).exists():
            write_whole(folder / name, (home.path / name).read_bytes())
    made = Backup(
        folder=folder,
        number=number,
        kind=kind,
        after=None if after is None else after.folder.name,
        system=system,
        began=began,
        ended=datetime.now(UTC),
        checkpoint=_entries_signed(folder),
    )
    write_whole(folder / NOTE, (json.dumps(made.to_json(), indent=2) + "\n").encode())
    return made


def restore(home: Home, backups: Path, *, named: str | None, say: Say) -> tuple[Backup, Path | None]:
    """Put a backup back as the warehouse of a home that does not run; the one that is there is put aside.

    Every file of the backup and of those that it rests on is checked before anything is touched.

    Args:
        home: whose warehouse.
        backups: the folder of backups.
        named: the backup; None: the newest.
        say: is given what happens.

    Returns:
        The backup, and where the warehouse that was there is now; None: there was none.

    Raises:
        WarehouseRuns: the warehouse runs.
        BackupUnusable: there is no such backup, or it is damaged; nothing was touched.
        BackupFailed: PostgreSQL could not put it together; nothing was touched.
    """
    known = backups_in(backups)
    found = [one for one in known if named is None or one.folder.name == named]
    if not found:
        which = "no backup" if named is None else f"no backup {named}"
        message = f"there is {which} in {backups}; `ketenbalans backup list --from {backups}` shows what is there"
        raise BackupUnusable(message)
    chain = chain_to(found[-1], known)
    server = Server(home)
    home.make()
    with home.lock(when_busy=lambda _: say("waiting for another `up` or `down`")):
        if server.postmasters():
            raise WarehouseRuns(home.path)
        for one in chain:
            say(f"checking {one.folder.name}")
            check(one)
        draft = server.data.with_name("data.restored")
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(exist_ok=True)
        say("putting it together")
        _run(home, "pg_combinebackup", *(one.data for one in chain), "--output", draft, "--manifest-checksums=NONE")
        _close(draft)
        aside = _put_aside(server)
        draft.rename(server.data)
    return found[-1], aside


def _put_aside(server: Server) -> Path | None:
    """Move the data folder that is there out of the way; nothing of it is removed."""
    if not server.data.exists():
        return None
    aside = server.data.with_name(f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    server.data.rename(aside)
    return aside


def _close(folder: Path) -> None:
    """Give the folder to the user that the server runs as, and close it to everybody else."""
    run_as = system_user()
    for place in (folder, *folder.rglob("*")):
        if run_as:
            os.chown(place, run_as.user, run_as.group, follow_symlinks=False)
        if not place.is_symlink():
            place.chmod(0o700 if place.is_dir() else 0o600)


def _system_of(server: Server) -> str:
    """The number that initdb gave the server.

    Raises:
        BackupFailed: it does not answer.
    """
    import psycopg  # noqa: PLC0415 (a tenth of a second that no other verb of the stack needs)

    try:
        with psycopg.connect(
            host=str(server.socket_folder), port=PORT, user=SUPERUSER, dbname="postgres", connect_timeout=5
        ) as connection:
            row = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    except psycopg.Error:
        message = f"the warehouse of {server.home.path} does not answer; `ketenbalans up` starts it"
        raise BackupFailed(message) from None
    assert row is not None, "the function gives one row"
    return str(row[0])


def _remove_what_was_broken_off(to: Path) -> None:
    for folder in to.iterdir():
        if folder.is_dir() and folder.name[:4].isdigit() and not (folder / NOTE).exists():
            shutil.rmtree(folder)


def _entries_signed(folder: Path) -> int | None:
    """How many entries of the audit chain the newest checkpoint in a backup signed."""
    try:
        lines = (folder / BESIDE[0]).read_text(encoding="utf-8").splitlines()
        return int(json.loads(lines[-1])["size"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None


def _run(home: Home, program: str, *arguments: str | Path) -> None:
    command: Sequence[str] = [str(binaries() / program), *map(str, arguments)]
    environment = processes.child_environment(home, WAREHOUSE, {"LC_ALL": "C", "TZ": "UTC"})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        message = f"{program} ended with {done.returncode}: {last}"
        raise BackupFailed(message)
