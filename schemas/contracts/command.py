"""The command that writes down what is generated; every generated page names it."""

COMMAND = "python -m ketenbalans.jobs.pages.generated"
