"""The series that somebody may want to draw, and where each breaks. ``docs/series.md`` and ADR 0018 say why.

Unit, counting moment, carry-over and basis are those of ``figures.measures``; a segment says only what it adds.
"""

from dataclasses import dataclass
from datetime import date

from ketenbalans.figures.measure import INTERVENTION_YEARS, INVESTIGATION_YEARS, SUSPECT_YEARS
from ketenbalans.figures.measures_chain import UNION_YEARS
from ketenbalans.figures.segments import Segment, Series
from schemas.sources.hotline_reports import ECPAT_FROM, EOKM_FROM, EOKM_UNTIL, MELDPUNT_UNTIL
from schemas.vocabulary import Basis, Hotline

LETTER_OF_2015 = "kst-31015-112"
ANNEX_OF_2020 = "kst-31015-193-annex"

OUTCOMES = (
    "hotline_reports_leading_to_investigation",
    "hotline_reports_on_running_investigation",
    "hotline_reports_still_examined",
    "hotline_reports_forwarded_abroad",
    "hotline_reports_insufficient_indication",
)
AT_A_HOTLINE = "what citizens report to a hotline"
AT_THE_POLICE = "reports of online material that reach the police, mostly through NCMEC"
WHY_INTERVENTIONS = "Police and OM agreed on interventions of four kinds, some of which deliver no suspect to the OM."
WHY_INVESTIGATIONS = "Results are agreed on as investigations of kind A, B and C, counted when they start."
WHY_EOKM = "The Expertisebureau Online Kindermisbruik became the owner of the hotline."
WHY_ECPAT = "The transnational hotline went to Defence for Children-ECPAT; other themes stayed where they were."
BASIS_UNKNOWN = "No figure of these years is published, so its basis is not known."


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Measures that are easily taken for one series with others, and never are.

    Attributes:
        one: the ones.
        other: the others.
        why: what would go wrong.
    """

    one: tuple[str, ...]
    other: tuple[str, ...]
    why: str

    def from_(self, measure: str) -> tuple[str, ...]:
        """The measures that a measure is kept apart from by this."""
        return self.other if measure in self.one else self.one if measure in self.other else ()


def _victims(lane: str, basis: Basis, why: str) -> Series:
    def on(basis: Basis, first: date | None, last: date | None, why: str = "", document: str = "") -> Segment:
        return Segment(
            measure="victims_identified", basis=basis.value, first=first, last=last, why=why, document=document
        )

    return Series(
        name=lane,
        meaning="Victims who were identified in a year.",
        segments=(
            on(Basis.NOT_STATED, None, date(2013, 12, 31)),
            on(basis, date(2014, 1, 1), date(2014, 12, 31), why, LETTER_OF_2015),
            on(Basis.NOT_STATED, date(2015, 1, 1), date(2018, 12, 31), BASIS_UNKNOWN),
            on(
                Basis.TBKK,
                date(2019, 1, 1),
                None,
                "The annex counts by the effort of the TBKK teams only.",
                ANNEX_OF_2020,
            ),
        ),
    )


def _hotline(owner: Hotline, first: date | None, last: date | None, why: str, *also: str) -> Segment:
    return Segment(
        measure="hotline_reports",
        first=first,
        last=last,
        also=also,
        owner=owner.value,
        population=AT_A_HOTLINE,
        why=why,
    )


SERIES = (
    Series(
        name="results",
        meaning="What the police achieved, in the unit that was agreed on for the year.",
        segments=(
            Segment(
                measure="suspects_delivered_to_om",
                last=SUSPECT_YEARS.last,
                also=(
                    "suspects_recognisable_at_om",
                    "growth_vs_2010",
                    "cases_delivered_to_om",
                    "kst_case_files_to_om",
                ),
            ),
            Segment(
                measure="interventions_realised",
                first=INTERVENTION_YEARS.first,
                last=INTERVENTION_YEARS.last,
                also=("indigo_trajectories",),
                why=WHY_INTERVENTIONS,
                document=LETTER_OF_2015,
            ),
            Segment(
                measure="investigations_counted",
                first=INVESTIGATION_YEARS.first,
                last=date(2019, 12, 31),
                carry_over="What was running on 1 January 2019 counts too: the rule of the first year.",
                why=WHY_INVESTIGATIONS,
                document=ANNEX_OF_2020,
            ),
            Segment(
                measure="investigations_counted",
                first=date(2020, 1, 1),
                carry_over="None: only what starts in the year.",
                why="Only the first year took along what was already running.",
                document=ANNEX_OF_2020,
            ),
        ),
    ),
    Series(
        name="targets",
        meaning="What was aimed at, in the unit that was agreed on for the year.",
        segments=(
            Segment(measure="target_suspects_delivered", last=SUSPECT_YEARS.last, also=("target_growth_vs_2010",)),
            Segment(
                measure="target_interventions",
                first=INTERVENTION_YEARS.first,
                last=INTERVENTION_YEARS.last,
                why=WHY_INTERVENTIONS,
                document=LETTER_OF_2015,
            ),
            Segment(
                measure="target_investigations",
                first=INVESTIGATION_YEARS.first,
                why=WHY_INVESTIGATIONS,
                document=ANNEX_OF_2020,
            ),
        ),
    ),
    Series(
        name="focus",
        meaning="Shares of the delivered cases by quality, as the police judge them.",
        segments=(
            Segment(
                measure="share_cases_production",
                last=SUSPECT_YEARS.last,
                also=("share_cases_distribution", "share_cases_abuse"),
                population="cases with one quality, of a published number of cases",
            ),
            Segment(
                measure="share_cases_production_or_abuse",
                first=UNION_YEARS.first,
                population="cases with production, abuse or both, of a number of cases that is not published",
                why="Only the union of two former categories is published: it is no sum, and no count follows from it.",
                document=ANNEX_OF_2020,
            ),
        ),
    ),
    Series(
        name="transnational_hotline",
        meaning="Reports of offending abroad by residents, at the hotline.",
        has_half_years=True,
        segments=(
            _hotline(Hotline.MELDPUNT, None, MELDPUNT_UNTIL, "", *OUTCOMES),
            _hotline(Hotline.EOKM, EOKM_FROM, EOKM_UNTIL, WHY_EOKM, *OUTCOMES),
            _hotline(Hotline.DFC_ECPAT, ECPAT_FROM, None, WHY_ECPAT, *OUTCOMES, "hotline_reporters_campaign"),
        ),
    ),
    Series(
        name="reports_to_the_police",
        meaning="Reports of online material that reach the police.",
        segments=(
            Segment(
                measure="reports_received",
                last=date(2018, 12, 31),
                population=AT_THE_POLICE,
                screening="as NCMEC screened until 2018",
            ),
            Segment(
                measure="reports_received",
                first=date(2019, 1, 1),
                population=AT_THE_POLICE,
                screening="as NCMEC screens from 2019 on",
                why="NCMEC changed its screening in 2019, so fewer reports do not mean less.",
            ),
        ),
    ),
    _victims("victims", Basis.COMBINED, "The letter counts sex-crime teams and image teams together."),
    _victims("victims_by_image_teams", Basis.IMAGE_TEAMS, "The letter also counts what the image teams did alone."),
)
"""Every chain that breaks."""

UNBROKEN = (
    "kst_cases_handled",
    "kst_cases_under_investigation_at_om",
    "cases_with_unconditional_prison_sentence",
    "finished_with_identification",
    "investigations_running_at_year_end",
    "indigo_cases",
    "foreign_keyplayers_identified",
    "victims_identified_cumulative",
    "travel_ban_measures_applied",
)
"""The measures that are in none of them: each is a series of its own, on the days on which it is valid."""

APART = (
    Apart(
        one=("hotline_reports", *OUTCOMES),
        other=("reports_received",),
        why="Two populations: reports to a hotline and reports to the police are never added and never substituted.",
    ),
    Apart(
        one=("investigations_counted",),
        other=("finished_with_identification",),
        why="One is counted at the start and one at the end: what ends in a year is no share of what starts in it.",
    ),
    Apart(
        one=("investigations_counted", "finished_with_identification"),
        other=("investigations_running_at_year_end",),
        why="What starts or ends in a year is a flow, and what runs on its last day is a stock.",
    ),
    Apart(
        one=("suspects_delivered_to_om",),
        other=("cases_delivered_to_om",),
        why="A file may hold several suspects: the 480 cases of 2012 held 507 of them.",
    ),
)
"""Measures that never are one series, on any day."""
