"""Extract files of both registers with a known truth, in any size: what ``ketenbalans produce`` is given.

The deliveries of ``bench.worlds`` over ten years, as the mutations that the registers would have recorded: a withdrawn
or transferred delivery was delivered first, a lapsed or joined case was registered first, and some rows are corrections
or disposals that change no count. Rows stand in the order in which they were recorded. Persons are synthetic.

Made a piece of deliveries at a time and sorted a month at a time, so the memory is that of a piece, whatever the size:
``python -m bench.extracts 1000000 FOLDER``.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from bench.kinds import BACK, TEN_YEARS, Span
from bench.truth import truth_of_the_om, truth_of_the_police
from bench.worlds import registers_of, registrations_of
from schemas.coded_state import (
    NO_LONGER_STANDING,
    NUMBERS_OF_AN_OFFICE,
    OTHER_STANDING,
    UNITS_OF_TWO_DIGITS,
    case_number,
    dossier_number,
    unit_code,
    zero_filled,
)

DELIVERIES_AT_ONCE = 500_000
CORRECTED, DISPOSED = range(300, 317), range(320, 330)
"""Places in a thousand, all of plain deliveries, whose state a second row says again with something else beside it."""

FIRST_SECOND, SECONDS_OF_A_DAY = 8 * 3600, 9 * 3600
"""Mutations are recorded in office hours, in UTC, so that their day in Amsterdam is the same."""


@dataclass(frozen=True)
class Extracts:
    """Both files, how many rows each has, and what the balance of the span's period must say (``bench.truth``)."""

    police: Path
    om: Path
    rows: dict[str, int]
    truth: dict[str, Any]


def extract_files(size: int, folder: Path, *, span: Span = TEN_YEARS, at_once: int = DELIVERIES_AT_ONCE) -> Extracts:
    """Write both extracts of so many deliveries into a folder, and the truth beside them; same size, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}-{span.as_of}.csv" for name in ("police", "om")}
    truth: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=folder) as pieces:
        for start in range(0, size, at_once):
            registers = registers_of(range(max(0, start - BACK), min(start + at_once, size)), span)
            own = registers.filter(pl.col("number") >= start)
            registered = registrations_of(own, span)
            _add(truth, truth_of_the_police(registers, span, first=start) | truth_of_the_om(registered, span))
            _keep(_police_rows(own, span), Path(pieces, "police"), start)
            _keep(_om_rows(registered, span), Path(pieces, "om"), start)
        rows = {name: _in_order(Path(pieces, name), file) for name, file in files.items()}
    extracts = Extracts(files["police"], files["om"], rows, truth)
    (folder / "truth.json").write_text(json.dumps({"rows": rows, "truth": truth}, indent=1) + "\n")
    return extracts


def _police_rows(registers: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Every mutation of the police register: the columns of the extract."""
    number, place = pl.col("number"), pl.col("number") % 1000
    office = pl.col("dossier") // NUMBERS_OF_AN_OFFICE
    second = (
        pl.when(pl.col("kind") == "withdrawn")
        .then(pl.lit("ingetrokken"))
        .when(pl.col("kind") == "transferred")
        .then(pl.lit("overgedragen"))
        .when(place.is_between(CORRECTED.start, CORRECTED.stop - 1))
        .then(pl.lit("gecorrigeerd"))
    )
    mutations = _mutations(registers, "aangeleverd", second, "delivered_on", span)
    return mutations.select(
        "mutatie",
        registratienummer=dossier_number(pl.col("dossier")),
        volgnummer_verdachte=pl.col("suspect_number").cast(pl.String),
        skn=_person("person"),
        eenheid=unit_code(office - office % UNITS_OF_TWO_DIGITS),
        team=pl.lit("TBKK"),
        datum_aanlevering=_dutch("delivered_on"),
        kwalificaties=pl.when(number % 4 > 0).then(pl.lit("bezit|verspreiding")).otherwise(pl.lit("bezit")),
        kst=pl.when((number % 7 == 0) | (pl.col("mutatie") == "gecorrigeerd")).then(pl.lit("J")).otherwise(pl.lit("N")),
        overgedragen_aan=pl.when(pl.col("mutatie") == "overgedragen").then(pl.lit("ZEDEN")),
        tijdstip_mutatie=_recorded(number),
    )


