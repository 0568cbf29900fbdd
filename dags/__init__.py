"""When jobs run: wiring and a runbook. No helpers."""
