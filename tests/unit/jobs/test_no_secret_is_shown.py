"""No `repr`, no message and no status shows a password, a token or a key: every place that could is walked."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from ketenbalans.jobs.servers.stack_state import stack_state
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from warehouse.database import connect, without_secrets
from warehouse.errors import InvalidWarehouseUrl

PACKAGES = sorted(file.parent.name for file in PROJECT_FOLDER.glob("*/__init__.py") if file.parent.name != "tests")
PROGRAMS = re.compile(r"^(warehouse\.migrations|dags)|__main__$|airflow_plugin$")
"""What is run or loaded by another program, and not imported."""

MAY_HOLD_A_SECRET = re.compile(r"(^|_)(url|uri|dsn|password|passwd|key|token|secret|credential)s?($|_)")

HOLDS_NONE = {
    "ketenbalans.audit.checkpoint.Checkpoint.key_id",  # of a public key
    "ketenbalans.jobs.pages.audit_chain.LastSigned.key_id",  # likewise
    "ketenbalans.broker.dead_letter_records.DeadLetterRecord.key",  # of a message: a record's number
    "ketenbalans.broker.record_fields.Fields.key",
    "schemas.wire.extract_rows.ExtractRows.key",  # which extract: a digest and a check
    "schemas.wire.messages.Message.key",
    "warehouse.dead_letters.KeptLetter.key_bytes",  # how many bytes the key of a message has
    "schemas.wire.written.Written.keys",
    "ketenbalans.columns.linked_state.KeptChain.key",  # what a chain rests on: numbers and digests
    "ketenbalans.columns.coding.CodedSource.record_key",
    "ketenbalans.reports.bridge_lines.BridgeLine.key",  # of a page: the name of a part
    "ketenbalans.reports.document.Table.key",
    "ketenbalans.reports.document.Picture.key",
    "ketenbalans.reports.document.Section.key",
    "ketenbalans.figures.measure.Measure.key",
    "schemas.declaration.Source.partition_key",  # names of columns
    "schemas.declaration.Source.record_key",
    "ketenbalans.scenarios.extract_sets.ExtractSet.other_chain_key",  # names of sources
    "warehouse.extracts.LoadedExtract.chain_key_check",  # published with each extract, and no key
    "warehouse.extracts.ControlRecord.chain_key_check",
    "warehouse.releases.NewRelease.key_check",  # tells one release key from another, and is no key
    "warehouse.releases.StoredRelease.key_check",
    "schemas.release.ReleasedCell.key",  # what a count is of
    "ketenbalans.release.offsets.Offsets.key",  # a release key, which does not show its secret
    "ketenbalans.stack.home.Addresses.warehouse_url",  # of the embedded stack: a socket, without a password
    "ketenbalans.stack.home.Addresses.airflow_url",  # a host and a port
    "ketenbalans.stack.kafka_keys.Login.password_file",  # where it is
}
"""Shown, though the name is that of a secret."""

SECRET = "s3cret"
HANDLES = ("owner", "user", "airflow_user", "kafka_user", "alerts_from", "alerts_to")


def our_classes() -> Iterator[tuple[str, type]]:
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(PROJECT_FOLDER / package)], f"{package}."):
            if not PROGRAMS.search(module.name):
                classes = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
                yield from ((f"{module.name}.{name}", one) for name, one in classes if one.__module__ == module.name)


def test_no_dataclass_shows_a_field_that_may_hold_a_secret() -> None:
    found = {
        f"{name}.{field.name}"
        for name, one in our_classes()
        if is_dataclass(one)
        for field in fields(one)
        if field.repr and MAY_HOLD_A_SECRET.search(field.name)
    }
    assert found == HOLDS_NONE


def test_no_error_is_made_of_a_secret() -> None:
    """An error is printed and logged whole, so what it is given is shown."""
    errors = {name: one for name, one in our_classes() if issubclass(one, Exception)}
    assert len(errors) > 40
    given_one = {
        f"{name}.{parameter}"
        for name, one in errors.items()
        if "__init__" in vars(one)
        for parameter in inspect.signature(one).parameters
        if MAY_HOLD_A_SECRET.search(parameter)
    }
    assert given_one == set()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_no_setting_shows_a_password(name: str) -> None:
    """A setting that takes an address with a password does not show it, and one that shows its address takes none."""
    kinds = str(Settings.model_fields[name].annotation)
    if "int" in kinds or "Path" in kinds or name in HANDLES:
        return  # a number, a file, a handle, an address of mail
    try:
        settings = Settings.model_validate({name: f"https://desk:{SECRET}@server.example/path"})
    except ValidationError as refused:
        assert SECRET not in str(refused)  # noqa: PT017 (only some settings refuse)
        return
    assert isinstance(getattr(settings, name), SecretStr)
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:s3cret@127.0.0.1:9/keten",
        "postgresql+psycopg://127.0.0.1:9/keten?user=desk&password=s3cret",
        "postgresql://desk@127.0.0.1:9/keten?sslpassword=s3cret&sslmode=prefer",
    ],
)
def test_the_status_shows_the_warehouse_without_its_password(url: str, tmp_path: Path) -> None:
    state = stack_state(Settings(home=tmp_path, kafka_bootstrap="127.0.0.1:9", warehouse_url=url), within_seconds=2)
    shown = state["warehouse"]["url"]
    assert shown is not None
    assert "127.0.0.1:9/keten" in shown
    assert SECRET not in str(state)


def made_of(*signs: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(signs), max_size=6).map("".join)


AROUND = made_of("@", "/", ":", "?", "#", "=", "&", "%", "[", "]", " ", "x", "a=", "host=", "\n")


@given(before=AROUND, after=AROUND)
def test_a_password_that_is_not_encoded_is_refused_or_not_shown(before: str, after: str) -> None:
    """Cut at another place it would be shown as a host, a port or a database."""
    url = f"postgresql://desk:{before}{SECRET}{after}@db.example/keten"
    with suppress(InvalidWarehouseUrl):
        assert SECRET not in without_secrets(url)
        engine = connect(url)
        assert SECRET not in f"{engine.url.host} {engine.url.port} {engine.url.database} {engine!r}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:p@s3cret@db.example/keten",
        "postgresql://desk/er:s3cret@db.example/keten",
        "postgresql://desk:s3/cret:s3cret",
        "mysql://desk:s3cret@db.example/keten",
        "s3cret",
    ],
)
def test_an_address_that_is_refused_is_not_quoted(url: str) -> None:
    for use in (connect, without_secrets):
        with pytest.raises(InvalidWarehouseUrl) as refused:
            use(url)
        assert SECRET not in f"{refused.value} {refused.value!r}"
