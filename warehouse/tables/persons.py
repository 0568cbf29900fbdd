"""The table of persons: the one place where a token stands."""

from sqlalchemy import BigInteger, Column, Identity, Table, UniqueConstraint

from warehouse.tables.metadata import METADATA, text_of_bytes

PERSON = Table(
    "person",
    METADATA,
    Column("person_id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_token", text_of_bytes()),
    UniqueConstraint("person_token"),
)
"""Who is who: a number per token, of those that some event carries. Event tables hold the number (``person_id``).

``person_token`` is null once it was taken away: the number stays, and with it every link and count.
"""
