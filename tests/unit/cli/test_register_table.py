"""Published figures on a narrow terminal: no word is broken, no column is lost."""

from datetime import date
from io import StringIO

import pytest

import ketenbalans.cli.tables.register
from ketenbalans.cli.output import THEME, Terminal
from ketenbalans.cli.tables.register import print_verified
from ketenbalans.figures.measures import MEASURES
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.jobs.figures.verify import Verdict, Verified


def every_figure_as_published() -> list[Verified]:
    found = []
    for figure in published_figures():
        derivation = MEASURES[figure.measure].derivation_of(figure.category)
        if derivation is not None:
            of, day = derivation.counted_from, date(2015, 1, 31)
            found.append(Verified(figure=figure, verdict=Verdict.AGREES, ours=figure.value, as_of=day, counted_from=of))
    return found


@pytest.mark.parametrize("width", [80, 120])
def test_what_is_verified_fits_whole_words_into_a_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Terminal(theme=THEME, highlight=False, width=width, file=StringIO())
    monkeypatch.setattr(ketenbalans.cli.tables.register, "answers", console)
    verified = every_figure_as_published()
    with console.capture() as answer:
        print_verified(verified)
    text = answer.get()
    assert max(map(len, text.splitlines())) <= width
    words = set(text.replace("(", " ").replace(")", " ").split())
    for one in verified:
        expected = {*one.figure.measure.split("_"), one.figure.figure_id, str(one.figure.value)}
        assert expected <= words, one.figure.figure_id
        assert f"From {one.counted_from}\n" in text
    assert f"{len(verified)} agrees, 0 differs" in text
