"""What to do about an alert: one remedy per rule, and the page that says more."""

from schemas.alerts import AlertRule

BALANCE_PAGE = "ketenbalans/"
"""The page behind "Balance", in Airflow's own address: where everything stands."""

PAGE = "docs/runbooks/alerts.md"
"""The runbook, in the project; a test holds it and ``REMEDY`` against the rules."""

REMEDY: dict[AlertRule, str] = {
    AlertRule.INCIDENT: "Read the message: it names the remedy. Nothing was moved and nothing is lost; the other "
    "sources go on. `ketenbalans incidents` lists it, `ketenbalans incidents resume NUMBER` lets the source go on, and "
    "docs/runbooks/incidents.md has a section for each kind.",
    AlertRule.BALANCE: "A defect of the rules, never of the data: nothing was stored and the last balance stands. Keep "
    "the log of the task `balance` and report it.",
    AlertRule.CHAIN_KEY: "Let the source publish the same extracts again with the right KETENBALANS_CHAIN_KEY: it "
    "ends by itself. Until then nothing is balanced and nothing more of the source is loaded; `ketenbalans incidents "
    "resume NUMBER` goes on as it is.",
    AlertRule.PART_DOWN: "`ketenbalans status` says what answers, `ketenbalans up` starts what does not; a server of "
    "your own is started where it runs. Nothing is lost: each source goes on by itself where it stopped, and this ends "
    "by itself.",
    AlertRule.SOURCE_SILENT: "Ask the source where its extract is. One that holds nothing new is an extract too: it "
    "covers a day.",
    AlertRule.DEAD_LETTERS: "`ketenbalans deadletters list --source SUBJECT` has place, reason and rule of each. After "
    "a fix redrive them (`deadletters redrive`); of what is no event ask the sender, then discard it with a note "
    "(`deadletters discard`). The alert ends when none waits any more.",
    AlertRule.QUALITY: "The log of the task `check` in the DAG `quality` names the expectation and the number of rows. "
    "Ask the source for a correction; its next extract mends it.",
    AlertRule.VOLUME: "Ask the source whether its extract is whole, or what happened. Half an extract: let it publish "
    "the whole one; what is loaded already changes nothing. It ends when these days are ordinary; what stays unusual "
    "is ended by you, with a note (`ketenbalans alerts resolve ID --note '...'`).",
    AlertRule.DRIFT: "Ask the source what changed: a code, a form, a supplier. One that was not meant is mended by "
    "corrected rows; one that was meant is ended by you, with a note (`ketenbalans alerts resolve ID --note '...'`).",
    AlertRule.UNIT_SILENT: "Ask the unit, or whoever makes the extract, why its files are not there. Until then the "
    "unit's figures are too low. It ends when the unit tells something new; of one that is no more it is ended by you, "
    "with a note (`ketenbalans alerts resolve ID --note '...'`).",
    AlertRule.EXTRACT_REPEATED: "When it claims to cover days that nothing told of: ask for their extract; it ends "
    "when their rows have come. Otherwise nothing is to be done, and the next extract ends this alert.",
    AlertRule.UNEXPLAINED: "`ketenbalans breaks --period PERIOD --cause missing` lists them. Look each up at both "
    "sides, then confirm a pair, or take the break with an owner and a note.",
    AlertRule.GAP_OF_UNIT: "`ketenbalans breaks list --unit SUBJECT` says by cause why. Ask the unit about what they "
    "have in common.",
    AlertRule.REPORTED_CHANGED: "`ketenbalans restate` says suspect by suspect why. Decide whether those who were "
    "told the old figure are told the new one; a new report ends this alert.",
    AlertRule.PUBLISHED_DIFFERS: "`ketenbalans verify` shows both side by side, `ketenbalans restate` which suspects "
    "moved and why. Decide who has to hear it; it ends with the first nightly check that finds all figures again.",
    AlertRule.PAST_DUE: "`ketenbalans breaks --period PERIOD --state open` lists all that are open. Take each with an "
    "owner and a note, or confirm or reject its pair.",
    AlertRule.BREAK_FLOOD: "`ketenbalans breaks --period PERIOD --cause CAUSE` lists them. So many at once have one "
    "reason: look at three of them at both sides, and ask the source that changed. Mended there, they resolve by "
    "themselves; once you know the reason, end this alert with a note (`ketenbalans alerts resolve ID --note '...'`).",
}


def remedy_of(rule: AlertRule, subject: str) -> str:
    """What to do about an alert: the remedy of its rule, with what it is about in the commands."""
    period, _, rest = subject.partition("/")
    cause = rest.partition("/")[0]
    alert_id = f"{rule.value}:{subject}"
    words = {"SUBJECT": subject, "PERIOD": period, "CAUSE": cause, "resolve ID": f"resolve {alert_id}"}
    remedy = REMEDY[rule]
    for placeholder, word in words.items():
        remedy = remedy.replace(placeholder, word)
    return remedy


def place_in_the_runbook(rule: AlertRule) -> str:
    """Where the runbook speaks of a rule."""
    return f"{PAGE}#{rule.value.replace('_', '-')}"


def runbook_of(rule: AlertRule, docs: str | None) -> str:
    """The address of the runbook's section about a rule; its file and section when no address is known."""
    page, _, section = place_in_the_runbook(rule).partition("#")
    return f"{docs.rstrip('/')}/{page}#{section}" if docs else f"{page}, section {section}"
