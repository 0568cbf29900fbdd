"""Every measure of the register counted in plain Python from the cells that a scenario hands over, as known on a day.

Shares nothing with the product: take what was handed over, keep the newest row of each record, count.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from ketenbalans.figures.published import PublishedFigure
from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.scenario import Scenario
from ketenbalans.scenarios.sources import AGGREGATES, HOTLINE, INTERVENTIONS, INVESTIGATIONS, OM, POLICE
from tests.reference.section2 import normalised

Cells = dict[str, str]
RECORD = {
    POLICE: ("registratienummer", "volgnummer_verdachte"),
    OM: ("parketnummer",),
    HOTLINE: ("report_id",),
    INTERVENTIONS: ("interventienummer",),
    INVESTIGATIONS: ("onderzoeksnummer",),
    AGGREGATES: ("maat", "categorie", "grondslag", "periode_van", "periode_tot_en_met", "peildatum"),
}
GONE = ("vervallen", "samengevoegd", "ingetrokken")
OUTCOMES = {
    "hotline_reports_leading_to_investigation": "investigation_started",
    "hotline_reports_on_running_investigation": "added_to_investigation",
    "hotline_reports_still_examined": "under_examination",
    "hotline_reports_forwarded_abroad": "forwarded_abroad",
    "hotline_reports_insufficient_indication": "insufficient",
}
MEASURES_OF_AGGREGATES = {
    "victims_identified": "slachtoffers",
    "victims_identified_cumulative": "slachtoffers_cumulatief",
    "cases_with_unconditional_prison_sentence": "zaken_met_onvoorwaardelijke_gevangenisstraf",
    "foreign_keyplayers_identified": "sleutelspelers_buitenland",
    "reports_received": "meldingen_politie",
    "hotline_reporters_campaign": "melders_campagne",
    "travel_ban_measures_applied": "uitreisverboden",
    "kst_cases_handled": "kst_zaken_behandeld",
    "kst_cases_under_investigation_at_om": "kst_zaken_in_onderzoek_om",
}
BASES = {"combined effort": "gezamenlijk", "basis not stated": "niet_vermeld", "identified by": "beeldteams",
         "by image analysis": "tbkk"}  # fmt: skip
"""What the register's text begins with, and the word of the extract."""


def day(cell: str) -> date:
    return date(int(cell[6:]), int(cell[3:5]), int(cell[:2]))


