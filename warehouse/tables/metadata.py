"""What the fixed tables share: the names of their constraints, and text in the order of its bytes."""

from sqlalchemy import MetaData, Text

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}

METADATA = MetaData(naming_convention=NAMING_CONVENTION)
"""The fixed tables: every module beside this one. The migrations make them; a test holds the two against each other."""


def text_of_bytes() -> Text:
    """Text in the order of its bytes: the same on every machine, and the order in which Python and Polars sort."""
    return Text(collation="C")
