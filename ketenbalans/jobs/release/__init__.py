"""Releases: make, list, show and audit what may be published."""
