"""Which forms of a page were sent: each is taken once, whoever comes at the same moment."""

from datetime import datetime

from sqlalchemy import Connection, delete, func
from sqlalchemy.dialects.postgresql import insert

from warehouse.tables.forms import USED_FORM


def take_form(connection: Connection, nonce: str, *, expires_at: datetime) -> bool:
    """Write down that a form was sent; False: it was sent before.

    What no form of its age is taken of any more is forgotten.

    Args:
        connection: in a transaction of its own, so that the form stays taken whatever comes of it.
        nonce: what names the form.
        expires_at: from when on it is refused for its age.
    """
    connection.execute(delete(USED_FORM).where(USED_FORM.c.expires_at < func.now()))
    new = insert(USED_FORM).values(nonce=nonce, expires_at=expires_at).on_conflict_do_nothing()
    return connection.execute(new.returning(USED_FORM.c.nonce)).first() is not None
