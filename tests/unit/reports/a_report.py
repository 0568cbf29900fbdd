"""Reports to test with: a small one, a full one and an empty one. Plain numbers whose causes add up, and no records."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.nowcast.forecast import Forecast
from ketenbalans.nowcast.past import PastForecast
from ketenbalans.reconciliation.linkage.links import RESTS_ON
from ketenbalans.reconciliation.linkage.quality import LinkQuality, RuleQuality
from ketenbalans.reconciliation.linkage.rates import LinkVerdicts
from ketenbalans.reconciliation.triangle import Revision
from ketenbalans.reports import pictures
from ketenbalans.reports.compose import document_of
from ketenbalans.reports.document import Document
from ketenbalans.reports.html import render_html
from ketenbalans.reports.pdf import render_pdf
from ketenbalans.reports.plain import render_csv
from ketenbalans.reports.report import Report
from ketenbalans.reports.report_parts import (
    ComparedFigure,
    CountedBreaks,
    CountedMove,
    MayCome,
    Publication,
    ScheduledReport,
    SinceLastReport,
    SourceCounts,
    YearTarget,
)
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import words_of
from schemas.answer import ShownBalance
from schemas.answer_restated import FigureMove, ShownRestatement
from schemas.causes import Cause, OmOnlyCause
from schemas.period import Period
from schemas.report_status import EarlierReport, ReportStatus

CHECKPOINT = {
    "size": 17,
    "root": "c" * 64,
    "at": "2015-02-01T06:00:00+00:00",
    "key_id": "d" * 64,
    "signature": "e" * 128,
}
FINGERPRINT = "6cfc791b6d385692e2cbc3f8c4314e19c19b10c14a8d47e127d4bf6f76d4b960"
UNITS = ("PL0100", "PL0600", "PL0900")
WAITS, ASKS = {"in_transit"}, {"missing", "suggested", "no_police_delivery", "duplicate_registration"}
NO_SVG = '<svg width="1"></svg>'

RENDERED: dict[str, Callable[[Document], bytes]] = {
    "html": lambda document: render_html(document).encode(),
    "csv": render_csv,
    "ods": render_ods,
    "pdf": render_pdf,
}

SMALL: dict[str, Any] = {
    "causes": {"missing": 1},
    "om_only": {"other_deliverer": 2},
    "recognised": 20,
    "registered_earlier": 0,
}
FULL: dict[str, Any] = {
    "causes": {
        "joined": 2,
        "lapsed": 1,
        "other_classification": 6,
        "transferred": 9,
        "period_boundary": 22,
        "in_transit": 4,
        "duplicate_delivery": 1,
        "missing": 9,
    },
    "om_only": {"delivered_earlier_period": 17, "delivered_later": 1, "other_deliverer": 2, "no_police_delivery": 3},
    "recognised": 1410,
    "registered_earlier": 5,
}
SINCE: dict[str, Any] = {
    "period": ["2014-01-01", "2014-12-31"],
    "from": "2014-12-31",
    "to": "2015-01-31",
    "unit": "suspects",
    "delivered": {"before": 1461, "came": {"recorded_late": 4}, "left": {"withdrawn": 1}, "after": 1464},
    "recognised": {
        "before": 1409,
        "became": {"recorded_late": 3},
        "no_longer": {"withdrawn": 1, "reclassified": 1},
        "after": 1410,
    },
    "cases_delivered": {"before": 1461, "after": 1464},
    "changed": {"registration_recorded_late": 5, "reclassified": 1, "passage_of_time": 2},
    "closes": True,
    "moves": [
        {"movement": "came", "reason": "recorded_late", "before": None, "after": "recognised", "suspects": 3},
        {"movement": "came", "reason": "recorded_late", "before": None, "after": "missing", "suspects": 1},
        {"movement": "left", "reason": "withdrawn", "before": "recognised", "after": None, "suspects": 1},
        {
            "movement": "changed",
            "reason": "registration_recorded_late",
            "before": "in_transit",
            "after": "period_boundary",
            "suspects": 5,
        },
        {
            "movement": "changed",
            "reason": "reclassified",
            "before": "recognised",
            "after": "other_classification",
            "suspects": 1,
        },
        {
            "movement": "changed",
            "reason": "passage_of_time",
            "before": "in_transit",
            "after": "missing",
            "suspects": 2,
        },
    ],
}
PUBLICATION = {
    "status": "final",
    "final_from": "2015-01-30",
    "restates": None,
    "contact": None,
    "next_report": {"on": "2015-03-06", "as_of": "2015-02-28", "period": "2015"},
}
LINK_QUALITY: dict[str, Any] = {
    "rules": [
        {"rule": 1, "links": 1390, "same": 97, "other": 1, "unsure": 2},
        {"rule": 2, "links": 12, "same": 8, "other": 3, "unsure": 0},
        {"rule": 3, "links": 0, "same": 0, "other": 0, "unsure": 0},
    ],
    "unlinked": {"suspects": 54, "same": 2, "other": 28, "unsure": 0},
    "drawn_as_of": ["2014-12-31", "2015-01-31"],
}
MAY_COME: dict[str, Any] = {
    "known_on": "2016-02-04",
    "delivered_until": "2014-12-31",
    "counts": {
        "delivered": {
            "known": 1464,
            "median": 1467,
            "intervals": {"50": [1466, 1469], "80": [1465, 1471], "95": [1463, 1474]},
        },
        "registered": {
            "known": 1432,
            "median": 1445,
            "intervals": {"50": [1443, 1447], "80": [1440, 1450], "95": [1437, 1453]},
        },
        "recognised": {
            "known": 1410,
            "median": 1410,
            "intervals": {"50": [1409, 1411], "80": [1409, 1412], "95": [1408, 1414]},
        },
    },
    "target": {"suspects": 1468, "chance": 432},
    "past": [
        {"month_end": "2013-10-31", "known": 31, "expected": 52, "ends": [48, 57], "came": 53},
        {"month_end": "2013-11-30", "known": 24, "expected": 49, "ends": [45, 53], "came": 54},
        {"month_end": "2013-12-31", "known": 22, "expected": 66, "ends": [61, 70], "came": 61},
    ],
}
DAYS = ("2014-11-30", "2014-12-31", "2015-01-31")
MOVED = {
    ("delivered", "2013"): (1003, 1003, 1003),
    ("delivered", "2014"): (1340, 1461, 1464),
    ("delivered", "2015"): (0, 0, 37),
    ("recognised", "2013"): (980, 981, 981),
    ("recognised", "2014"): (1301, 1409, 1410),
    ("recognised", "2015"): (0, 0, 18),
}


def small_report(**other: Any) -> Report:
    """A first report: one break, nothing published, no earlier day."""
    return report_of(**SMALL, **other)


def full_report(**other: Any) -> Report:
    """A report in which every section has something to say, with figures above 1,000."""
    kmar = {"delivered": 14, "recognised": 12, "gap": 2, "cases_delivered": 13, "causes": {"missing": 2}}
    filled: dict[str, Any] = {
        "balance": {"other_parties": [{"party": "kmar", **kmar, "by_unit": [{"unit": "PL27RD", **kmar}]}]},
        "since": SINCE,
        "revisions": [row for (measure, period), figures in MOVED.items() for row in _moved(measure, period, figures)],
        "published": [
            _published("delivered", "1464", "1464", as_of="2015-01-31"),
            _published("recognised", "1398", "1410"),
            _published("cases_delivered", "1470", "1464"),
            _published("distribution", "30.9", "30.8", is_share=True),
            _published("production", "14.4", "14.4", is_share=True),
            _published("abuse", "11.3", "11.4", is_share=True),
        ],
        "link_quality": LINK_QUALITY,
        "checkpoint": CHECKPOINT,
        "may_come": MAY_COME,
    }
    balance = {**filled["balance"], **other.pop("balance", {})}
    return report_of(**FULL, **(filled | other | {"balance": balance}))


def empty_report(**other: Any) -> Report:
    """A report of a period in which nothing was delivered and nothing registered."""
    return report_of(causes={}, om_only={}, recognised=0, registered_earlier=0, **other)


def with_accepted(report: Report, *, instead_of: str = "open") -> Report:
    """The same report, in which a person accepted every break of a state."""
    breaks = [replace(one, state="accepted") if one.state == instead_of else one for one in report.breaks]
    return replace(report, breaks=breaks)


def report_of(
    *,
    causes: Mapping[str, int],
    om_only: Mapping[str, int],
    recognised: int,
    registered_earlier: int,
    units: tuple[str, ...] = UNITS,
    balance: Mapping[str, Any] | None = None,
    **other: Any,
) -> Report:
    """A report of any counts: the balance closes, the units add up, and each cause has as many breaks.

    Args:
        causes: suspects by cause; what is left out has none.
        om_only: registrations that only the OM counts, likewise.
        recognised: suspects.
        registered_earlier: of these, how many the OM counted before.
        units: among which the suspects are dealt out.
        balance: what else the balance says.
        other: fields of the report.
    """
    whole = _counted(causes, recognised)
    dealt = {name: _dealt(causes.get(name, 0), len(units)) for name in whole["causes"]}
    found = _dealt(recognised, len(units))
    by_unit = [
        {"unit": unit, **_counted({name: parts[place] for name, parts in dealt.items()}, found[place])}
        for place, unit in enumerate(units)
    ]
    all_om_only = {cause.value: om_only.get(cause.value, 0) for cause in OmOnlyCause}
    answer = {
        "period": ["2014-01-01", "2014-12-31"],
        "as_of": "2015-01-31",
        "unit": "suspects",
        **whole,
        "registered_earlier": registered_earlier,
        "om_count": recognised - registered_earlier + sum(all_om_only.values()),
        "om_only": all_om_only,
        "links": {"1": recognised, **dict.fromkeys("23456", 0)},
        "closes": True,
        "by_unit": [unit for unit in by_unit if unit["delivered"]],
        "qualifications": _qualified(whole["delivered"]),
        "synthetic": True,
        "quality": "not_checked",
        "published": {},
        "policy": {
            "transit_allowance_days": 60,
            "registered_before_delivery_days": 31,
            "registered_after_delivery_days": 400,
            "other_deliverers": ["PL27", "PL28"],
        },
        "code_version": "0.1.0+2bfe09bcaa1a",
        "input_fingerprint": FINGERPRINT,
    }
    breaks = [
        *(
            _break("police", name, unit, n)
            for name, parts in dealt.items()
            for unit, n in zip(units, parts, strict=True)
        ),
        *(_break("om", name, None, amount) for name, amount in all_om_only.items()),
    ]
    fields: dict[str, Any] = {
        "balance": answer | dict(balance or {}),
        "breaks": [row for row in breaks if row["breaks"]],
        "since": None,
        "revisions": [],
        "sources": [_source("om_registrations", 2928, "passed"), _source("police_deliveries", 2354, "not_checked")],
        "published": [],
        "publication": PUBLICATION,
    }
    return report_from(fields | other)


def report_from(document: Mapping[str, Any]) -> Report:
    """The report of a document in the shape of a report's JSON; ``since`` may lack what the restatement rests on."""
    return Report(
        balance=ShownBalance.from_json(document["balance"]),
        breaks=[CountedBreaks(**row) for row in document["breaks"]],
        since=None if document["since"] is None else since_from(document["since"]),
        revisions=[
            Revision(**{**row, "period": Period.parse(row["period"]), "as_of": date.fromisoformat(row["as_of"])})
            for row in document["revisions"]
        ],
        sources=[
            SourceCounts(**{**row, "covers_until": day_or_none(row["covers_until"])}) for row in document["sources"]
        ],
        published=[ComparedFigure(**{**row, "as_of": day_or_none(row["as_of"])}) for row in document["published"]],
        publication=publication_from(document["publication"]),
        link_quality=quality_from(document["link_quality"]) if "link_quality" in document else None,
        checkpoint=Checkpoint(**document["checkpoint"]) if "checkpoint" in document else None,
        may_come=may_come_from(document["may_come"]) if "may_come" in document else None,
    )


