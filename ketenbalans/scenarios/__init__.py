"""Synthetic extracts with a known truth. Every figure that is not published is an assumption, and says so."""
