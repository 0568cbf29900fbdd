"""Figures over time: measures, series, targets, and what was published beside them."""
