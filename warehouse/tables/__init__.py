"""The tables of the warehouse, one module per subject."""
