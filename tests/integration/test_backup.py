"""The warehouse lost and put back: what was loaded by the backup is there, and the rest comes from the topics again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketenbalans.stack.backing_up import WarehouseRuns, make_backup, restore
from ketenbalans.stack.backups import BackupUnusable, backups_in
from ketenbalans.stack.home import Home
from ketenbalans.stack.postgres import Server
from tests.faults.extracts import load, publish, write_extract
from tests.faults.fault_stack import FaultStack, a_home
from tests.faults.lives import wait_until
from tests.faults.tables import tables_of

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]


@pytest.fixture
def stack() -> Iterator[FaultStack]:
    with a_home() as home:
        started = FaultStack.start(home)
        yield started
        started.hang_up()


def lose_the_warehouse(stack: FaultStack) -> None:
    """The server is killed, and its data folder is gone."""
    server = Server(Home.at(stack.home))
    stack.hang_up()
    stack.postmaster.kill()
    wait_until(lambda: not server.postmasters())
    shutil.rmtree(server.data)


def test_a_lost_warehouse_is_put_back_and_the_topics_bring_the_rest(stack: FaultStack, tmp_path: Path) -> None:
    home, folder, said = Home.at(stack.home), tmp_path / "backups", list[str]()
    source, engine = stack.new_source(), stack.new_warehouse()
    first, second, third = (write_extract(tmp_path, rows) for rows in (300, 200, 100))
    publish(stack, source, first)
    load(stack, source, engine)
    at_first = tables_of(engine)
    base = make_backup(home, folder, base=False, say=said.append)
    publish(stack, source, second)
    load(stack, source, engine)
    at_second = tables_of(engine)
    since = make_backup(home, folder, base=False, say=said.append)
    publish(stack, source, third)
    load(stack, source, engine)
    at_the_end = tables_of(engine)

    assert [(one.kind, one.after) for one in backups_in(folder)] == [
        ("base", None),
        ("incremental", base.folder.name),
    ]
    assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(WarehouseRuns, match="ketenbalans down"):
        restore(home, folder, named=None, say=said.append)

    lose_the_warehouse(stack)
    assert restore(home, folder, named=None, say=said.append) == (since, None)
    stack.again()
    assert tables_of(engine) == at_second
    load(stack, source, engine)
    assert tables_of(engine) == at_the_end

    lose_the_warehouse(stack)  # and an older copy is put back on purpose
    restore(home, folder, named=base.folder.name, say=said.append)
    stack.again()
    assert tables_of(engine) == at_first
    load(stack, source, engine)
    assert tables_of(engine).events(source) == at_the_end.events(source)


def test_what_is_damaged_or_of_another_warehouse_is_refused_and_nothing_is_touched(
    stack: FaultStack, tmp_path: Path
) -> None:
    home, folder, said = Home.at(stack.home), tmp_path / "backups", list[str]()
    server = Server(home)
    made = make_backup(home, folder, base=False, say=said.append)
    (folder / "0009-base-19990101T000000Z").mkdir()  # one that was broken off
    again = make_backup(home, folder, base=True, say=said.append)
    assert [one.number for one in backups_in(folder)] == [1, 2]
    server.stop()
    control = (server.data / "global" / "pg_control").read_bytes()

    name = made.folder.name
    changed = next(one for one in sorted((made.data / "base").rglob("*")) if one.is_file() and one.stat().st_size)
    changed.write_bytes(bytes([changed.read_bytes()[0] ^ 1]) + changed.read_bytes()[1:])
    with pytest.raises(BackupUnusable, match=f"{changed.relative_to(made.data)} was changed"):
        restore(home, folder, named=name, say=said.append)
    changed.unlink()
    with pytest.raises(BackupUnusable, match="is missing"):
        restore(home, folder, named=name, say=said.append)
    with pytest.raises(BackupUnusable, match="there is no backup 1999"):
        restore(home, folder, named="1999", say=said.append)
    assert (server.data / "global" / "pg_control").read_bytes() == control

    found, put_aside = restore(home, folder, named=None, say=said.append)
    assert found == again
    assert put_aside is not None
    assert (put_aside / "global" / "pg_control").read_bytes() == control, "what was there is kept"
    assert server.data.stat().st_mode & 0o077 == 0
    with a_home() as other:
        FaultStack.start(other).hang_up()
        with pytest.raises(BackupUnusable, match="of another warehouse"):
            make_backup(Home.at(other), folder, base=False, say=said.append)
