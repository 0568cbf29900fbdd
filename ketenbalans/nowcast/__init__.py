"""How many of a period's deliveries will be known, registered and recognised in the end, asked before the end.

Pure: numbers in, numbers out; no I/O, no clock, no logging (ADR 0059).
"""
