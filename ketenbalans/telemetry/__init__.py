"""Lineage and metrics: what other systems hear of a job."""
