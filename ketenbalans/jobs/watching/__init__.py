"""Alerts: what the rules look at, what stands, and to whom it is sent."""
