"""``python -m ketenbalans``: the command line."""

from ketenbalans.cli.start import run

run()
