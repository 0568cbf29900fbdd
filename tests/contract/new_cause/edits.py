"""What somebody writes who adds a field, a cause and an alert rule: per file, the texts and where they go."""

FIELD = """        Field(
            name="sent_back_on",
            column="datum_teruggezonden",
            kind=Kind.DATE,
            required=False,
            added_later=True,
            in_causes=True,
            meaning="day on which the OM sent the file back to the police; null when it did not",
        ),
"""

CAUSE = """    SENT_BACK = CauseRecord(
        name="sent_back",
        label_nl="teruggestuurd",
        meaning="The registration lapsed because the OM sent the file back.",
        meaning_nl="De inschrijving is vervallen omdat het OM het dossier heeft teruggestuurd.",
        state=BreakState.OPEN,
        resolved_when="The police deliver the file again and the OM registers it in time.",
    )
"""

CAUSE_ON_THE_PAGE = """### 2. `sent_back` (teruggestuurd)

The suspect is linked, the registration lapsed, and the OM says on which day it sent the file back.

- **State:** `open`.
- **To do:** the unit mends the file and delivers it again.
- **Golden case:** [`sent_back`](../tests/golden/sent_back/).

"""

ALERT_RULE = """    FILES_SENT_BACK = AlertRuleRecord(
        name="files_sent_back",
        label_nl="dossiers teruggestuurd",
        meaning="The OM sent files back to the police.",
        severity=Severity.CRITICAL,
        remedy="`ketenbalans breaks --period PERIOD --cause sent_back` lists them. Ask the unit to deliver them again.",
    )
"""

ALERT_FINDS = '''

def sent_back(facts: Facts, _policy: AlertPolicy) -> Iterator[Finding]:
    """Files of a year that the OM sent back."""
    for one in facts.new_breaks:
        if one.cause == "sent_back":
            yield Finding(
                rule=AlertRule.FILES_SENT_BACK, subject=str(one.year), says=f"{one.breaks} files came back", mark="x"
            )
'''

ALERT_ON_THE_PAGE = """
### files-sent-back

The OM sent files back to the police. **Do:** `ketenbalans breaks --period YEAR --cause sent_back`; ask the unit.
"""

BEFORE: dict[str, list[tuple[str, str]]] = {
    "schemas/sources/om_registrations.py": [('        Field(\n            name="recorded_at",', FIELD)],
    "schemas/causes.py": [("    LAPSED = CauseRecord(", CAUSE)],
    "ketenbalans/reconciliation/explain.py": [
        (
            "        (has_ended, Cause.LAPSED),",
            '        (has_ended & is_filled("sent_back_on"), Cause.SENT_BACK),\n',
        )
    ],
    "docs/counting-rules.md": [("### 2. `lapsed` (vervallen)", CAUSE_ON_THE_PAGE)],
    "schemas/alerts.py": [("\n\nclass AlertStep(", ALERT_RULE)],
    "ketenbalans/alerts/rules.py": [("    rules_balance.unexplained,", "    rules_breaks.sent_back,\n")],
    "ketenbalans/alerts/rules_breaks.py": [("\n\ndef past_due(", ALERT_FINDS)],
    "docs/runbooks/alerts.md": [("\n### unexplained", ALERT_ON_THE_PAGE)],
}
"""Each text goes before another one that stands in the file once."""
