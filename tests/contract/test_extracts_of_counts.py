"""Extracts of interventions, investigations and delivered counts: a row becomes an event, a breach is named."""

from pathlib import Path
from typing import Any

import pytest

from producers.catalogue import producer_of
from schemas.catalogue import source_to_produce
from schemas.declaration import Source
from tests.unit.producers.extracts import Outcome, outcome_of_file

HEADERS = {
    "interventions": "mutatie;interventienummer;soort;eenheid;datum_realisatie;registratienummer;volgnummer_verdachte;"
    "tijdstip_mutatie",
    "investigations": "mutatie;onderzoeksnummer;soort;eenheid;datum_start;datum_einde;resultaat;tijdstip_mutatie",
    "aggregates": "mutatie;maat;categorie;grondslag;periode_van;periode_tot_en_met;peildatum;aantal;tijdstip_mutatie",
}
MOMENT = "2019-12-20T16:00:00+01:00"


def checked(source: Source, folder: Path, *rows: str) -> Outcome:
    file = folder / f"{source.command}-2020-01-31.csv"
    file.write_text("\n".join([HEADERS[source.name], *rows, ""]), encoding="utf-8")
    return outcome_of_file(producer_of(source), file)


@pytest.mark.parametrize(
    ("name", "row", "event"),
    [
        (
            "interventions",
            f"gecorrigeerd;I 1;regulier;PL0900;14-03-2017;pl0900.2017000123-2;;{MOMENT}",
            {"mutation": "corrected", "kind": "regular", "dossier_number": "PL0900-2017000123", "suspect_number": None},
        ),
        (
            "interventions",
            f"gerealiseerd;I 1;alternatief;PL0900;14-03-2017;;;{MOMENT}",
            {"mutation": "realised", "kind": "alternative", "dossier_number": None, "suspect_number": None},
        ),
        (
            "investigations",
            f"beeindigd;O 1;B;PL0900;07-01-2019;20-12-2019;geen_identificatie;{MOMENT}",
            {"mutation": "ended", "kind": "B", "result": "no_identification"},
        ),
        (
            "investigations",
            f"gestart;O 1;C;PL0900;07-01-2019;;;{MOMENT}",
            {"mutation": "started", "kind": "C", "ended_on": None, "result": None},
        ),
        (
            "aggregates",
            f"opgeleverd;meldingen_politie;all;enig;01-01-2018;31-12-2018;19-12-2019;30001;{MOMENT}",
            {"mutation": "delivered", "measure": "reports_received", "basis": "only", "value": 30001},
        ),
        (
            "aggregates",
            f"ingetrokken;sleutelspelers_buitenland;B;niet_vermeld;01-01-2018;31-12-2018;19-12-2019;000;{MOMENT}",
            {"mutation": "withdrawn", "category": "B", "basis": "not_stated", "value": 0},
        ),
    ],
)
def test_a_row_becomes_an_event(name: str, row: str, event: dict[str, Any], tmp_path: Path) -> None:
    found = checked(source_to_produce(name), tmp_path, row)
    assert found.extract.rejected.rows() == []
    (answer,) = found.events.to_dicts()
    assert {field: answer[field] for field in event} == event


@pytest.mark.parametrize(
    ("name", "row", "broken"),
    [
        (
            "interventions",
            f"gestart;;groot;PL9;14-13-2017;BVH 12;0;{MOMENT}",
            {
                "mutatie": "is one of gerealiseerd, gecorrigeerd, ingetrokken",
                "interventienummer": "is filled",
                "soort": "is one of proactief, regulier, eenvoudig, alternatief",
                "eenheid": "matches ^PL[0-9]{2}[0-9A-Z]{2}$",
                "datum_realisatie": "is a date, dd-mm-yyyy",
                "registratienummer": "is empty or a registration number such as PL0900-2014000123",
                "volgnummer_verdachte": "is a whole number of 1 or more",
            },
        ),
        (
            "investigations",
            f"beeindigd;O 1;D;PL0900;07-01-2019;;geen;{MOMENT}",
            {
                "soort": "is one of A, B, C",
                "datum_einde": "is filled when mutatie is beeindigd",
                "resultaat": "is one of identificatie, geen_identificatie",
            },
        ),
        (
            "investigations",
            f"beeindigd;O 1;A;PL0900;07-01-2019;06-01-2019;identificatie;{MOMENT}",
            {"datum_einde": "does not lie before datum_start"},
        ),
        (
            "aggregates",
            f"opgeleverd;slachtoffers;all;gezamenlijk;01-01-2018;31-12-2017;31-12-2017;3;{MOMENT}",
            {
                "periode_tot_en_met": "does not lie before periode_van",
                "peildatum": "does not lie before periode_van",
            },
        ),
        (
            "aggregates",
            f"opgeleverd;verdachten;;samen;01-01-2018;;19-12-2019;-3;{MOMENT}",
            {
                "maat": "is one of slachtoffers, slachtoffers_cumulatief, ",
                "categorie": "is filled",
                "grondslag": "is one of gezamenlijk, beeldteams, tbkk, niet_vermeld, enig",
                "periode_tot_en_met": "is filled",
                "aantal": "is a whole number from 0 to 2147483647",
            },
        ),
    ],
)
def test_every_breach_is_reported_in_the_words_of_the_extract(
    name: str, row: str, broken: dict[str, str], tmp_path: Path
) -> None:
    ((line, columns, rules, kept),) = checked(source_to_produce(name), tmp_path, row).extract.rejected.iter_rows()
    assert (line, kept) == (2, row)
    assert columns.split("|") == list(broken)
    for rule, said in zip(rules.split("|"), broken.values(), strict=True):
        assert rule.startswith(said)


def test_suspects_are_no_count_that_can_be_delivered(tmp_path: Path) -> None:
    """What is counted from records has one figure: a delivered count of it would be a second."""
    row = f"opgeleverd;suspects_delivered_to_om;all;enig;01-01-2014;31-12-2014;31-01-2015;560;{MOMENT}"
    found = checked(source_to_produce("aggregates"), tmp_path, row)
    assert found.events.is_empty()
    assert found.extract.rejected["column"].to_list() == ["maat"]