def _om_rows(registered: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Every mutation of the OM's register: the columns of the extract."""
    case, place = pl.col("case"), pl.col("case") // 10 % 1000
    second = (
        pl.when("is_joined")
        .then(pl.lit("samengevoegd"))
        .when(pl.col("round") == NO_LONGER_STANDING)
        .then(pl.lit("vervallen"))
        .when(place.is_between(DISPOSED.start, DISPOSED.stop - 1))
        .then(pl.lit("afgedaan"))
    )
    mutations = _mutations(registered, "ingeschreven", second, "registered_on", span)
    mistyped = dossier_number(pl.col("mistyped_dossier"))
    return mutations.select(
        "mutatie",
        parketnummer=case_number(case),
        skn=_person("registered_person"),
        registratienummer_politie=pl.coalesce(
            dossier_number(pl.col("reported_dossier")), mistyped.str.slice(0, 13) + "X" + mistyped.str.slice(13)
        ),
        volgnummer_verdachte=pl.col("reported_suspect_number").cast(pl.String),
        classificatie=pl.when(pl.col("round") == OTHER_STANDING).then(pl.lit("OVERIG")).otherwise(pl.lit("KP")),
        datum_inschrijving=_dutch("registered_on"),
        afdoening=pl.when(pl.col("mutatie") == "afgedaan").then(pl.lit("dagvaarding")),
        gevoegd_bij=pl.when(pl.col("mutatie") == "samengevoegd").then(case_number(case - case % 1000)),
        tijdstip_mutatie=_recorded(case),
    )


def _mutations(records: pl.DataFrame, first: str, second: pl.Expr, day: str, span: Span) -> pl.DataFrame:
    """Every record with its first mutation, of its own day, and once more with its second, where it has one.

    A second one comes some days later, within the span, so that what it says holds as of its end.
    """
    later = pl.min_horizontal(pl.col(day) + pl.duration(days=pl.col(day).dt.ordinal_day() % 29 + 1), pl.lit(span.as_of))
    firsts = records.with_columns(mutatie=pl.lit(first), recorded_on=day, is_second=pl.lit(value=False))
    seconds = records.with_columns(mutatie=second, recorded_on=later, is_second=pl.lit(value=True))
    return pl.concat([firsts, seconds.drop_nulls("mutatie")])


def _recorded(number: pl.Expr) -> pl.Expr:
    """When it was recorded; the second mutation of one day after the first."""
    second = number % SECONDS_OF_A_DAY + FIRST_SECOND + pl.when("is_second").then(3600).otherwise(0)
    return (pl.col("recorded_on").cast(pl.Datetime("us")) + pl.duration(seconds=second)).dt.strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def _person(number: str) -> pl.Expr:
    return "SYN-" + zero_filled(pl.col(number), 10)


def _dutch(day: str) -> pl.Expr:
    return pl.col(day).dt.strftime("%d-%m-%Y")


def _keep(rows: pl.DataFrame, folder: Path, piece: int) -> None:
    """Keep a piece under the months in which its rows were recorded."""
    by_month = rows.with_columns(month=pl.col("tijdstip_mutatie").str.slice(0, 7)).partition_by(
        "month", as_dict=True, include_key=False
    )
    for (month,), of_month in by_month.items():
        (folder / str(month)).mkdir(parents=True, exist_ok=True)
        of_month.write_ipc(folder / str(month) / f"{piece:012}.arrow")


def _in_order(folder: Path, file: Path) -> int:
    """Write the extract from its months; give how many rows it has."""
    rows = 0
    with file.open("wb") as extract:
        for number, of_month in enumerate(_months(folder)):
            extract.write(of_month.write_csv(separator=";", include_header=number == 0).encode())
            rows += of_month.height
    return rows


def _months(folder: Path) -> Iterator[pl.DataFrame]:
    for month in sorted(folder.iterdir()):
        pieces = [pl.read_ipc(piece) for piece in sorted(month.iterdir())]
        yield pl.concat(pieces).sort("tijdstip_mutatie", pl.all())


def _add(truth: dict[str, Any], of_piece: dict[str, Any]) -> None:
    """Add up the counts of a piece: no dossier lies in two of them."""
    for name, counts in of_piece.items():
        if isinstance(counts, dict):
            truth[name] = dict(sorted((Counter(truth.get(name, {})) + Counter(counts)).items()))
        else:
            truth[name] = truth.get(name, 0) + counts


if __name__ == "__main__":
    made = extract_files(int(sys.argv[1].replace("_", "")), Path(sys.argv[2]))
    print(json.dumps({"police": str(made.police), "om": str(made.om), **made.rows}))
