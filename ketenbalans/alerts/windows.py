"""The days that an alert about something unusual names, so that an ordinary month later hides none of them.

An alert goes on while any window that it named is out of its band; it is over when the last one is ordinary, as after
the rest of an extract came or records were mended.
"""

from collections.abc import Sequence
from dataclasses import replace

from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import Alert
from schemas.period import Period

ALSO = "also_in"
"""The evidence that names the windows before the newest one."""


def windows_of(alert: Alert) -> list[Period]:
    """The windows that an alert names, the newest first; none of an alert about now."""
    if alert.period is None:
        return []
    also = str(alert.evidence.get(ALSO, ""))
    return [alert.period, *(Period.parse(text) for text in also.split(", ") if text)]


def of_windows(found: Sequence[Finding]) -> Finding:
    """What was found of one subject in one or more windows, as one finding: that of the newest, which names the others.

    Of windows that overlap the newest one counts.
    """
    newest, *earlier = sorted(found, key=lambda one: one.period.end if one.period else None, reverse=True)  # type: ignore[arg-type, return-value]
    windows = [newest.period]
    for one in earlier:
        if one.period is not None and all(kept is None or not overlap(kept, one.period) for kept in windows):
            windows.append(one.period)
    if len(windows) == 1:
        return newest
    named = ", ".join(f"{window.start}/{window.end}" for window in windows[1:] if window is not None)
    return replace(
        newest,
        says=f"{newest.says}; out of band as before: {named}",
        evidence={**newest.evidence, ALSO: named},
    )


def overlap(one: Period, other: Period) -> bool:
    """Whether two periods have a day in common."""
    return one.start <= other.end and other.start <= one.end
