"""Reports: when they come out, what they hold, and what moved since the last."""
