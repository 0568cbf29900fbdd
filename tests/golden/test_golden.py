"""Each golden case gives what a domain expert expects of it, by the product and by the reference."""

import pytest

from tests.reference.golden import as_expected, case_names, expected_of, world_of
from tests.reference.product import by_the_product, by_the_reference
from tests.reference.section2 import normalised


@pytest.mark.parametrize("name", case_names())
def test_the_product_gives_what_is_expected(name: str) -> None:
    assert as_expected(by_the_product(world_of(name))) == expected_of(name)


@pytest.mark.parametrize("name", case_names())
def test_the_reference_gives_what_is_expected(name: str) -> None:
    assert as_expected(by_the_reference(world_of(name), with_suggestions=True)) == expected_of(name)


@pytest.mark.parametrize("name", case_names())
def test_a_case_is_state_as_an_extract_can_give_it(name: str) -> None:
    for registration in world_of(name).registrations:
        assert registration.dossier_number == normalised(registration.dossier_number_as_reported)
    for delivery in world_of(name).deliveries:
        assert delivery.dossier_number == normalised(delivery.dossier_number)
        assert (delivery.transferred_to is None) == (delivery.transferred_on is None)
