"""How good the links of a balance are: what they rest on, what persons found, and the rates that follow.

Pure: no I/O, no clock, no logging.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from ketenbalans.reconciliation.linkage.links import RESTS_ON, SUSPECT, may_be_drawn
from ketenbalans.reconciliation.linkage.rates import (
    LinkVerdicts,
    Rate,
    false_links,
    false_links_in_all,
    missed_links,
)
from schemas.json_object import JsonObject
from schemas.link_judgements import LINK_RULES
from schemas.period import Period


@dataclass(frozen=True, kw_only=True)
class RuleQuality:
    """The links that one rule made.

    Attributes:
        rule: 1 to 5.
        links: suspects of the period that it linked, recognised or not.
        rests_on: of these, how many rest on what (``links.RESTS_ON``).
        verdicts: what persons found about those that were drawn and still stand by this rule.
    """

    rule: int
    links: int
    rests_on: dict[str, int]
    verdicts: LinkVerdicts

    @property
    def false_links(self) -> Rate:
        """How many of its links are of two suspects."""
        return false_links(self.verdicts)

    def to_json(self) -> JsonObject:
        """The rule as ``linkage --json`` prints it."""
        judged = {**self.verdicts.to_json(), "false_links": self.false_links.to_json()}
        return {"rule": self.rule, "links": self.links, **self.rests_on, **judged}


@dataclass(frozen=True, kw_only=True)
class LinkQuality:
    """How good the links of the suspects are that the police delivered in a period, as known on a day.

    Attributes:
        period: by ``delivered_on``.
        as_of: the day whose knowledge is used.
        rules: every rule that links, in order.
        unlinked: suspects without a recognised registration.
        unlinked_verdicts: what persons found about those of them that were drawn.
        drawn_as_of: the days as known on which what counts here was drawn, ascending.
    """

    period: Period
    as_of: date
    rules: tuple[RuleQuality, ...]
    unlinked: int
    unlinked_verdicts: LinkVerdicts
    drawn_as_of: tuple[date, ...]

    @property
    def links(self) -> int:
        """Suspects that are linked, by whatever rule."""
        return sum(one.links for one in self.rules)

    @property
    def verdicts(self) -> LinkVerdicts:
        """What persons found about links, of all rules together."""
        return sum((one.verdicts for one in self.rules), start=LinkVerdicts())

    @property
    def false_links(self) -> Rate:
        """How many of all links are of two suspects, each rule weighted by its links."""
        return false_links_in_all([(one.links, one.verdicts) for one in self.rules])

    @property
    def missed_links(self) -> Rate:
        """Of how many suspects without a recognised registration the OM has one that is not linked to them."""
        return missed_links(self.unlinked_verdicts)

    @property
    def is_judged(self) -> bool:
        """Whether anything was judged."""
        return bool(self.verdicts.judged or self.unlinked_verdicts.judged)

    def to_json(self) -> JsonObject:
        """The quality as ``linkage --json`` prints it."""
        rests_on = {name: sum(one.rests_on[name] for one in self.rules) for name in RESTS_ON}
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "unit": "suspects",
            "rules": [one.to_json() for one in self.rules],
            "all": {
                "links": self.links,
                **rests_on,
                **self.verdicts.to_json(),
                "false_links": self.false_links.to_json(),
            },
            "unlinked": {
                "suspects": self.unlinked,
                **self.unlinked_verdicts.to_json(),
                "missed_links": self.missed_links.to_json(),
            },
            "confidence": 0.95,
            "drawn_as_of": [day.isoformat() for day in self.drawn_as_of],
        }


def quality_of(suspects: pl.DataFrame, judgements: pl.DataFrame, *, period: Period, as_of: date) -> LinkQuality:
    """How good links are.

    Args:
        suspects: those of the period, with their links (``links.suspects_with_links``).
        judgements: what was found last about each link or suspect that was drawn of this period, as known by this day
            (``schemas.link_judgement_frames.JUDGED_LINK``). One counts while the very link stands by the same rule, or
            the suspect still has no recognised registration.
        period: what the suspects are of.
        as_of: the day whose knowledge is used.
    """
    of_links = judgements.join(suspects, on=[*SUSPECT, "case_number", "rule"], how="semi")
    unlinked = may_be_drawn(suspects, None)
    of_unlinked = judgements.filter(pl.col("rule").is_null()).join(unlinked, on=SUSPECT, how="semi")
    rules = []
    for rule in LINK_RULES:
        made = may_be_drawn(suspects, rule)
        rests_on = dict(made.group_by("rests_on").len().iter_rows())
        rules.append(
            RuleQuality(
                rule=rule,
                links=made.height,
                rests_on={name: rests_on.get(name, 0) for name in RESTS_ON},
                verdicts=LinkVerdicts.of(of_links.filter(pl.col("rule") == rule)["judgement"]),
            )
        )
    return LinkQuality(
        period=period,
        as_of=as_of,
        rules=tuple(rules),
        unlinked=unlinked.height,
        unlinked_verdicts=LinkVerdicts.of(of_unlinked["judgement"]),
        drawn_as_of=tuple(sorted({*of_links["as_of"], *of_unlinked["as_of"]})),
    )