@dataclass
class Handed:
    """Everything that a scenario hands over, as cells with the day on which it was recorded, oldest first."""

    scenario: Scenario
    states: dict[tuple[str, date], list[Cells]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> dict[str, list[tuple[datetime, Cells]]]:
        answer: dict[str, list[tuple[datetime, Cells]]] = {}
        for one in self.scenario.sets():
            for source, rows in one.rows.items():
                answer.setdefault(source, []).extend((row.recorded_at, dict(row.cells())) for row in rows)
        return {source: sorted(rows, key=lambda pair: pair[0]) for source, rows in answer.items()}

    def known(self, source: str, as_of: date) -> list[Cells]:
        """The newest state of each record, gone or not."""
        if (source, as_of) not in self.states:
            newest = {
                tuple(cells[column] for column in RECORD[source]): cells
                for recorded_at, cells in self.rows.get(source, ())
                if day_of(recorded_at) <= as_of
            }
            self.states[source, as_of] = list(newest.values())
        return self.states[source, as_of]

    def first_day(self, source: str) -> date:
        """The first day that a source speaks of; the OM's as the police's, since their figures are read together."""
        if source in (POLICE, OM):
            return min(day(cells["datum_aanlevering"]) for _, cells in self.rows[POLICE])
        return day_of(self.rows[source][0][0])


@dataclass
class Question:
    """One figure of the register asked of what was handed over, as known on a day."""

    handed: Handed
    figure: PublishedFigure
    as_of: date
    all_figures: tuple[PublishedFigure, ...]

    def standing(self, source: str) -> list[Cells]:
        rows = self.handed.known(source, self.as_of)
        return [row for row in rows if row.get("mutatie") not in GONE]

    def holds(self, moment: date) -> bool:
        return self.figure.period.start <= moment <= self.figure.period.end

    def delivered(self) -> list[Cells]:
        return [row for row in self.standing(POLICE) if self.holds(day(row["datum_aanlevering"]))]


def cases(rows: list[Cells]) -> int:
    return len({row["registratienummer"][:17] for row in rows})


def share(question: Question, *words: str) -> Decimal:
    delivered = question.delivered()
    chosen = [row for row in delivered if set(words) & set(row["kwalificaties"].split("|"))]
    return Decimal(100 * cases(chosen)) / cases(delivered)


def published(question: Question, measure: str, year: int, category: str = "") -> Decimal:
    first = date(year, 1, 1)
    wanted = (measure, first, category)
    return next(f.value for f in question.all_figures if (f.measure, f.period.start, f.category) == wanted)


def growth(question: Question) -> Decimal:
    return 100 * Decimal(len(question.delivered())) / published(question, "suspects_delivered_to_om", 2010) - 100


def target(question: Question) -> Decimal:
    raised = published(question, "target_growth_vs_2010", question.figure.period.start.year)
    base = published(question, "suspects_delivered_to_om", 2010)
    return (base * (100 + raised) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)


def all_targets(question: Question) -> int:
    return int(sum(published(question, "target_investigations", 2019, kind) for kind in "ABC"))


def recognisable(question: Question) -> int:
    truths = question.handed.scenario.truths([question.as_of])
    year = question.figure.period.start.year
    return sum(t.is_recognised for t in truths if (t.side, t.period) == ("police", year))


def settled_by_indigo(question: Question) -> list[Cells]:
    return [row for row in question.standing(OM) if row["afdoening"] == "indigo"]


def trajectories(question: Question) -> int:
    settled = {(normalised(r["registratienummer_politie"]), r["volgnummer_verdachte"].lstrip("0"))
               for r in settled_by_indigo(question)}  # fmt: skip
    files = {number for number, _ in settled}

    def led_to_one(row: Cells) -> bool:
        number, suspect = normalised(row["registratienummer"]), row["volgnummer_verdachte"]
        same = {(number, suspect), (number, "")} & settled
        return number is not None and (bool(same) if suspect else number in files)

    return sum(row["soort"] == "eenvoudig" and led_to_one(row) for row in interventions(question))


def interventions(question: Question) -> list[Cells]:
    return [row for row in question.standing(INTERVENTIONS) if question.holds(day(row["datum_realisatie"]))]


def indigo_cases(question: Question) -> int:
    settled = {row["parketnummer"] for row in settled_by_indigo(question)}
    first_said: dict[str, date] = {}
    for recorded_at, cells in question.handed.rows[OM]:
        if cells["afdoening"] == "indigo":
            first_said.setdefault(cells["parketnummer"], day_of(recorded_at))
    return sum(question.holds(first_said[number]) for number in settled)


def of_kind(question: Question) -> Iterator[tuple[Cells, date, date | None]]:
    for row in question.standing(INVESTIGATIONS):
        if question.figure.category in ("", "total", row["soort"]):
            yield row, day(row["datum_start"]), day(row["datum_einde"]) if row["datum_einde"] else None


def investigations(question: Question) -> int:
    first = question.figure.period.start
    return sum(
        question.holds(started) or (started < first and (ended is None or ended >= first))
        for _, started, ended in of_kind(question)
    )


def identified(question: Question) -> int:
    return sum(
        ended is not None and question.holds(ended) and row["resultaat"] == "identificatie"
        for row, _, ended in of_kind(question)
    )


def running(question: Question) -> int:
    last = question.figure.period.end
    return sum(started <= last and (ended is None or ended > last) for _, started, ended in of_kind(question))


def reports(question: Question) -> int:
    outcome = OUTCOMES.get(question.figure.measure)
    return sum(
        row["theme"] == "transnational"
        and question.holds(date.fromisoformat(row["received_on"]))
        and outcome in (None, row["outcome"])
        for row in question.handed.known(HOTLINE, question.as_of)
    )


def deliveries_of_aggregate(question: Question) -> list[Cells]:
    figure = question.figure
    basis = next((word for text, word in BASES.items() if figure.basis.startswith(text)), "enig")
    wanted = (MEASURES_OF_AGGREGATES[figure.measure], figure.category or "all", basis)
    period = (figure.period.start, figure.period.end)
    return [
        row
        for row in question.standing(AGGREGATES)
        if (row["maat"], row["categorie"], row["grondslag"]) == wanted
        and (day(row["periode_van"]), day(row["periode_tot_en_met"])) == period
        and day(row["peildatum"]) <= question.as_of
    ]


def aggregate(question: Question) -> int:
    return int(max(deliveries_of_aggregate(question), key=lambda row: day(row["peildatum"]))["aantal"])


COUNTED: dict[str, tuple[str, Callable[[Question], Decimal | int]]] = {
    "suspects_delivered_to_om": (POLICE, lambda question: len(question.delivered())),
    "cases_delivered_to_om": (POLICE, lambda question: cases(question.delivered())),
    "suspects_recognisable_at_om": (OM, recognisable),
    "share_cases_distribution": (POLICE, lambda question: share(question, "verspreiding")),
    "share_cases_production": (POLICE, lambda question: share(question, "productie")),
    "share_cases_abuse": (POLICE, lambda question: share(question, "misbruik")),
    "share_cases_production_or_abuse": (POLICE, lambda question: share(question, "productie", "misbruik")),
    "growth_vs_2010": (POLICE, growth),
    "target_suspects_delivered": ("", target),
    "target_investigations": ("", all_targets),
    "kst_case_files_to_om": (POLICE, lambda question: cases([r for r in question.delivered() if r["kst"] == "J"])),
    "interventions_realised": (INTERVENTIONS, lambda question: len(interventions(question))),
    "indigo_trajectories": (INTERVENTIONS, trajectories),
    "indigo_cases": (OM, indigo_cases),
    "investigations_counted": (INVESTIGATIONS, investigations),
    "finished_with_identification": (INVESTIGATIONS, identified),
    "investigations_running_at_year_end": (INVESTIGATIONS, running),
    "hotline_reports": (HOTLINE, reports),
    **dict.fromkeys(OUTCOMES, (HOTLINE, reports)),
    **dict.fromkeys(MEASURES_OF_AGGREGATES, (AGGREGATES, aggregate)),
}
"""Per measure the source that it needs (a target needs none), and how it is counted."""