def may_come_from(document: Mapping[str, Any]) -> MayCome:
    """What is expected, of a document in the shape of its JSON; how the draws fell is not in it."""
    counts = {
        name: Forecast(
            one["known"], one["median"], {share: (low, high) for share, (low, high) in one["intervals"].items()}, {}
        )
        for name, one in document["counts"].items()
    }
    target = document["target"]
    return MayCome(
        known_on=date.fromisoformat(document["known_on"]),
        delivered_until=date.fromisoformat(document["delivered_until"]),
        counts=counts,
        target=target and YearTarget(suspects=target["suspects"], chance=target["chance"]),
        past=[past_forecast_from(one) for one in document.get("past", ())],
    )


def past_forecast_from(document: Mapping[str, Any]) -> PastForecast:
    """How one forecast turned out, of a document in the shape of its JSON."""
    low, high = document["ends"]
    counts = {name: document[name] for name in ("known", "expected", "came")}
    return PastForecast(month_end=date.fromisoformat(document["month_end"]), ends=(low, high), **counts)


def quality_from(document: Mapping[str, Any]) -> LinkQuality:
    """How good links are, of the counts in its JSON; what the links rest on is left out."""

    def verdicts(one: Mapping[str, Any]) -> LinkVerdicts:
        return LinkVerdicts(**{name: one[name] for name in ("same", "other", "unsure")})

    return LinkQuality(
        period=Period.of_year(2014),
        as_of=date(2015, 1, 31),
        rules=tuple(
            RuleQuality(
                rule=one["rule"], links=one["links"], rests_on=dict.fromkeys(RESTS_ON, 0), verdicts=verdicts(one)
            )
            for one in document["rules"]
        ),
        unlinked=document["unlinked"]["suspects"],
        unlinked_verdicts=verdicts(document["unlinked"]),
        drawn_as_of=tuple(map(date.fromisoformat, document["drawn_as_of"])),
    )


