"""The calendar years that are balanced, found once for all who ask until something is loaded."""

from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.code_version import digest_of_all_texts
from ketenbalans.columns.kept_frame import kept_frame
from ketenbalans.columns.registers import registers_of
from schemas.period import Period


def years_known(connection: Connection, *, as_of: date) -> list[Period]:
    """The calendar years with records as known on a day (``Registers.years``), ascending.

    Args:
        connection: of a snapshot.
        as_of: the day whose knowledge is used.
    """
    registers = registers_of(connection)
    key = {"code": digest_of_all_texts(), "registers": registers.key, "as_of": as_of.isoformat()}

    def work_out() -> pl.DataFrame:
        return pl.DataFrame({"year": registers.years(as_of=as_of)}, schema={"year": pl.Int32})

    return [Period.of_year(year) for year in kept_frame(connection, "years", key, work_out)["year"]]
