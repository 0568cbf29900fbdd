"""A key goes to the partition to which kafka-python itself would send it."""

from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import murmur2

from ketenbalans.broker.partitions import partitions_of


@given(st.lists(st.binary(max_size=40), max_size=20), st.sets(st.integers(0, 50), min_size=1, max_size=12))
def test_as_the_client_chooses(keys: list[bytes], partitions: set[int]) -> None:
    known = sorted(partitions)
    assert partitions_of(keys, known) == [known[(murmur2(key) & 0x7FFFFFFF) % len(known)] for key in keys]