def since_from(document: Mapping[str, Any]) -> SinceLastReport:
    """What changed since the last report, of a document in the shape of its JSON."""
    delivered, recognised, cases = (document[name] for name in ("delivered", "recognised", "cases_delivered"))
    restated = ShownRestatement(
        period=Period(*map(date.fromisoformat, document["period"])),
        earlier=date.fromisoformat(document["from"]),
        later=date.fromisoformat(document["to"]),
        delivered=FigureMove(
            before=delivered["before"], more=delivered["came"], less=delivered["left"], after=delivered["after"]
        ),
        recognised=FigureMove(
            before=recognised["before"],
            more=recognised["became"],
            less=recognised["no_longer"],
            after=recognised["after"],
        ),
        cases_before=cases["before"],
        cases_after=cases["after"],
        changed=document["changed"],
        closes=document["closes"],
        moves=(),
        verdicts={},
        published={},
        synthetic=True,
        policy={},
    )
    return SinceLastReport(restated=restated, moves=tuple(CountedMove(**move) for move in document["moves"]))


def publication_from(document: Mapping[str, Any]) -> Publication:
    """What a report is, of a document in the shape of its JSON."""
    restates, scheduled = document["restates"], document["next_report"]
    figures = {name: figure for name, figure in (restates or {}).items() if name != "as_of"}
    return Publication(
        status=ReportStatus.of(document["status"]),
        final_from=date.fromisoformat(document["final_from"]),
        restates=restates and EarlierReport(as_of=date.fromisoformat(restates["as_of"]), figures=figures),
        contact=document["contact"],
        next_report=ScheduledReport(
            on=date.fromisoformat(scheduled["on"]),
            as_of=date.fromisoformat(scheduled["as_of"]),
            period=Period.parse(scheduled["period"]),
        ),
    )


