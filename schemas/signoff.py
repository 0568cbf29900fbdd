"""Sign-off: what persons do with a figure set, what becomes of it, and the number that a person chose (ADR 0056)."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.json_object import JsonObject, fields_to_json
from schemas.policy import InvalidPolicy
from schemas.vocabulary import Vocabulary


class SignoffAct(Vocabulary):
    """What a person did with a figure set."""

    PREPARED = "prepared", "voorbereid", "A person put their handle to it and asks another one to approve."
    APPROVED = "approved", "goedgekeurd", "Another person approved it."
    WITHDRAWN = "withdrawn", "ingetrokken", "A person took it back; it is signed no more."


class SignoffState(Vocabulary):
    """Where a figure set stands: what persons did last, or what came in since."""

    PREPARED = "prepared", "voorbereid", "One person signed; another has to approve."
    APPROVED = "approved", "goedgekeurd", "Two persons signed, and the same question still has the same answer."
    WITHDRAWN = "withdrawn", "ingetrokken", "A person took it back."
    VOID = "void", "vervallen", "The same question now has another answer: something recorded by that day came later."
    SUPERSEDED = "superseded", "achterhaald", "On a later day a figure is another, by more than was agreed."


class SignoffPolicy(BaseModel):
    """When signed figures are superseded.

    Attributes:
        later_day_may_move: a later day may move a figure by so many before it supersedes what was signed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    later_day_may_move: int = Field(ge=0, le=10_000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ``[signoff]`` table of a policy file.

        Raises:
            InvalidPolicy: the text is no TOML, or a number is missing, unknown or out of range; the message names it.
        """
        try:
            return cls.model_validate(tomllib.loads(text).get("signoff", {}))
        except tomllib.TOMLDecodeError as error:
            message = f"the policy is not valid TOML: {error}"
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
            message = f"[signoff] {'; '.join(wrong)}"
        raise InvalidPolicy(message) from None


@dataclass(frozen=True, kw_only=True)
class SignoffStep:
    """One act, as it is kept.

    Attributes:
        act_number: its place in the order of all.
        act: a ``SignoffAct``.
        by: the handle of who acted.
        at: when, by the clock of the warehouse.
        note: what was said; None: nothing.
    """

    act_number: int
    act: SignoffAct
    by: str
    at: datetime
    note: str | None

    def to_json(self) -> JsonObject:
        """One of ``acts``, as ``signoff --json`` prints it."""
        return fields_to_json(self)
