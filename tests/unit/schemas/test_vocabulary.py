"""Closed lists: a word that is not in one is reported with those that are."""

import pytest

from schemas.vocabulary import Team, UnknownWord


def test_a_word_is_found_by_its_value() -> None:
    assert Team.of("ZEDEN") is Team.ZEDEN


@pytest.mark.parametrize("word", ["nope", "", "zeden"])
def test_a_word_that_is_not_there_is_reported_with_those_that_are(word: str) -> None:
    with pytest.raises(UnknownWord, match="no word of Team; it has TBKK, ZEDEN"):
        Team.of(word)
