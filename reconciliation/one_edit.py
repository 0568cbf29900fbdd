"""Find the numbers that are at most one edit apart, without comparing all with all.

One edit is a character replaced, inserted or deleted, or two neighbours swapped. A dossier number has sixteen
characters without its dash. An edit among the first eight leaves the last eight as they are. Any other leaves the first
seven, and the two become equal by leaving out one of the characters after them on one side or on both. So only numbers
that share such a piece are compared, character by character.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

WRITTEN = 16
"""Characters of a dossier number without its dash; what is one edit apart has one more or one less at most."""

HEAD, TAIL = 7, 8
WIDTH = WRITTEN + 1
AT_ONCE = 250_000
"""How many pairs are compared at once: a thousand numbers of one series make a million pairs."""


def one_edit_apart(numbers: pl.Series, typed: pl.Series) -> pl.DataFrame:
    """The places of the pairs that are at most one edit apart.

    Args:
        numbers: dossier numbers without their dash.
        typed: any texts, in capitals and cleaned; null is never near.

    Returns:
        ``number`` and ``typed``, the places in the two columns; each pair once.
    """
    left = pl.DataFrame({"number": numbers}).with_row_index("place")
    right = pl.DataFrame({"number": typed}).with_row_index("typed_place")
    right = right.filter(pl.col("number").str.len_bytes().is_between(WRITTEN - 1, WRITTEN + 1))
    if left.is_empty() or right.is_empty():
        return pl.DataFrame(schema={"number": pl.UInt32, "typed": pl.UInt32})
    shared = [_tail(left).join(_tail(right), on="piece"), _pieces(left).join(_pieces(right), on="piece")]
    candidates = pl.concat([pairs.select("place", "typed_place") for pairs in shared]).unique()
    number, other = candidates["place"].to_numpy(), candidates["typed_place"].to_numpy()
    one, two = _characters(left, numbers.len()), _characters(right, typed.len())
    near = [
        _is_near(one[number[start : start + AT_ONCE]], two[other[start : start + AT_ONCE]])
        for start in range(0, len(number), AT_ONCE)
    ]
    is_near = np.concatenate(near) if near else np.zeros(0, dtype=bool)
    return pl.DataFrame({"number": number[is_near], "typed": other[is_near]})


def _tail(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(piece=pl.col("number").str.slice(-TAIL).hash())


def _pieces(frame: pl.DataFrame) -> pl.DataFrame:
    """Each text as it is and with each one of the characters after its head left out, as hashes: equal texts meet."""
    text = pl.col("number")
    left_out = [text.str.slice(0, place) + text.str.slice(place + 1) for place in range(HEAD, WIDTH)]
    return pl.concat([frame.with_columns(piece=piece.hash()) for piece in (text, *left_out)])


def _characters(frame: pl.DataFrame, height: int) -> npt.NDArray[np.uint8]:
    """A row of characters per place, padded at the end with zeros."""
    characters = np.zeros((height, WIDTH), dtype=np.uint8)
    texts = frame["number"].to_numpy().astype(f"S{WIDTH}")
    characters[frame[:, 0].to_numpy()] = texts.view(np.uint8).reshape(-1, WIDTH)
    return characters


def _is_near(one: npt.NDArray[np.uint8], two: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Whether what two texts share at the front and at the back leaves at most one edit between."""
    longer, shorter = np.maximum(_length(one), _length(two)), np.minimum(_length(one), _length(two))
    front = np.minimum(_shared(one == two), shorter)
    back = np.minimum(_shared(_from_the_back(one) == _from_the_back(two)), shorter)
    rows, at = np.arange(len(one)), np.minimum(front, WIDTH - 2)
    is_swapped = (one[rows, at] == two[rows, at + 1]) & (one[rows, at + 1] == two[rows, at])
    is_one_more = (longer == shorter + 1) & (front + back >= shorter)
    return np.asarray(
        is_one_more
        | ((longer == shorter) & ((front + back >= shorter - 1) | ((front + back == shorter - 2) & is_swapped)))
    )


def _length(texts: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    return np.asarray((texts != 0).sum(axis=1))


def _shared(equal: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many characters are equal before the first that is not."""
    return np.asarray(np.where(equal.all(axis=1), WIDTH, np.argmin(equal, axis=1)))


def _from_the_back(texts: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each text's characters in reverse, the last one first."""
    places = (_length(texts)[:, None] - 1 - np.arange(WIDTH)) % WIDTH
    return np.asarray(np.take_along_axis(texts, places, axis=1))
