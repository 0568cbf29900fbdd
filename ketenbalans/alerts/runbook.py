"""What to do about an alert: the remedy of its rule for its subject, and the page that says more."""

from schemas.alerts import AlertRule

BALANCE_PAGE = "ketenbalans/"
"""The page behind "Balance", in Airflow's own address: where everything stands."""

PAGE = "docs/runbooks/alerts.md"
"""The runbook, in the project; a test holds it against the rules."""


def remedy_of(rule: AlertRule, subject: str) -> str:
    """What to do about an alert: the remedy of its rule, with what it is about in the commands."""
    period, _, rest = subject.partition("/")
    cause = rest.partition("/")[0]
    alert_id = f"{rule.value}:{subject}"
    words = {"SUBJECT": subject, "PERIOD": period, "CAUSE": cause, "resolve ID": f"resolve {alert_id}"}
    words["FIGURE_SET"] = subject.rpartition("/")[2]
    remedy = rule.record.remedy
    for placeholder, word in words.items():
        remedy = remedy.replace(placeholder, word)
    return remedy


def place_in_the_runbook(rule: AlertRule) -> str:
    """Where the runbook describes a rule."""
    return f"{PAGE}#{rule.record.section}"


def runbook_of(rule: AlertRule, docs: str | None) -> str:
    """The address of the runbook's section about a rule; its file and section when no address is known."""
    page, _, section = place_in_the_runbook(rule).partition("#")
    return f"{docs.rstrip('/')}/{page}#{section}" if docs else f"{page}, section {section}"
