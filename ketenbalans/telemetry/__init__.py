"""Lineage and metrics: what other systems receive of a job."""
