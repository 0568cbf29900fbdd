"""What a rule found: the subject, what it says in one sentence, the evidence."""

from dataclasses import dataclass, field

from schemas.alerts import AlertRule, Evidence, Severity
from schemas.period import Period


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule that holds for one subject.

    Attributes:
        rule: which rule.
        subject: what it is about: a source, ``source.column``, a unit, a year.
        says: what was found, in one sentence with the numbers; never a value of a record.
        evidence: the numbers that it rests on, by name.
        mark: what it rests on in short: after a person resolved an alert, only another mark raises it again.
        period: the days that it is about; None: it is about now.
        amount: how much of it there is, in the unit of its rule; more is worse. None: it has no more and no less.
        other_severity: how soon somebody has to look, where that is not as the rule declares; None: it is.
        held_back_reasons: the ids of the alerts of which it is a consequence (``alerts.rules.IS_THE_REASON_OF``).
    """

    rule: AlertRule
    subject: str
    says: str
    evidence: Evidence = field(default_factory=dict)
    mark: str
    period: Period | None = None
    amount: float | None = None
    other_severity: Severity | None = None
    held_back_reasons: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How soon somebody has to look."""
        return self.other_severity or self.rule.record.severity

    @property
    def alert_id(self) -> str:
        """The id of the alert that this raises, or that goes on."""
        return f"{self.rule.value}:{self.subject}"
