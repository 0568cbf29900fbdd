"""Measures, series, targets and the published register. Pure."""
