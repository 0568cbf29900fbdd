"""Coded columns beside the warehouse: what linking reads of the registers, kept as files."""
