"""Write down everything that is generated: the data dictionary, the contracts, the pages of measures and of Kafka.

``python -m ketenbalans.jobs.pages.generated`` writes them; with ``release`` the contracts become promises first, which
``schemas.contracts.compatibility`` holds every later change against. Tests fail when any of it is not fresh.
"""

import sys
from collections.abc import Sequence

from ketenbalans.jobs.pages.contracts import release, write_contracts, write_pages
from ketenbalans.jobs.pages.kafka_pages import FOLDER as KAFKA
from ketenbalans.jobs.pages.kafka_pages import kafka_pages
from ketenbalans.jobs.pages.measure_pages import FOLDER as MEASURES
from ketenbalans.jobs.pages.measure_pages import measure_pages
from ketenbalans.project import PROJECT_FOLDER
from schemas.contracts.command import COMMAND
from schemas.contracts.dictionary import data_dictionary

DICTIONARY = PROJECT_FOLDER / "docs" / "sources"
MARKDOWN = "*.md"


def write_generated() -> None:
    """Write every page and contract, each file whole, and remove those that nothing declares any more."""
    write_pages(DICTIONARY, data_dictionary(), made=MARKDOWN)
    write_contracts()
    write_pages(MEASURES, measure_pages(), made=MARKDOWN)
    write_pages(KAFKA, kafka_pages(), made="*")


def main(arguments: Sequence[str]) -> None:
    """Write everything; with ``release``, promise the contracts too. Ends with the reason when a promise is broken."""
    if list(arguments) not in ([], ["release"]):
        sys.exit(f"usage: {COMMAND} [release]")
    try:
        if arguments:
            release()
        write_generated()
    except ValueError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
