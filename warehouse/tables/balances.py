"""The table of balances: each answer to each question."""

from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, Identity, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import METADATA

BALANCE = Table(
    "balance",
    METADATA,
    Column("balance_id", BigInteger, Identity(always=True), primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("policy", JSON, nullable=False),
    Column("policy_hash", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("input_fingerprint", Text, nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("confirmed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("period_start", "period_end", "as_of", "input_fingerprint", "policy_hash", "code_version"),
)
"""Each answer to each question, once per input, policy and code. ``confirmed_at`` is when it last came out again.

JSON and not JSONB, which would forget the order in which the rules stand.
"""
