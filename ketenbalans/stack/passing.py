"""Let one other user, the one that PostgreSQL runs as, through the folders that lead to a path.

As root only. In the home the user's own group may pass; above it an access control list says it for that user alone,
because the mode of a folder could only say it for everybody.
"""

import os
import stat
import struct
from contextlib import suppress
from pathlib import Path

from ketenbalans.stack.processes import RunAs

ACL = "system.posix_acl_access"
VERSION, ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
OWNER, USER, GROUP, NAMED_GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NOBODY = 0xFFFFFFFF
PASS = 0o1

Entries = dict[tuple[int, int], int]
"""The rights (read 4, write 2, pass 1) by kind of entry and id, as linux/posix_acl_xattr.h lays them out."""


def let_pass_inside(folder: Path, run_as: RunAs) -> None:
    """Let the user's group, which is nobody else's, pass a folder of ours; it may not list it."""
    os.chown(folder, -1, run_as.group)
    folder.chmod(0o710)


def let_pass_above(path: Path, run_as: RunAs) -> None:
    """Let the user pass every folder above a path; it may not list them.

    Where the file system knows no access control lists the folder is opened for passing through to everybody.
    """
    for folder in path.parents:
        found = folder.stat()
        entries = _entries(folder, found.st_mode)
        if found.st_mode & stat.S_IXOTH or _passes(entries, found, run_as):
            continue
        entries[USER, run_as.user] = entries.get((USER, run_as.user), 0) | PASS
        entries[MASK, NOBODY] = entries.get((MASK, NOBODY), entries[GROUP, NOBODY]) | PASS
        packed = b"".join(ENTRY.pack(kind, rights, who) for (kind, who), rights in sorted(entries.items()))
        try:
            os.setxattr(folder, ACL, VERSION.pack(2) + packed)
        except OSError:
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def _passes(entries: Entries, found: os.stat_result, run_as: RunAs) -> bool:
    mask = entries.get((MASK, NOBODY), 0o7)
    if found.st_uid == run_as.user:
        return bool(found.st_mode & stat.S_IXUSR)
    of_group = entries[GROUP, NOBODY] if found.st_gid == run_as.group else 0
    return bool((entries.get((USER, run_as.user), 0) | of_group) & mask & PASS)


def _entries(folder: Path, mode: int) -> Entries:
    """The access control list of a folder; without one, what its mode says."""
    with suppress(OSError):
        packed = os.getxattr(folder, ACL)[VERSION.size :]
        return {(kind, who): rights for kind, rights, who in ENTRY.iter_unpack(packed)}
    return {
        (OWNER, NOBODY): mode >> 6 & 0o7,
        (GROUP, NOBODY): mode >> 3 & 0o7,
        (OTHERS, NOBODY): mode & 0o7,
    }
