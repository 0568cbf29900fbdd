"""Twenty of each kind of tampering are found and named, and many who write at once make one chain."""

from collections import Counter

import pytest

from ketenbalans.jobs.audit.verify import verify_chain
from tests.faults.fault_stack import FaultStack
from tests.integration.audit.a_chain import EACH_KIND, write_at_once
from tests.integration.audit.tampering import TAMPERS, after, fill_and_sign

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

OF_EACH = 20
ROUNDS = 6


def test_twenty_of_each_kind_are_found_and_named(stack: FaultStack, summary: list[str]) -> None:
    engine = stack.new_warehouse()
    signed = fill_and_sign(engine, rounds=ROUNDS)
    found: Counter[str] = Counter()
    for kind, (tamper, how) in TAMPERS.items():
        for number in range(1, OF_EACH + 1):
            result, expected = after(engine, signed, tamper, number)
            assert result.finding is not None, f"{kind} at {number}"
            assert (result.finding.how, result.finding.entry_number) == (how, expected), f"{kind} at {number}"
            found[kind] += 1
    result = verify_chain(engine, signed)
    assert (result.finding, result.entries) == (None, ROUNDS * len(EACH_KIND))
    assert set(found.values()) == {OF_EACH}
    summary.append(f"tampering found and named: {', '.join(f'{kind} {number}' for kind, number in found.items())}")


def test_ten_thousand_entries_by_eight_at_once_fit(stack: FaultStack, summary: list[str]) -> None:
    engine = stack.new_warehouse()
    write_at_once(engine, connections=8, rows=1_250)
    result = verify_chain(engine, [])
    assert (result.finding, result.entries) == (None, 10_000)
    summary.append("10,000 audit entries by 8 connections at once: one chain, and all of it fits")
