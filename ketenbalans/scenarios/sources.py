"""The sources of the chain as a scenario writes them: what each table is called, and the file that its rows go into."""

from dataclasses import dataclass

POLICE, OM, KMAR, HOTLINE = "police_deliveries", "om_registrations", "kmar_deliveries", "hotline_reports"
INTERVENTIONS, INVESTIGATIONS, AGGREGATES = "interventions", "investigations", "aggregates"


@dataclass(frozen=True)
class ExtractForm:
    """How a source hands over its rows.

    Attributes:
        stem: what the file's name begins with; the covered day follows.
        suffix: ``csv``, or ``jsonl`` for a source that is in JSON Lines.
        repeated: how many rows of the extract before each one repeats, as real extracts do.
    """

    stem: str
    suffix: str = "csv"
    repeated: int = 25


EXTRACTS = {
    POLICE: ExtractForm("police"),
    OM: ExtractForm("om"),
    KMAR: ExtractForm("kmar", repeated=2),
    HOTLINE: ExtractForm("hotline", suffix="jsonl", repeated=5),
    INTERVENTIONS: ExtractForm("interventions"),
    INVESTIGATIONS: ExtractForm("investigations"),
    AGGREGATES: ExtractForm("aggregates", repeated=2),
}
"""Every source by the name of its table, in the order in which a set writes them."""
