"""Judge a balance by what is known of its day; nothing of it is stored (``schemas.verdicts``)."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from schemas.verdicts import BalanceVerdict, Judgement, first_judgement
from warehouse.balances import first_recorded_on, is_any_record_known


def judgement_on(connection: Connection, *, as_of: date) -> Judgement | None:
    """What holds of every balance as known on a day; None when nothing does."""
    return first_judgement(_what_holds(connection, as_of))


def _what_holds(connection: Connection, as_of: date) -> Iterator[Judgement]:
    if not is_any_record_known(connection, as_of=as_of):
        first = first_recorded_on(connection)
        if first is not None:
            because = f"on {as_of} both registers were empty: the first record of either is of {first}"
            yield Judgement(BalanceVerdict.INCOMPLETE, because)
