"""Frames and balances to pages. Deterministic: the same input gives the same bytes. Counts only, no identifiers."""
