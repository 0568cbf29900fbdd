"""The table of forms that persons sent from a page."""

from sqlalchemy import Column, DateTime, Index, Table, Text

from warehouse.tables.metadata import METADATA

USED_FORM = Table(
    "used_form",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_used_form_expires_at", "expires_at"),
)
"""Which forms were sent, so that none is taken twice: the nonce of each, until no form of its age is taken any more."""
