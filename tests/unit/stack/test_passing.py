"""Root lets one user through the folders above a path, and nobody else."""

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ketenbalans.stack import passing
from ketenbalans.stack.passing import let_pass_above, let_pass_inside
from ketenbalans.stack.processes import RunAs

SERVER, OTHER = RunAs(64_124, 64_124), RunAs(64_125, 64_125)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root lets others pass")


def can(user: RunAs, act: Callable[[], object]) -> bool:
    """Whether another user may do this; this process is root again afterwards."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(user.group)
    os.seteuid(user.user)
    try:
        act()
    except PermissionError:
        return False
    else:
        return True
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that everybody may read, below two that are closed."""
    for user in (SERVER, OTHER):  # pytest's own folders are closed too
        let_pass_above(tmp_path / "closed", user)
    folder = tmp_path / "closed" / "home" / "data"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    for closed in folder.parents[:2]:
        closed.chmod(0o700)
    return folder


def test_one_user_passes_and_lists_nothing_and_nobody_else_passes(data: Path) -> None:
    for _ in range(2):  # as every start does
        let_pass_above(data, SERVER)
    assert can(SERVER, partial(os.listdir, data))
    assert not can(SERVER, partial(os.listdir, data.parent))
    assert not can(OTHER, partial(os.listdir, data))
    assert not data.parent.stat().st_mode & stat.S_IRWXO


def test_a_list_that_is_there_keeps_what_it_says(data: Path) -> None:
    let_pass_above(data, OTHER)
    let_pass_above(data, SERVER)
    assert can(OTHER, partial(os.listdir, data))
    assert can(SERVER, partial(os.listdir, data))


def test_inside_the_home_the_group_passes(data: Path) -> None:
    let_pass_above(data.parent, SERVER)
    let_pass_inside(data.parent, SERVER)
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o710
    assert can(SERVER, partial(os.listdir, data))
    assert not can(OTHER, partial(os.listdir, data))


def test_without_lists_the_folders_are_opened_for_passing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "ACL", "system.no_such_attribute")
    let_pass_above(data, SERVER)
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o701
    assert can(SERVER, partial(os.listdir, data))