def day_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@cache
def written(name: str, language: str) -> Document:
    """The ``small``, ``full`` or ``empty`` report in a language, made once for all tests; the full one is drawn."""
    if name == "full":
        return document_of(full_report(), words_of(language))
    return composed({"small": small_report, "empty": empty_report}[name](), language)


@cache
def form(name: str, language: str, kind: str) -> bytes:
    """A form of a report in a language, rendered once for all tests."""
    return RENDERED[kind](written(name, language))


@contextmanager
def without_drawing() -> Iterator[None]:
    """Compose without pictures: for the many tests in which only words and tables matter."""
    undrawn: dict[str, Any] = dict.fromkeys(("waterfall", "bars", "lines", "ranges"), lambda *_, **__: NO_SVG)
    with patch.multiple(pictures, **undrawn):
        yield


def composed(report: Report, language: str = "en") -> Document:
    """The document of a report, with pictures that show nothing."""
    with without_drawing():
        return document_of(report, words_of(language))


def _counted(causes: Mapping[str, int], recognised: int) -> dict[str, Any]:
    every = {cause.value: causes.get(cause.value, 0) for cause in Cause}
    gap = sum(every.values())
    delivered = recognised + gap
    return {
        "delivered": delivered,
        "recognised": recognised,
        "gap": gap,
        "cases_delivered": delivered,
        "causes": every,
    }


def _qualified(cases: int) -> dict[str, int]:
    return {"possession": cases, "distribution": cases // 3, "production": cases // 7, "abuse": 0}


def _dealt(amount: int, hands: int) -> list[int]:
    return [amount // hands + (place < amount % hands) for place in range(hands)]


def _break(side: str, cause: str, unit: str | None, amount: int) -> dict[str, Any]:
    state = "waiting" if cause in WAITS else "open" if cause in ASKS else "explained"
    if state == "open" and unit == UNITS[0]:
        state = "acknowledged"
    return {"side": side, "cause": cause, "state": state, "unit": unit, "age": len(cause) % 6, "breaks": amount}


def _source(name: str, rows: int, quality: str) -> dict[str, Any]:
    return {
        "source": name,
        "covers_until": "2015-06-30",
        "extracts": 2,
        "rows": rows,
        "rejected": 3,
        "dead_letters": 0,
        "quality": quality,
    }


def _published(
    figure: str, published: str, here: str, *, as_of: str | None = None, is_share: bool = False
) -> dict[str, Any]:
    figures = {"figure": figure, "published": published, "here": here}
    return figures | {"document": "kst-31015-112", "as_of": as_of, "is_share": is_share}


def _moved(measure: str, period: str, figures: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """Figures of a period, each day's with the step that led to it; the last step of 2014 has two reasons."""
    steps = [None, *(after - before for before, after in pairwise(figures))]
    for day, figure, step in zip(DAYS, figures, steps, strict=True):
        has_two = bool(step) and (period, day) == ("2014", DAYS[-1])
        less = {"withdrawn": 1} if has_two else {}
        more = {"recorded_late": step + len(less)} if step else {}
        row = {"measure": measure, "period": period, "as_of": day, "figure": figure}
        yield row | {"step": step, "more": more, "less": less}
