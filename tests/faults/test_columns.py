"""Kills at random moments while columns are written: every answer after one is that of the warehouse itself."""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ketenbalans.columns.files import MANIFEST, Manifest
from ketenbalans.columns.registers import registers_of
from tests.faults.fault_stack import FaultStack
from tests.faults.lives import Life, Mother, wait_until
from tests.integration.warehouse.rows import MOMENT, OM, POLICE, load_rows, om, police
from tests.integration.warehouse.test_columns import by_sql, with_columns
from warehouse.database import snapshot

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

A_FEW, TWO_HUNDRED = 12, 200
DAYS = [MOMENT.date(), MOMENT.date() + timedelta(days=1), MOMENT.date() + timedelta(days=2)]
LONGEST_LIFE = 0.15
"""Seconds from the first load on: a few loads, so that a kill falls between two of them or while files are written."""


def half_written(folder: Path) -> bool:
    """Whether files lie there that the manifest does not name."""
    content = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).exists() else b""
    manifest = Manifest.of_bytes(content)
    named = {one.name_of(what) for one in manifest.segments for what in one.files} if manifest else set()
    return any(file.name not in named for file in folder.glob("*.*") if file.name != MANIFEST)


def is_right(engine: Engine) -> bool:
    """Whether the columns give, of every day, what PostgreSQL reads."""
    with snapshot(engine) as connection:
        registers = registers_of(connection)
        return all(
            one.equals(other)
            for day in DAYS
            for one, other in zip(registers.state(as_of=day), by_sql(connection, day), strict=True)
        )


def has_loaded(life: Life) -> bool:
    return life.steps > 0


def happened(stack: FaultStack, mother: Mother, folder: Path, times: int) -> str:
    """Kill one life or two at once so many times, and compare the answer after each."""
    chance, places, wrong = random.Random(7), Counter[str](), 0
    engine = with_columns(stack.new_warehouse(), folder)
    load_rows(engine, POLICE, [police(str(number), suspect_number=number % 900 + 1) for number in range(2000)])
    load_rows(engine, OM, [om(str(number), case_number=f"09{number % 900:08}") for number in range(1000)])
    assert is_right(engine)
    with snapshot(engine) as connection:
        kept = registers_of(connection).folder
    assert kept is not None
    url = engine.url.render_as_string(hide_password=False)
    for number in range(times):
        lives = [mother.keep_columns(url=url, folder=folder) for _ in range(1 + number % 2)]
        wait_until(partial(has_loaded, lives[0]))
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        for life in lives:
            os.kill(life.pid, signal.SIGKILL)
        assert {life.ended() for life in lives} == {-signal.SIGKILL}, [life.said for life in lives]
        places["half written" if half_written(kept / POLICE.name) else lives[0].place] += 1
        wrong += not is_right(engine)
    text = f"columns: {times} kills ({dict(places)}), {wrong} wrong answers"
    assert wrong == 0, text
    assert times < TWO_HUNDRED or places["half written"], f"{text}: none fell while files were written"
    return text


@pytest.mark.stack
def test_a_few_kills_while_columns_are_written(stack: FaultStack, mother: Mother, tmp_path: Path) -> None:
    happened(stack, mother, tmp_path / "columns", A_FEW)


def test_two_hundred_kills_while_columns_are_written(
    stack: FaultStack, mother: Mother, tmp_path: Path, summary: list[str]
) -> None:
    summary.append(happened(stack, mother, tmp_path / "columns", TWO_HUNDRED))
