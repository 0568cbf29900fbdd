"""A server that dies or has no room in the middle of the work: it is reported, nothing is half kept, and it goes on."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from ketenbalans.stack.postgres_installation import system_user
from schemas.declaration import Source
from tests.faults.extracts import (
    load,
    publish,
    same_extracts_without_the_fault,
    same_topic_without_the_fault,
    write_extract,
)
from tests.faults.fault_stack import FaultStack, kill
from tests.faults.lives import NOTHING_YET, Life, Mother, wait_until
from tests.faults.tables import tables_of
from warehouse.errors import WriteFailed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

OUT_OF_REACH = 4
TRIES = 5
IN_THE_COPY, SAYS_SO_WITHIN_SECONDS = "after decoded", 0.3
"""The last step that is done while PostgreSQL takes the rows; and how soon one that is done after it is noted."""
MEGABYTE = 1024 * 1024


@dataclass
class Work:
    """An extract on a topic of its own, and an empty warehouse."""

    stack: FaultStack
    mother: Mother
    source: Source
    engine: Engine
    file: Path

    def ingest(self, *, batch: int) -> Life:
        url = self.engine.url.render_as_string(hide_password=False)
        return self.mother.ingest(self.source, url=url, bootstrap=self.stack.bootstrap, batch=batch)

    def kill_in_the_copy(self, victim: str) -> None:
        """Load, and kill PostgreSQL's own process, or all of PostgreSQL, while it takes the rows of a COPY."""
        for _ in range(TRIES):
            life = self.ingest(batch=20_000)
            backend = halted_in_the_copy(self.stack, self.engine, life)
            if backend is not None:
                break
            assert life.ended() == 0, life.said
            self.engine = self.stack.new_warehouse()  # the COPY was done before it could be halted
        assert backend is not None, "no COPY could be halted"
        kill(backend if victim == "backend" else self.stack.postmaster)
        if victim == "postmaster":
            kill(backend)  # a process that is halted does not notice that its postmaster died
        self.stack.again()
        assert life.ended() == OUT_OF_REACH
        assert "WarehouseUnreachable" in life.said
        assert "SYN-" not in life.said
        assert life.place == IN_THE_COPY
        assert tables_of(self.engine).events(self.source) == []

    def goes_on(self) -> None:
        load(self.stack, self.source, self.engine)
        found = tables_of(self.engine)
        assert found == same_topic_without_the_fault(self.stack, self.source)
        once = same_extracts_without_the_fault(self.stack, [self.file])
        assert found.without_places() == once.without_places()


@pytest.fixture
def work(stack: FaultStack, mother: Mother, tmp_path: Path) -> Work:
    return Work(stack, mother, stack.new_source(), stack.new_warehouse(), write_extract(tmp_path, 6_000))


def halted_in_the_copy(stack: FaultStack, engine: Engine, life: Life) -> psutil.Process | None:
    """Halt the process of PostgreSQL that is in the middle of a COPY into this warehouse; None when it was faster."""
    asked = "SELECT pid FROM pg_stat_progress_copy WHERE datname = %s AND bytes_processed > 0"
    with stack.at_the_server() as server:
        while psutil.Process(life.pid).status() != "zombie":
            for (pid,) in server.execute(asked, [engine.url.database]).fetchall():
                backend = psutil.Process(pid)
                backend.suspend()
                time.sleep(SAYS_SO_WITHIN_SECONDS)  # a COPY that was done just before has been answered by then
                if server.execute(asked, [engine.url.database]).fetchone() and life.place == IN_THE_COPY:
                    return backend
                backend.resume()
                return None
    return None


@pytest.mark.stack
def test_postgresql_kills_its_backend_in_the_copy(work: Work) -> None:
    publish(work.stack, work.source, work.file)
    work.kill_in_the_copy("backend")
    work.goes_on()


def test_postgresql_dies_in_the_copy(work: Work) -> None:
    publish(work.stack, work.source, work.file)
    work.kill_in_the_copy("postmaster")
    work.goes_on()


def test_the_broker_dies_while_it_is_read(work: Work) -> None:
    publish(work.stack, work.source, work.file)
    life = work.ingest(batch=200)
    wait_until(lambda: life.place != NOTHING_YET)
    kill(work.stack.broker)
    work.stack.again()
    code = life.ended()
    assert code in (0, OUT_OF_REACH), life.said  # it waits for a broker that is back soon, and says so when it is not
    if code:
        assert "TopicUnreachable" in life.said
    work.goes_on()


def test_the_broker_dies_while_it_is_written(work: Work) -> None:
    life = work.mother.produce(work.source, work.file, bootstrap=work.stack.bootstrap)
    wait_until(lambda: life.place != NOTHING_YET)
    kill(work.stack.broker)
    work.stack.again()
    code = life.ended()
    assert code in (0, OUT_OF_REACH), life.said
    if code:
        assert "PublicationInterrupted" in life.said
        publish(work.stack, work.source, work.file)
    work.goes_on()


@pytest.fixture
def small_disk(stack: FaultStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of 32 MB, in memory, with a tablespace on it; to mount one takes the rights of root."""
    folder = Path(stack.home) / "small-disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("a file system that can be full takes the rights of root to mount")
    try:
        tablespace = folder / "tablespace"
        tablespace.mkdir(mode=0o700)
        run_as = system_user()
        if run_as is not None:
            shutil.chown(tablespace, run_as.user, run_as.group)
        with stack.at_the_server() as server:
            server.execute(f"CREATE TABLESPACE small LOCATION '{tablespace}'")
        yield folder
        (folder / "filled").unlink(missing_ok=True)
        stack.hang_up()
        with stack.at_the_server() as server:
            databases = (
                "SELECT datname FROM pg_database JOIN pg_tablespace ON pg_tablespace.oid = dattablespace "
                "WHERE spcname = 'small'"
            )
            for (name,) in server.execute(databases).fetchall():
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.stack
def test_the_disk_of_the_warehouse_is_full(stack: FaultStack, small_disk: Path, tmp_path: Path) -> None:
    source, engine = stack.new_source(), stack.new_warehouse(tablespace="small")
    first, second = write_extract(tmp_path, 100), write_extract(tmp_path, 6_000)
    publish(stack, source, first)
    load(stack, source, engine)
    before = tables_of(engine)
    publish(stack, source, second)
    fill(small_disk, leaving=MEGABYTE)
    with pytest.raises(WriteFailed, match=r"No space left on device.*nothing was kept, so try it again") as caught:
        load(stack, source, engine)
    assert "SYN-" not in str(caught.value)
    assert tables_of(engine) == before
    (small_disk / "filled").unlink()
    load(stack, source, engine)
    assert tables_of(engine) == same_topic_without_the_fault(stack, source)
    assert len(tables_of(engine).events(source)) == 6_100


def fill(disk: Path, *, leaving: int) -> None:
    """Leave that many bytes free."""
    with suppress(OSError), (disk / "filled").open("wb") as file:
        while shutil.disk_usage(disk).free > leaving:
            file.write(bytes(MEGABYTE // 4))
            file.flush()
