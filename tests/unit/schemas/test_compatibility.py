"""What was promised is not taken back: every narrowing of every source is found, every widening passes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import sources
from schemas.contracts.compatibility import Contract, IncompatibleContract, changes_between, check_compatible
from schemas.contracts.json_schema import contract_of
from schemas.declaration import Field, Kind, Source
from schemas.vocabulary import Vocabulary
from schemas.wire.events import encode
from tests.contract.contract_laws import schema_holds
from tests.contract.valid_events import frame_of, rows_of

Edit = tuple[str, Source]
"""A change of a declaration, reported in words, and the declaration after it."""

SOURCES = list(sources().values())
ALL = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def vocabulary(words: list[Any]) -> type[Vocabulary]:
    texts = [(f"W{number}", (str(word), str(word), "A word.")) for number, word in enumerate(words)]
    made: Any = Vocabulary  # called to make a vocabulary, not to look one of its words up
    words_made: type[Vocabulary] = made("Words", texts)
    return words_made


def with_field(source: Source, name: str, **changed: Any) -> Source:
    """The source with one field declared otherwise; its mutations stay the words of its mutation."""
    fields = tuple(replace(field, **changed) if field.name == name else field for field in source.fields)
    if source.field(name).words is source.mutations and "words" in changed:
        return replace(source, fields=fields, mutations=changed["words"])
    return replace(source, fields=fields)


def with_added(source: Source, **declared: Any) -> Source:
    return replace(source, fields=(*source.fields, Field(name="came_later", meaning="new", column="nieuw", **declared)))


def is_free(source: Source, field: Field) -> bool:
    """Whether another declaration may do without the field: it is no key, and linking does not need it."""
    names = {source.partition_key, *source.record_key, "mutation", "recorded_at"}
    return field.name not in names and source.party is None


def narrowings(source: Source) -> Iterator[Edit]:
    """Every single way to take back a promise."""
    yield "another topic", replace(source, topic=f"{source.topic}.new")
    others = [field.name for field in source.fields if field.name != source.partition_key and field.kind is Kind.TEXT]
    yield "another key", replace(source, partition_key=others[0])
    yield "another record", replace(source, record_key=(*source.record_key, others[-1]))
    yield "a required field came", with_added(source, required=True)
    yield "a field came that changes ids", with_added(source, required=False)
    for field in source.fields:
        yield from ((f"{field.name}: {answer}", after) for answer, after in narrowings_of(source, field))


def narrowings_of(source: Source, field: Field) -> Iterator[Edit]:
    if is_free(source, field):
        yield "gone", replace(source, fields=tuple(one for one in source.fields if one is not field))
        renamed = tuple(replace(one, name="another_name") if one is field else one for one in source.fields)
        yield "renamed", replace(source, fields=renamed)
    other_kind = Kind.BOOLEAN if field.kind is not Kind.BOOLEAN else Kind.INTEGER
    yield "another type", with_field(source, field.name, kind=other_kind, words=None, pattern=None)
    yield "personal or no longer so", with_field(source, field.name, is_personal=not field.is_personal)
    if field.required:
        yield "may be empty", with_field(source, field.name, required=False)
    else:
        yield "required", with_field(source, field.name, required=True, added_later=False)
    if not field.required and source.mutations is not None:
        mutation = next(word for word in source.mutations if word is not field.required_with)
        yield "required with another", with_field(source, field.name, required_with=mutation, added_later=False)
    if field.text_pattern is not None:
        yield "another pattern", with_field(source, field.name, pattern=r"^[a-c]{2}$")
        yield "a vocabulary", with_field(source, field.name, pattern=None, words=vocabulary(["a", "b"]))
    if field.kind is Kind.INTEGER:
        yield "a higher minimum", with_field(source, field.name, minimum=(field.minimum or 0) + 1)
    if field.kind is Kind.DATE:
        later = next(
            (
                one.name
                for one in source.fields
                if one.kind is Kind.DATE and one.name not in (field.name, field.not_before)
            ),
            None,
        )
        if later is not None:
            yield "not before another", with_field(source, field.name, not_before=later)
    for word in field.words or ():
        yield (
            f"without {word}",
            with_field(source, field.name, words=vocabulary([w for w in field.words or () if w != word])),
        )
    if field.words is not None and field.words is source.mutations:
        yield "turned round", with_field(source, field.name, words=vocabulary(list(reversed(field.words))))


def widenings(source: Source) -> Iterator[Edit]:
    """What may be changed without a version of its own."""
    yield "other prose", replace(source, meaning="told otherwise", golden_cases=("another",))
    for kind in Kind:
        yield f"a {kind.value} came", with_added(source, required=False, added_later=True, kind=kind)
    for field in source.fields:
        yield f"{field.name}: other prose", with_field(source, field.name, meaning="told otherwise", column="anders")
        if field.required_with is not None:
            yield f"{field.name}: with no mutation", with_field(source, field.name, required_with=None)
        if field.not_before is not None:
            yield f"{field.name}: whenever", with_field(source, field.name, not_before=None)
        if field.minimum:
            yield f"{field.name}: a lower minimum", with_field(source, field.name, minimum=field.minimum - 1)
        if field.words is not None:
            yield f"{field.name}: one word more", with_field(source, field.name, words=vocabulary([*field.words, "zz"]))
            yield f"{field.name}: first", with_field(source, field.name, words=vocabulary(["zz", *field.words]))


def held(before: Source, after: Source) -> tuple[dict[str, Contract], dict[str, Contract]]:
    return {before.event_type: contract_of(before)}, {after.event_type: contract_of(after)}


@ALL
def test_what_stays_is_no_change(source: Source) -> None:
    assert changes_between(*held(source, source)) == []


@ALL
def test_every_narrowing_is_found(source: Source) -> None:
    tried = dict(narrowings(source))
    assert len(tried) > 3 * len(source.fields)
    found = {answer: changes_between(*held(source, after)) for answer, after in tried.items()}
    assert [answer for answer, changes in found.items() if not any(change.breaks for change in changes)] == []


@ALL
def test_every_widening_passes(source: Source) -> None:
    for answer, after in widenings(source):
        broken = [change for change in changes_between(*held(source, after)) if change.breaks]
        assert broken == [], answer


@ALL
def test_a_widening_that_a_reader_can_see_is_reported(source: Source) -> None:
    for answer, after in widenings(source):
        changes = changes_between(*held(source, after))
        assert bool(changes) == ("prose" not in answer), answer


ONCE = [(source, after) for source in SOURCES for _, after in (*narrowings(source), *widenings(source))]
"""Every source with every single edit of it."""


@given(st.data(), st.sampled_from(ONCE))
@settings(max_examples=80)
def test_what_was_valid_stays_valid_unless_it_is_said(data: st.DataObject, edit: tuple[Source, Source]) -> None:
    """The law behind the rules: a change that passes shuts out no event that the released contract accepts."""
    before, once = edit
    after = data.draw(st.sampled_from([twice for _, twice in (*narrowings(once), *widenings(once), ("", once))]))
    try:
        check_compatible(*held(before, after))
    except IncompatibleContract:
        return
    (message,) = encode(before, frame_of(before, [data.draw(rows_of(before))]))
    assert schema_holds(contract_of(after), orjson.loads(message.value or b""))


@ALL
@given(data=st.data())
@settings(max_examples=5)
def test_a_field_that_came_later_changes_no_id(source: Source, data: st.DataObject) -> None:
    row = data.draw(rows_of(source))
    after = with_added(source, required=False, added_later=True)
    (sent,) = encode(source, frame_of(source, [row]))
    (again,) = encode(after, frame_of(after, [row | {"came_later": None}]))
    (filled,) = encode(after, frame_of(after, [row | {"came_later": "known now"}]))
    assert again == sent
    assert dict(filled.headers)["ce_id"] != dict(sent.headers)["ce_id"]


def test_the_message_says_what_changed_and_what_to_do() -> None:
    source = sources()["om_registrations"]
    after = with_field(source, "suspect_number", minimum=2)
    after = replace(after, fields=tuple(field for field in after.fields if field.name != "disposal"))
    with pytest.raises(IncompatibleContract) as caught:
        check_compatible(*held(source, after))
    assert str(caught.value).splitlines() == [
        "2 changes break a contract that was released:",
        "  `nl.keten.om.registration.v1`, `suspect_number`: minimum was narrowed, from 1 to 2",
        "  `nl.keten.om.registration.v1`, `disposal`: was removed or renamed",
        "Take the change back, or declare it as the next version of the type (docs/contracts/README.md).",
    ]


def test_a_version_that_was_released_stays() -> None:
    source = sources()["hotline_reports"]
    after = replace(source, event_type="nl.keten.hotline.report.v2")
    with pytest.raises(IncompatibleContract, match="is no longer declared, while its events lie on the topic for good"):
        check_compatible(*held(source, after))


def test_a_type_that_was_never_released_is_free() -> None:
    check_compatible({}, held(*[sources()["hotline_reports"]] * 2)[1])


@pytest.mark.parametrize("keyword", ["x-unheard-of", "maxProperties", "additionalProperties", "not"])
def test_what_is_not_understood_breaks(keyword: str) -> None:
    contract = contract_of(sources()["hotline_reports"])
    field = {**contract["properties"]["theme"], keyword: 1}
    for changed in (contract | {keyword: 1}, contract | {"properties": contract["properties"] | {"theme": field}}):
        for before, after in ((contract, changed), (changed, contract)):
            assert [change.breaks for change in changes_between({"a": before}, {"a": after})] == [True]


@pytest.mark.parametrize("day", ["x-earliest", "x-latest"])
def test_a_span_of_days_widens_and_never_narrows(day: str) -> None:
    contract = contract_of(sources()["hotline_reports"])
    wider = {"x-earliest": "1980-01-01", "x-latest": "2299-12-31"}[day]
    field = contract["properties"]["received_on"] | {day: wider, "pattern": "^other years$"}
    changed = contract | {"properties": contract["properties"] | {"received_on": field}}
    assert [change.breaks for change in changes_between({"a": contract}, {"a": changed})] == [False]
    assert [change.breaks for change in changes_between({"a": changed}, {"a": contract})] == [True]


def test_the_form_of_a_day_is_held_while_its_span_stays() -> None:
    contract = contract_of(sources()["hotline_reports"])
    field = contract["properties"]["received_on"] | {"pattern": "^2014-"}
    changed = contract | {"properties": contract["properties"] | {"received_on": field}}
    assert [change.breaks for change in changes_between({"a": contract}, {"a": changed})] == [True]


@pytest.mark.parametrize("needed", [{"required": True}, {"required": False, "required_with": "joined"}])
def test_a_later_field_is_optional(needed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="came was added later, so it may be empty"):
        Field(name="came", meaning="new", added_later=True, **needed)
