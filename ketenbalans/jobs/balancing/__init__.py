"""Balances made, kept, compared and judged."""
