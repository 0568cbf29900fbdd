"""Find the numbers that are at most one edit apart, without comparing all with all.

One edit is a character replaced, inserted or deleted, or two neighbours swapped. A dossier number has sixteen
characters without its dash. An edit among the first eight leaves the last eight as they are. Any other leaves the first
seven, and the two become equal by leaving out one of the characters after them on one side or on both. So only numbers
that share such a piece are compared, character by character.
"""

from itertools import permutations

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.coded_state import dossier_number, unit_key

WRITTEN = 16
"""Characters of a dossier number without its dash; what is one edit apart has one more or one less at most."""

HEAD, TAIL = 7, 8
WIDTH = WRITTEN + 1
IN_THE_REST = WRITTEN - HEAD
"""Digits of a dossier number after its head."""

BEGINS_ALIKE = r"^PL[0-9]{2}[0-9A-Z]{2}[0-9]"
MANY_TIMES = 8
AT_ONCE = 250_000
"""How many pairs are compared at once: a thousand numbers of one series make a million pairs."""


class Numbers:
    """Dossier numbers as numbers (``schemas.coded_state.dossier_key``), with the pieces over which texts find them."""

    def __init__(self, dossiers: pl.Series) -> None:
        dossier = pl.col("dossier")
        self.frame = pl.DataFrame({"dossier": dossiers}).with_row_index("number")
        self.frame = self.frame.with_columns(tail=dossier % 10**TAIL, head=dossier // 10**IN_THE_REST)
        self.height = self.frame.height

    def pieces(self, frame: pl.DataFrame) -> list[pl.DataFrame]:
        """What some of the numbers share with what is near: tail, head and rest, and these with one digit left out."""
        rest = pl.col("dossier") % 10**IN_THE_REST
        less_one = [rest // 10 ** (place + 1) * 10**place + rest % 10**place for place in range(IN_THE_REST)]
        begun = pl.col("head") * 10**IN_THE_REST
        return [
            frame.select("number", piece="tail"),
            frame.select("number", piece="dossier"),
            pl.concat([frame.select("number", piece=begun + piece) for piece in less_one]),
        ]


class Texts:
    """Texts in capitals, cleaned and without dashes, with their pieces; a text of another length is never near.

    What is not all digits is no piece of a dossier number.
    """

    def __init__(self, typed: pl.Series) -> None:
        self.height, text = typed.len(), pl.col("text")
        texts = pl.DataFrame({"text": typed}).with_row_index("typed")
        head = unit_key(text).cast(pl.Int64) * 10 + _digits(text.str.slice(HEAD - 1, 1))
        self.frame = texts.filter(text.str.len_bytes().is_between(WRITTEN - 1, WRITTEN + 1)).with_columns(
            tail=_digits(text.str.slice(-TAIL)), head=pl.when(text.str.contains(BEGINS_ALIKE)).then(head)
        )

    def pieces(self, frame: pl.DataFrame) -> list[pl.DataFrame]:
        """The same of some of the texts."""
        text = pl.col("text")
        begun = frame.filter(pl.col("head").is_not_null()).with_columns(
            begun=pl.col("head") * 10**IN_THE_REST, digits=text.str.len_bytes().cast(pl.Int32) - HEAD
        )
        whole = begun.select("typed", "digits", piece=pl.col("begun") + _digits(text.str.slice(HEAD)))
        less_one = [
            begun.select(
                "typed",
                pl.col("digits") - 1,
                piece=pl.col("begun") + _digits(text.str.slice(HEAD, place) + text.str.slice(HEAD + place + 1)),
            )
            for place in range(WIDTH - HEAD)
        ]
        pieces = pl.concat([whole, *less_one]).filter(pl.col("piece").is_not_null())
        as_long = [pieces.filter(pl.col("digits") == length) for length in (IN_THE_REST, IN_THE_REST - 1)]
        tails = frame.select("typed", piece="tail").filter(pl.col("piece").is_not_null())
        return [tails, *(part.drop("digits") for part in as_long)]


def _that_may_meet(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows that share a tail or a head with one of another frame, where that has far fewer: others are not near."""
    if frame.height < MANY_TIMES * other.height:
        return frame
    shares = [pl.col(name).is_in(other[name].drop_nulls().unique().implode()) for name in ("tail", "head")]
    return frame.filter(pl.any_horizontal(shares))


def one_edit_apart(numbers: Numbers, texts: Texts) -> pl.DataFrame:
    """The places of the pairs that are at most one edit apart: ``number`` and ``typed``, each pair once."""
    if numbers.frame.is_empty() or texts.frame.is_empty():
        return pl.DataFrame(schema={"number": pl.UInt32, "typed": pl.UInt32})
    found, typed = (_that_may_meet(one, other) for one, other in permutations((numbers.frame, texts.frame)))
    pieces = zip(numbers.pieces(found), texts.pieces(typed), strict=True)
    shared = [mine.join(theirs, on="piece") for mine, theirs in pieces]
    candidates = pl.concat([pairs.select("number", "typed") for pairs in shared]).unique()
    if candidates.is_empty():
        return candidates
    met = numbers.frame.join(candidates.select("number").unique(), on="number", how="semi")
    written = met.select("number", text=dossier_number(pl.col("dossier")).str.replace("-", "", literal=True))
    number, other = candidates["number"].to_numpy(), candidates["typed"].to_numpy()
    one, two = _characters(written, numbers.height), _characters(texts.frame, texts.height)
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
