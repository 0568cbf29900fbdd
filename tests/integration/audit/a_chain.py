"""A warehouse in which persons decided and balances were stored, for what is done to its chain."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import count

from sqlalchemy import Connection, Engine, func, insert, select

from schemas.people import Identity, Person
from schemas.period import Period
from schemas.signoff import SignoffAct
from tests.unit.an_answer import answer_of
from tests.unit.signoff.a_signoff import figures
from warehouse.balances import MadeBalance, store_balance
from warehouse.incidents import keep_incident, keep_resumption, running_incidents
from warehouse.signoffs import KeptFigureSet, keep_figure_set, record_act
from warehouse.tables.balances import BALANCE
from warehouse.tables.breaks import DECISION
from warehouse.tables.dead_letters import DEAD_LETTER, DEAD_LETTER_STEP
from warehouse.tables.register import RESTATEMENT_DECISION
from warehouse.tables.releases import RELEASE

DAY = date(2015, 1, 31)
NUMBERS = count(1)


def decide(connection: Connection, *, by: str = "desk-1", note: str | None = 'gezien \\ "é" \u2028\x7f\ttab') -> None:
    number = next(NUMBERS)
    pair = {"dossier_number": f"PL0900-2014{number:06}", "suspect_number": 1, "case_number": f"09{number:06}14"}
    values = {"verdict": "confirmed", "decided_by": by, "decided_on": DAY, "note": note, **pair}
    connection.execute(insert(DECISION).values(values))


def balance(connection: Connection, *, missing: int = 1) -> None:
    store_balance(
        connection,
        MadeBalance(
            period=Period.of_year(2014),
            as_of=DAY,
            policy={"transit_allowance_days": 60},
            code_version="1",
            input_fingerprint=f"{next(NUMBERS):064}",
            positions={},
            answer=answer_of(delivered=9, causes={"missing": missing}, period=Period.of_year(2014), as_of=DAY),
        ),
    )


def resume(connection: Connection) -> None:
    keep_incident(connection, subject="police_deliveries", kind="topic_gone", message="m", mark=str(next(NUMBERS)))
    keep_resumption(connection, running_incidents(connection)[0].incident_id, by="desk-1", note="gezien")


def discard(connection: Connection) -> None:
    letter = {"source": "police_deliveries", "topic": "t", "topic_id": "T", "partition": 0, "offset": next(NUMBERS)}
    letter |= {"headers": [], "reason": "header", "rule": "r", "form": "message"}
    made = connection.execute(insert(DEAD_LETTER).values(letter).returning(DEAD_LETTER.c.dead_letter_id)).scalar_one()
    for step in (
        {"step": "published", "topic_id": "T", "partition": 0, "offset": next(NUMBERS)},
        {"step": "discarded"},
    ):
        values = {"dead_letter_id": made, **step}
        values |= {"by": "desk-1", "identity": "declared", "note": "gezien"} if step["step"] == "discarded" else {}
        connection.execute(insert(DEAD_LETTER_STEP).values(values))


def accept(connection: Connection) -> None:
    values = {"figure_id": "L15-023", "verdict": "accepted", "published": "507", "ours": "508", "note": "gezien"}
    connection.execute(insert(RESTATEMENT_DECISION).values(**values, decided_by="desk-1", decided_on=DAY))


def release(connection: Connection) -> None:
    number = connection.scalar(select(func.max(BALANCE.c.balance_id)))  # ``EACH_KIND`` stores one before it
    values = {"release_id": f"2014-{next(NUMBERS)}", "period_start": date(2014, 1, 1), "period_end": date(2014, 12, 31)}
    values |= {"as_of": DAY, "balance_id": number, "is_draft": True, "key_check": "0" * 16, "made_by": "desk-1"}
    connection.execute(insert(RELEASE).values(**values, counts={"months": {}}, document={"release_id": "é"}))


def sign(connection: Connection) -> None:
    one = replace(figures(), input_fingerprint=f"{next(NUMBERS):064}")
    kept = KeptFigureSet(set_id=one.set_id, period=one.period, as_of=DAY, document=one.document, loads={})
    keep_figure_set(connection, kept, {})
    desk = Person(handle="desk-1", identity=Identity.SIGNED_IN)
    record_act(connection, one.set_id, SignoffAct.PREPARED, desk, note="gezien")


EACH_KIND = (decide, balance, resume, discard, accept, release, sign)


def fill(engine: Engine, *, rounds: int = 3) -> None:
    """A row of each kind, so many times, each in a transaction of its own."""
    for _ in range(rounds):
        for one in EACH_KIND:
            with engine.begin() as connection:
                one(connection)


def write_at_once(engine: Engine, *, connections: int, rows: int) -> None:
    """Decisions and balances by so many connections at once, each so many rows, a transaction for each."""

    def work() -> None:
        for number in range(rows):
            with engine.begin() as connection:
                (decide if number % 2 else balance)(connection)

    with ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(work) for _ in range(connections)]:
            done.result()
