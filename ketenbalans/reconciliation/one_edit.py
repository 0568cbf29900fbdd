"""Find the numbers that are at most one edit apart, without comparing all with all.

One edit is a character replaced, inserted or deleted, or two neighbours swapped. A dossier number has sixteen
characters without its dash. An edit among the first eight leaves the last eight as they are. Any other leaves the first
seven, and the two become equal by leaving out one of the characters after them on one side or on both. So only numbers
that share such a piece are compared, character by character.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.coded_state import dossier_number, unit_key

WRITTEN = 16
"""Characters of a dossier number without its dash; what is one edit apart has one more or one less at most."""

HEAD = 7
WIDTH = WRITTEN + 1
IN_THE_REST = WRITTEN - HEAD
"""Digits of a dossier number after its head."""

BEGINS_ALIKE = r"^PL[0-9]{2}[0-9A-Z]{2}[0-9]"
AT_ONCE = 250_000
"""How many pairs are compared at once: a thousand numbers of one series make a million pairs."""


class Numbers:
    """Dossier numbers as numbers (``schemas.coded_state.dossier_key``), with the pieces over which texts find them."""

    def __init__(self, dossiers: pl.Series) -> None:
        self.frame = pl.DataFrame({"dossier": dossiers}).with_row_index("number")

    @cached_property
    def pieces(self) -> list[pl.DataFrame]:
        """What each number shares with what is near: its tail, its rest, and its rest with one digit left out."""
        dossier = pl.col("dossier")
        head, rest = dossier // 10**IN_THE_REST, dossier % 10**IN_THE_REST
        less_one = [rest // 10 ** (place + 1) * 10**place + rest % 10**place for place in range(IN_THE_REST)]
        return [
            self.frame.select("number", piece=dossier % 10**8),
            self.frame.select("number", piece=dossier),
            pl.concat([self.frame.select("number", piece=head * 10**IN_THE_REST + piece) for piece in less_one]),
        ]


class Texts:
    """Texts in capitals, cleaned and without dashes, with their pieces; a text of another length is never near."""

    def __init__(self, typed: pl.Series) -> None:
        self.height = typed.len()
        texts = pl.DataFrame({"text": typed}).with_row_index("typed")
        self.frame = texts.filter(pl.col("text").str.len_bytes().is_between(WRITTEN - 1, WRITTEN + 1))

    @cached_property
    def pieces(self) -> list[pl.DataFrame]:
        """The same of the texts. What is not all digits is no piece of a dossier number."""
        text = pl.col("text")
        tails = self.frame.select("typed", piece=_digits(text.str.slice(-8)))
        begun = self.frame.filter(text.str.contains(BEGINS_ALIKE)).with_columns(
            head=(unit_key(text).cast(pl.Int64) * 10 + _digits(text.str.slice(HEAD - 1, 1))) * 10**IN_THE_REST,
            digits=text.str.len_bytes().cast(pl.Int32) - HEAD,
        )
        whole = begun.select("typed", "digits", piece=pl.col("head") + _digits(text.str.slice(HEAD)))
        less_one = [
            begun.select(
                "typed",
                pl.col("digits") - 1,
                piece=pl.col("head") + _digits(text.str.slice(HEAD, place) + text.str.slice(HEAD + place + 1)),
            )
            for place in range(WIDTH - HEAD)
        ]
        pieces = pl.concat([whole, *less_one]).filter(pl.col("piece").is_not_null())
        as_long = [pieces.filter(pl.col("digits") == length) for length in (IN_THE_REST, IN_THE_REST - 1)]
        return [tails.filter(pl.col("piece").is_not_null()), *(part.drop("digits") for part in as_long)]


def one_edit_apart(numbers: Numbers, texts: Texts) -> pl.DataFrame:
    """The places of the pairs that are at most one edit apart: ``number`` and ``typed``, each pair once."""
    if numbers.frame.is_empty() or texts.frame.is_empty():
        return pl.DataFrame(schema={"number": pl.UInt32, "typed": pl.UInt32})
    shared = [mine.join(theirs, on="piece") for mine, theirs in zip(numbers.pieces, texts.pieces, strict=True)]
    candidates = pl.concat([pairs.select("number", "typed") for pairs in shared]).unique()
    if candidates.is_empty():
        return candidates
    met = numbers.frame.join(candidates.select("number").unique(), on="number", how="semi")
    written = met.select("number", text=dossier_number(pl.col("dossier")).str.replace("-", "", literal=True))
    number, other = candidates["number"].to_numpy(), candidates["typed"].to_numpy()
    one, two = _characters(written, numbers.frame.height), _characters(texts.frame, texts.height)
    near = [
        _is_near(one[number[start : start + AT_ONCE]], two[other[start : start + AT_ONCE]])
        for start in range(0, len(number), AT_ONCE)
    ]
    is_near = np.concatenate(near)
    return pl.DataFrame({"number": number[is_near], "typed": other[is_near]})


def _digits(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False)


def _characters(frame: pl.DataFrame, height: int) -> npt.NDArray[np.uint8]:
    """A row of characters per place, padded at the end with zeros."""
    characters = np.zeros((height, WIDTH), dtype=np.uint8)
    texts = frame["text"].to_numpy().astype(f"S{WIDTH}")
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
