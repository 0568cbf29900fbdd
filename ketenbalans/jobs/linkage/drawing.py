"""Draw links, or suspects without a recognised registration, for a person to judge."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.linkage.rows import COLUMNS, DRAW, JUDGEMENT, ROW_DIGEST, digest_of, drawn_rows
from ketenbalans.reconciliation.balance import balance
from ketenbalans.reconciliation.linkage.drawing import drawn
from ketenbalans.reconciliation.linkage.links import may_be_drawn, suspects_with_links
from ketenbalans.spreadsheet_cells import write_rows
from schemas.link_judgements import LinkDraw
from schemas.policy import Policy
from warehouse.database import snapshot


@dataclass(frozen=True, kw_only=True)
class DrawnLinks:
    """What was drawn.

    Attributes:
        draw: which draw.
        rows: what each row shows, in the order in which they were drawn (``linkage.rows.COLUMNS``).
        out_of: how many could be drawn.
    """

    draw: LinkDraw
    rows: tuple[Mapping[str, str], ...]
    out_of: int

    def to_csv(self) -> bytes:
        """The file that a person fills in."""
        return write_rows(COLUMNS, self.rows)


def draw_links(engine: Engine, draw: LinkDraw, *, policy: Policy) -> DrawnLinks:
    """Draw what is asked, of the registers as they are loaded now."""
    with snapshot(engine) as connection:
        every = may_be_drawn(suspects_on(connection, draw, policy=policy), draw.rule)
        chosen = drawn(every, size=draw.size, seed=draw.seed)
        rows = [
            {DRAW: str(draw), **shown, ROW_DIGEST: digest_of(shown), JUDGEMENT: ""}
            for shown in drawn_rows(connection, chosen, as_of=draw.as_of)
        ]
    return DrawnLinks(draw=draw, rows=tuple(rows), out_of=every.height)


def suspects_on(connection: Connection, draw: LinkDraw, *, policy: Policy) -> pl.DataFrame:
    """The suspects of the period of a draw as known on its day, with their links."""
    return suspects_with_links(balance(chain_on(connection, draw.as_of, policy=policy), draw.period))
