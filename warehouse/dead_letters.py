"""Dead letters that wait for somebody."""

from sqlalchemy import Connection, func, select

from warehouse.tables import DEAD_LETTER


def waiting_dead_letters(connection: Connection) -> list[tuple[str, int, int]]:
    """Per source with any: its name, how many messages wait, and the number of the newest."""
    letters = DEAD_LETTER.c
    counted = select(letters.source, func.count(), func.max(letters.dead_letter_id))
    return [tuple(row) for row in connection.execute(counted.group_by(letters.source).order_by(letters.source))]
