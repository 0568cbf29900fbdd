"""The contracts on disk: what was promised last, and how what is declared today becomes a promise."""

import json
from pathlib import Path

from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.whole_files import WholeFiles
from schemas.contracts.compatibility import Contracts, check_compatible
from schemas.contracts.json_schema import SUFFIX, contract_files, generated, schema_files

FOLDER = PROJECT_FOLDER / "docs" / "contracts"
RELEASED = FOLDER / "released"


def released(folder: Path = RELEASED) -> Contracts:
    """The contracts as they were promised last, by event type."""
    texts = {file.name.removesuffix(SUFFIX): file.read_text("utf-8") for file in sorted(folder.glob(f"*{SUFFIX}"))}
    return {event_type: json.loads(text) for event_type, text in texts.items()}


def write_contracts(folder: Path = FOLDER) -> None:
    """Write every file, and remove the contracts that no declaration has any more. What was promised stays."""
    write_pages(folder, contract_files(released(folder / RELEASED.name)), made=f"*{SUFFIX}")


def release(folder: Path = FOLDER) -> None:
    """Make the contracts of today the promise that later ones are held against.

    Raises:
        IncompatibleContract: one of them takes back what was promised; nothing is written.
    """
    promised = folder / RELEASED.name
    contracts = generated()
    check_compatible(released(promised), contracts)
    with WholeFiles(promised) as written:
        for name, text in schema_files(contracts).items():
            written.add(name, text.encode())
    write_contracts(folder)


def write_pages(folder: Path, pages: dict[str, str], *, made: str) -> None:
    """Write each page whole, and remove what is no longer one.

    Args:
        folder: where they go.
        pages: the text of each, by the name of its file.
        made: which files of the folder are made, as a pattern; one of them that is no page any more is removed.
    """
    with WholeFiles(folder) as files:
        for name, text in pages.items():
            files.add(name, text.encode())
    for stray in folder.glob(made):
        if stray.name not in pages:
            stray.unlink()
