"""Whatever is done to entries that were signed, something does not fit; and nothing that was left alone does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.audit.chain import Beside, ChainCheck, ChainFinding, Misfit
from ketenbalans.audit.checkpoint import Checkpoint, InvalidCheckpoint, key_id_of
from ketenbalans.audit.content import Row, canonical, content_of, hash_of
from schemas.audit import AUDITED, NOTHING_BEFORE, AuditEntry

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
AT = datetime(2015, 3, 1, 12, tzinfo=UTC)
SIZE = 6


def row(number: int) -> Row:
    return {"decision_number": number, "verdict": "confirmed", "decided_by": f"desk-{number}", "note": None}


def chain(size: int = SIZE) -> list[AuditEntry]:
    made: list[AuditEntry] = []
    for number in range(1, size + 1):
        salt = bytes([number]) * 32
        content = canonical(content_of(row(number), AUDITED["decision"], salt)).decode()
        previous = made[-1].hash if made else NOTHING_BEFORE
        draft = AuditEntry(
            entry_number=number,
            kind="decision",
            subject=str(number),
            sealed_at=AT + timedelta(microseconds=number),
            salt=salt,
            content=content,
            previous=previous,
            hash="",
        )
        made.append(replace(draft, hash=hash_of(draft)))
    return made


def signed(entries: list[AuditEntry]) -> Checkpoint:
    return Checkpoint.signed(size=len(entries), root=entries[-1].hash, at=AT.isoformat(), key=KEY)


CHAIN = chain()


def checked(entries: list[AuditEntry]) -> ChainFinding | None:
    """What is found of entries that may have been tampered with; their rows were left alone."""
    check = ChainCheck(beside=Beside(entries=len(entries)), checkpoints=[signed(CHAIN)])
    return check.first_misfit((one, row(int(one.subject)) if one.subject.isdigit() else None) for one in entries)


def test_what_was_left_alone_fits() -> None:
    assert checked(CHAIN) is None
    assert checked(chain(SIZE + 3)) is None


CHANGES = {
    "kind": "balance",
    "subject": "3",
    "sealed_at": AT,
    "salt": bytes(32),
    "content": "{}",
    "previous": "f" * 64,
    "hash": "f" * 64,
    "entry_number": 99,
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("is_mended", [False, True])
@given(place=st.sampled_from([0, 1, 3, 4, 5]))
def test_any_field_of_any_entry(name: str, is_mended: bool, place: int) -> None:  # noqa: FBT001 (parametrized)
    other = replace(CHAIN[place], **{name: CHANGES[name]})  # type: ignore[arg-type]
    if is_mended and name != "hash":
        other = replace(other, hash=hash_of(other))
    found = checked([*CHAIN[:place], other, *CHAIN[place + 1 :]])
    assert found is not None
    assert found.entry_number is not None
    assert found.entry_number <= place + 1


@given(kept=st.lists(st.sampled_from(CHAIN), unique_by=lambda one: one.entry_number, max_size=SIZE))
def test_any_other_order_and_any_part(kept: list[AuditEntry]) -> None:
    assert (checked(kept) is None) == (kept == CHAIN)


@given(kept=st.lists(st.integers(1, SIZE), unique=True, max_size=SIZE))
def test_any_part_that_was_sealed_again_in_any_order(kept: list[int]) -> None:
    made: list[AuditEntry] = []
    for place, number in enumerate(kept, 1):
        previous = made[-1].hash if made else NOTHING_BEFORE
        other = replace(CHAIN[number - 1], entry_number=place, previous=previous)
        made.append(replace(other, hash=hash_of(other)))
    found = checked(made)
    assert (found is None) == (kept == list(range(1, SIZE + 1)))
    if found is not None:
        assert found.how in (Misfit.REMADE, Misfit.RESTORED)


def test_a_checkpoint_holds_for_its_own_key_and_its_own_words() -> None:
    checkpoint = signed(CHAIN)
    known = {key_id_of(one.public_key()): one.public_key() for one in (KEY, OTHER)}
    checkpoint.check(known)
    Checkpoint.parse(vars(checkpoint)).check(known)
    for changed in (
        replace(checkpoint, size=checkpoint.size - 1),
        replace(checkpoint, root=CHAIN[0].hash),
        replace(checkpoint, at=(AT + timedelta(days=1)).isoformat()),
        replace(checkpoint, key_id=key_id_of(OTHER.public_key())),
        replace(checkpoint, signature="not hex"),
    ):
        with pytest.raises(InvalidCheckpoint):
            changed.check(known)
    with pytest.raises(InvalidCheckpoint, match="not known here"):
        checkpoint.check({})


@pytest.mark.parametrize("wrong", [{}, {"size": "2"}, {"size": True}, {"size": -1}, {"size": 2, "root": 5}])
def test_what_is_no_checkpoint_says_why(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidCheckpoint):
        Checkpoint.parse(wrong)
