"""Breaks listed, shown with their evidence, and decided about."""
