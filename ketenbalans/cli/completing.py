"""What the shell offers after a tab, for the options and arguments that take a word that is known beforehand.

A vocabulary is offered whole. What is stored (ids, units, owners) is read from the warehouse when one answers; without
one nothing is offered and nothing is printed: a shell that waits for a completion is no place for an error.
"""

from collections.abc import Callable, Iterable
from typing import Any

OFFERED_AT_MOST = 200
"""More than a person reads; shells ask before they show more."""


def states() -> list[str]:
    """The states of a break."""
    from schemas.breaks import BreakState

    return list(map(str, BreakState))


def causes() -> list[str]:
    """The causes of a break, of either side."""
    from schemas.causes import Cause, OmOnlyCause

    return sorted({*map(str, Cause), *map(str, OmOnlyCause)})


def reasons() -> list[str]:
    """The reasons why a message is a dead letter."""
    from schemas.wire.refusals import Reason

    return list(map(str, Reason))


def letter_states() -> list[str]:
    """The states of a dead letter, and all."""
    from schemas.dead_letters import LetterState

    return [*map(str, LetterState), "all"]


def sources() -> list[str]:
    """The sources, as ``ingest`` and the filters take them."""
    from schemas.catalogue import sources as declared

    return list(declared())


def extracts_of() -> list[str]:
    """The words for whose extracts are published."""
    from schemas.catalogue import sources as declared

    return [source.command for source in declared().values() if source.command is not None]


def scenarios() -> list[str]:
    """The scenarios."""
    from ketenbalans.scenarios.registry import SCENARIOS

    return list(SCENARIOS)


def figure_ids() -> list[str]:
    """The published figures."""
    from ketenbalans.jobs.figures.published import published_figures

    return [figure.figure_id for figure in published_figures()]


def break_ids() -> list[str]:
    """The breaks that wait for somebody, the oldest due first."""
    return _of_the_work_list("break_id")


def units() -> list[str]:
    """The units of the breaks that wait for somebody."""
    return _of_the_work_list("unit")


def owners() -> list[str]:
    """Who owns a break that waits."""
    return _of_the_work_list("owner")


def alert_ids() -> list[str]:
    """The alerts that stand."""
    from ketenbalans.jobs.watching.alerts import list_alerts

    return _stored(lambda engine: [one.alert_id for one in list_alerts(engine, also_resolved=False)])


def figure_sets() -> list[str]:
    """The figure sets that were prepared, by their first digits."""
    from ketenbalans.jobs.signoff.reading import list_signoffs

    return _stored(lambda engine: [one.short_id for one in list_signoffs(engine)])


def letter_ids() -> list[str]:
    """The dead letters that wait."""
    from ketenbalans.jobs.loading.dead_letters import list_letters
    from schemas.dead_letters import LetterState

    return _stored(
        lambda engine: [
            str(one.dead_letter_id) for one in list_letters(engine, source=None, reason=None, state=LetterState.WAITING)
        ]
    )


def incident_ids() -> list[str]:
    """The incidents that run."""
    from ketenbalans.jobs.loading.resuming import list_incidents

    return _stored(lambda engine: [str(one.incident_id) for one in list_incidents(engine, also_over=False)])


def release_ids() -> list[str]:
    """The releases that were made, the newest first."""
    from ketenbalans.jobs.release.reading import list_releases

    return _stored(lambda engine: [one.release.release_id for one in reversed(list_releases(engine))])


def _of_the_work_list(column: str) -> list[str]:
    from ketenbalans.jobs.breaks.work_list import BreakQuestion, list_breaks
    from ketenbalans.settings import Settings

    def read(engine: Any) -> Iterable[str]:
        question = BreakQuestion(only_waiting=True, order="due")
        found = list_breaks(engine, question, policy=Settings().read_policy())
        return [] if found is None else found.rows[column].drop_nulls().unique(maintain_order=True)

    return _stored(read)


def _stored(read: Callable[[Any], Iterable[str]]) -> list[str]:
    from ketenbalans.jobs.servers.warehouse import warehouse_from
    from ketenbalans.settings import Settings

    try:
        with warehouse_from(Settings()) as engine:
            return list(read(engine))[:OFFERED_AT_MOST]
    except Exception:  # noqa: BLE001 (see above)
        return []
