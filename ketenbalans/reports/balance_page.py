"""One page per period: the newest balance as a bridge, each earlier as-of date beside it, and the units below.

Self-contained HTML without network or script. Counts only, no identifiers. Deterministic: the same balances give the
same bytes.
"""

from collections.abc import Sequence

from ketenbalans.reports.bridge_lines import Weight, bridge_lines
from ketenbalans.reports.page_templates import TEMPLATES
from schemas.answer import ShownBalance


def render_balance_page(balances: Sequence[ShownBalance]) -> str:
    """Render the balances of one period, oldest as-of date first; the newest one is the page's subject.

    Args:
        balances: stored balances of one period, at least one.
    """
    newest = balances[-1]
    lines = [
        (line, [line.value_in(balance) for balance in balances])
        for line in bridge_lines()
        if line.weight is Weight.FIGURE or any(line.value_in(balance) for balance in balances)
    ]
    causes = [cause for cause in newest.causes if any(unit.causes[cause] for unit in newest.by_unit)]
    return TEMPLATES.get_template("balance.html.j2").render(
        balance=newest,
        balances=balances,
        lines=lines,
        unit_causes=causes,
        period=str(newest.period).replace("/", " to "),
    )
